"""The units of deploy/systemd: what they run works, what they forbid is not needed."""

import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
import requests

import gunicorn_reload
from gunicorn_sockets import PORT_WAIT_SECONDS_MAX, WORKER_CONNECTIONS_MAX
from tests.concurrency.clients import Client
from tests.concurrency.watching import wait_until
from tests.deployment.partners import new_key
from tests.deployment.units import PYTHON, UNITS, Service, Unit
from tests.faults.programs import lacking
from tests.server import PROJECT
from tests.test_docs import gunicorn_constants
from ticketboss.repository.sqlite.repository import MIGRATION_WAIT_SECONDS_MAX

NAMES = sorted(path.name for path in UNITS.glob("*.service"))
PAGE = (PROJECT / "docs/deployment.md").read_text()
EXPOSURE = re.compile(r"Overall exposure level for ([\w.-]+): (\d+\.\d)")
EXPOSURE_ROW = re.compile(r"^\| `([\w.-]+\.service)` \| (\d+\.\d) \|", re.MULTILINE)
REQUEST_SECONDS_MAX = 30.0
# The kernel's table of calls, as strace's summary ends each line with their names.
CALL = re.compile(r"^\s*(\w+)$", re.MULTILINE)
# SQLite gives its files to the database's owner, when root runs it.
OF_ROOT_ALONE = {"fchown"}
LITESTREAM = "/srv/ticketboss/.venv/bin/litestream"

service = Unit("ticketboss.service")


@pytest.mark.parametrize("name", NAMES)
def test_exposure_is_what_the_page_states(name: str) -> None:
    done = _analyze("security", "--offline=true", str(UNITS / name))
    (found,) = EXPOSURE.findall(done.stdout)
    assert found[0] == name
    stated = {unit: float(figure) for unit, figure in EXPOSURE_ROW.findall(PAGE)}
    assert sorted(stated) == NAMES
    # Newer versions of systemd know more to ask for.
    assert float(found[1]) <= stated[name]


@pytest.mark.parametrize("name", NAMES)
def test_systemd_understands_every_line(name: str, tmp_path: Path) -> None:
    text = (UNITS / name).read_text()
    for program in (PYTHON, LITESTREAM):
        text = text.replace(program, "/bin/true")
    (tmp_path / name).write_text(text)
    done = _analyze("verify", str(tmp_path / name))
    assert done.stdout + done.stderr == ""


def test_service_starts_says_so_reloads_and_stops_as_the_unit_says(tmp_path: Path) -> None:
    with Service(tmp_path, "TICKETBOSS_DEFAULT_EVENT_SEATS=70\n") as running:
        assert running.wait_for_notice().startswith("READY=1")
        before = set(running.worker_pids())
        running.settings_file.write_text("TICKETBOSS_DEFAULT_EVENT=autumn-2026\n")
        assert running.reload() == [0, 0]
        wait_until(lambda: not before & set(running.worker_pids()), "the old workers stayed")
        shown = running.operate("events", "show", "autumn-2026")
        assert shown["totalSeats"] == 500

        running.signal(getattr(signal, running.unit.one("KillSignal")))
        assert running.wait_for_exit() == 0


def test_code_that_cannot_be_imported_never_reaches_the_workers(tmp_path: Path) -> None:
    with Service(tmp_path, "") as running:
        running.wait_until_ready()
        before = set(running.worker_pids())
        running.environment["PYTHONPATH"] = str(_broken_flask(tmp_path))
        assert running.reload() == [1]
        assert set(running.worker_pids()) == before


def test_service_asks_for_keys_whatever_its_settings_file_says(tmp_path: Path) -> None:
    with Service(tmp_path, "TICKETBOSS_AUTH=open\n") as running:
        answer = requests.get(f"{running.url}/reservations", timeout=REQUEST_SECONDS_MAX)
    assert answer.status_code == 401


def test_time_to_stop_is_enough_for_a_reload_that_is_under_way() -> None:
    graceful_seconds = gunicorn_constants()["graceful_timeout"]
    needed = gunicorn_reload.BOOT_SECONDS_MAX + 2 * graceful_seconds
    assert int(service.one("TimeoutStopSec")) > needed
    assert service.one("KillMode") == "mixed"


def test_time_to_start_is_enough_for_all_that_a_start_waits_for() -> None:
    needed = 2 * MIGRATION_WAIT_SECONDS_MAX + PORT_WAIT_SECONDS_MAX
    assert int(service.one("TimeoutStartSec")) > needed


def test_open_files_are_enough_for_all_connections_of_a_worker() -> None:
    assert int(service.one("LimitNOFILE")) > 2 * WORKER_CONNECTIONS_MAX


def test_replica_begins_before_the_server_and_ends_behind_it() -> None:
    replica = Unit("ticketboss-litestream.service")
    assert service.path.name in replica.one("Before").split()
    assert replica.environment()["DATABASE_URL"] == service.environment()["DATABASE_URL"]
    assert replica.environment()["DATABASE_FILE"] in service.environment()["DATABASE_URL"]
    gaps = set(re.findall(r"\$\{(\w+)\}", (PROJECT / "deploy/litestream.yml").read_text()))
    assert gaps <= set(replica.environment())
    for command in (replica.all("ExecStartPre")[-1], replica.one("ExecStart")):
        assert command.startswith(LITESTREAM)
        assert "deploy/litestream.yml" in command


def test_service_makes_no_system_call_that_its_unit_forbids(tmp_path: Path) -> None:
    assert shutil.which("strace"), lacking("strace")
    traced = Traced(tmp_path, "")
    with traced:
        key = new_key(traced, "abc-corp")
        with Client(traced.url, api_key=key) as client:
            assert client.reserve(1).status_code == 201
            for path in ("/reservations", "/metrics", "/console/"):
                client.get(path)
        traced.stop()
        wait_until(lambda: "total" in traced.calls.read_text(), "strace has not summed up")
    calls = set(CALL.findall(traced.calls.read_text())) - {"syscall", "total"}
    assert {"accept4", "fsync", "pwrite64"} <= calls
    assert calls - _allowed() <= OF_ROOT_ALONE


class Traced(Service):
    """The same under strace, which writes down the system calls of all its processes."""

    @property
    def calls(self) -> Path:
        """Where it writes them."""
        return self.folder / "calls"

    def command_line(self) -> list[str]:
        # Of strace beside it and not above it, so that signals go to the master.
        options = ["-D", "-f", "-c", "-U", "name", "-o", str(self.calls)]
        return ["strace", *options, *super().command_line()]


def _allowed() -> set[str]:
    """The system calls that SystemCallFilter= leaves, as systemd has them in its sets."""
    wanted, unwanted = service.all("SystemCallFilter")
    assert unwanted.startswith("~")
    allowed = {call for name in wanted.split() for call in _calls_of(name)}
    return allowed - {call for name in unwanted[1:].split() for call in _calls_of(name)}


def _calls_of(name: str) -> set[str]:
    if not name.startswith("@"):
        return {name}
    lines = _analyze("syscall-filter", name).stdout.splitlines()[1:]
    names = [line.strip() for line in lines if line.strip() and "#" not in line]
    return {call for each in names for call in _calls_of(each)}


def _broken_flask(folder: Path) -> Path:
    """A folder that has another flask, which cannot be imported."""
    (folder / "broken").mkdir()
    (folder / "broken/flask.py").write_text("raise ImportError('half of an upgrade')\n")
    return folder / "broken"


def _analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    assert program, "This needs systemd-analyze, which is not installed: apt install systemd"
    return subprocess.run(
        [program, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
