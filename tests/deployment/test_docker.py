"""The Dockerfile and the compose file, as far as they can be tried without a container engine."""

import fnmatch
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from tests.concurrency.clients import Client
from tests.deployment.images import FOLDER, stages
from tests.server import PROJECT, Server
from tests.test_dependencies import LOCKED_INSTALL

STAGES = stages()
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
INSTALL = re.compile(r"-m pip install (.*?)(?= && |$)")
PYTHON = ".venv/bin/python"
GRACEFUL_STOP = re.compile(r"TimeoutStopSec=(\d+)")


class InImage(Server):
    """A server that has only what the image has of the project, and runs what it runs."""

    def __init__(self, folder: Path, project: Path) -> None:
        STAGES["app"].copy_to(project)
        ours = STAGES["app"].environment()
        # Where it may write is its own; all else is as in a container.
        assert ours.pop("DATABASE_URL").startswith("sqlite:////var/lib/ticketboss/")
        assert ours.pop("HOST") == "0.0.0.0"
        del ours["PORT"]
        super().__init__(folder, **ours)
        self.project = project

    def command_line(self) -> list[str]:
        words = STAGES["app"].command()
        assert words[0] == PYTHON
        return [sys.executable, *words[1:]]

    def is_healthy(self) -> bool:
        """What its health check says."""
        words = STAGES["app"].health_command()
        assert words[0] == PYTHON
        done = subprocess.run(
            [sys.executable, *words[1:]], env=self.environment, capture_output=True, timeout=60
        )
        return done.returncode == 0


@pytest.fixture
def container(tmp_path: Path) -> InImage:
    (tmp_path / "data").mkdir()
    (tmp_path / "project").mkdir()
    return InImage(tmp_path / "data", tmp_path / "project")


def test_what_the_image_has_of_the_project_is_enough_to_serve(container: InImage) -> None:
    with container:
        with Client(container.url) as client:
            assert client.get("/reservations").json()["code"] == "key_required"
            assert client.get("/console/sign-in").status_code == 200
        assert container.stop() == 0


def test_health_check_tells_a_server_that_serves_from_one_that_is_gone(container: InImage) -> None:
    with container:
        assert container.is_healthy()
        container.stop()
        assert not container.is_healthy()


@pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES.keys())
def test_every_file_that_is_copied_exists_and_is_not_ignored(stage: Any) -> None:
    lines = (FOLDER / "Dockerfile.dockerignore").read_text().splitlines()
    let_in = [line[1:] for line in lines if line.startswith("!")]
    assert "*" in lines
    for source in stage.copied():
        assert (PROJECT / source).exists(), source
        assert any(fnmatch.fnmatch(source, pattern) for pattern in let_in), source


def test_all_that_is_installed_is_locked_with_hashes() -> None:
    runs = [run for stage in STAGES.values() for run in stage.all("RUN")]
    installs = [found for run in runs for found in INSTALL.findall(run)]
    assert len(installs) == 2
    for arguments in installs:
        assert LOCKED_INSTALL.fullmatch(arguments.strip()), arguments


@pytest.mark.parametrize("name", ["app", "litestream"])
def test_no_container_of_ours_runs_as_root_or_writes_its_root(name: str) -> None:
    assert STAGES[name].one("USER") == "10001"
    assert SERVICES[name]["read_only"] is True
    assert SERVICES[name]["cap_drop"] == ["ALL"]
    assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]
    assert SERVICES[name]["build"]["target"] == name
    assert "data:/var/lib/ticketboss" in SERVICES[name]["volumes"]


def test_a_container_is_given_as_long_to_stop_as_the_service_of_systemd() -> None:
    unit = (PROJECT / "deploy/systemd/ticketboss.service").read_text()
    (seconds,) = GRACEFUL_STOP.findall(unit)
    assert SERVICES["app"]["stop_grace_period"] == f"{seconds}s"
    assert STAGES["app"].one("STOPSIGNAL") == "SIGTERM"


def test_every_way_to_run_it_asks_for_keys() -> None:
    assert STAGES["app"].environment()["TICKETBOSS_AUTH"] == "keys"
    assert SERVICES["app"]["environment"]["TICKETBOSS_AUTH"] == "keys"
    # On the loopback that nginx has as well, so that nothing but nginx reaches it from outside.
    assert SERVICES["app"]["network_mode"] == SERVICES["nginx"]["network_mode"] == "host"
    assert SERVICES["app"]["environment"]["HOST"] == "127.0.0.1"
    assert "server 127.0.0.1:3000;" in (PROJECT / "deploy/nginx/ticketboss.conf").read_text()


def test_compose_file_names_what_there_is() -> None:
    for service in SERVICES.values():
        if "build" in service:
            assert (FOLDER / service["build"]["context"]).resolve() == PROJECT
            assert (PROJECT / service["build"]["dockerfile"]).exists()
            assert service["build"]["target"] in STAGES
        for volume in service["volumes"]:
            source = volume.partition(":")[0]
            if source.startswith("../"):
                assert (FOLDER / source).is_file(), source
            elif not source.startswith(("./", "/dev/")):
                assert source in COMPOSE["volumes"]
    assert "/dev/null:/etc/nginx/conf.d/default.conf:ro" in SERVICES["nginx"]["volumes"]
    # The operator's own, which the page tells to make.
    page = (PROJECT / "docs/deployment.md").read_text()
    for folder in ("deploy/docker/certificates", "deploy/docker/settings"):
        assert folder in page


def test_litestream_has_what_its_file_asks_for() -> None:
    gaps = set(re.findall(r"\$\{(\w+)\}", (PROJECT / "deploy/litestream.yml").read_text()))
    assert gaps <= set(SERVICES["litestream"]["environment"])
