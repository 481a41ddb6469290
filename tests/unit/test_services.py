"""The parts of one process, as they are put together from its settings."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.database import new_database
from tests.exposition import Exposition
from tests.server import PROJECT
from tests.unit.examples import create_event, reserve
from ticketboss.config import BadSettings, Settings, load_settings
from ticketboss.engine.meter import NO_METER, Meter
from ticketboss.metrics import Metrics
from ticketboss.services import Services, open_services

Open = Callable[..., Services]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The default settings, over a database that is not there yet."""
    monkeypatch.setenv("TICKETBOSS_ENV_FILE", "")
    monkeypatch.setenv("DATABASE_URL", new_database(tmp_path).url)
    return load_settings()


@pytest.fixture
def open_parts(settings: Settings) -> Iterator[Open]:
    """Opens the parts with some settings changed, on a database that is ready."""
    opened: list[Services] = []

    def open_with(meter: Meter = NO_METER, **changed: Any) -> Services:
        parts = open_services(replace(settings, **changed), meter)
        parts.repository.migrate()
        opened.append(parts)
        return parts

    yield open_with
    for parts in opened:
        parts.repository.close()


def test_what_the_engine_and_the_storage_tell_arrives_in_the_metrics(open_parts: Open) -> None:
    counts = Metrics(None)
    parts = open_parts(counts)
    parts.committer.submit(create_event())
    parts.committer.submit(reserve())
    scrape = Exposition(counts.exposition([]).decode())
    assert scrape.value("commands_total", command="reserve", outcome="accepted") == 1
    assert scrape.value("commit_seconds_count") == 2
    # The migration came before it and waited for the lock, too.
    assert scrape.value("lock_wait_seconds_count") >= 2


@pytest.mark.parametrize("name", ["missing", "file"])
def test_metrics_need_a_folder_that_is_there(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path / name))
    with pytest.raises(BadSettings) as bad:
        load_settings()
    assert set(bad.value.problems) == {"PROMETHEUS_MULTIPROC_DIR"}


def test_without_a_folder_a_process_counts_for_itself(open_parts: Open, tmp_path: Path) -> None:
    counts = Metrics(None)
    open_parts(counts, prometheus_multiproc_dir="")
    counts.conflict()
    assert Exposition(counts.exposition([]).decode()).value("conflicts_total") == 1
    assert not list(tmp_path.glob("*.db.*"))
    assert not list(tmp_path.glob("slot-*"))


def test_operator_commands_wait_for_no_metrics_to_be_imported() -> None:
    check = "import sys, ticketboss.cli; sys.exit('prometheus_client' in sys.modules)"
    subprocess.run([sys.executable, "-c", check], cwd=PROJECT, check=True)
