"""With TICKETBOSS_CHECKPOINTS=litestream the write-ahead log is somebody else's to empty."""

import logging
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.contract.backends import plan, sqlite_path, within, write
from tests.unit.examples import EVENT_ID, create_event, reserve
from ticketboss.repository.sqlite import log_bound
from ticketboss.repository.sqlite.repository import SqliteRepository

COMMITS = 150
# SQLite's own limit: a commit beyond it would begin to empty the log.
LOG_BYTES_MIN = 1_000 * 4_096


def _opened(folder: Path) -> SqliteRepository:
    return SqliteRepository(str(sqlite_path(folder)), checkpoints=False)


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[SqliteRepository]:
    repository = _opened(tmp_path)
    repository.migrate()
    write(repository, create_event(10_000))
    yield repository
    repository.close()


@contextmanager
def _no_more_bytes(file_bytes: int) -> Iterator[None]:
    """No file of this process may become longer than that."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def _last_change(folder: Path) -> int:
    """When anything was moved to the database file; reading it would drop this process's locks."""
    return sqlite_path(folder).stat().st_mtime_ns


def _sell(repository: SqliteRepository) -> None:
    for number in range(COMMITS):
        repository.commit(plan(repository, reserve(1, f"r{number}")), within())


def test_no_commit_moves_anything_out_of_the_log(
    repository: SqliteRepository, tmp_path: Path
) -> None:
    before = _last_change(tmp_path)
    _sell(repository)
    assert repository.log_bytes() > LOG_BYTES_MIN
    assert _last_change(tmp_path) == before


def test_nobody_who_opens_the_database_does(repository: SqliteRepository, tmp_path: Path) -> None:
    _sell(repository)
    before = _last_change(tmp_path), repository.log_bytes()
    other = _opened(tmp_path)
    assert other.versions({EVENT_ID}) == {EVENT_ID: COMMITS}
    assert _last_change(tmp_path) == before[0]
    # What it has seen it has synced, by a commit that changes nothing.
    assert other.log_bytes() > before[1]
    other.close()


def test_who_opens_it_on_a_full_disk_reads_and_keeps_nobody_from_writing(
    repository: SqliteRepository, tmp_path: Path
) -> None:
    _sell(repository)
    other = _opened(tmp_path)
    with _no_more_bytes(repository.log_bytes()):
        assert other.versions({EVENT_ID}) == {EVENT_ID: COMMITS}
    repository.commit(plan(repository, reserve(1, "after")), within())
    assert other.versions({EVENT_ID}) == {EVENT_ID: COMMITS + 1}
    other.close()


def test_a_log_that_nobody_empties_is_told_of(
    repository: SqliteRepository, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    _sell(repository)
    monkeypatch.setattr(log_bound, "WAL_BYTES_KEPT_MAX", repository.log_bytes() - 1)
    with caplog.at_level(logging.WARNING, log_bound.__name__):
        repository.tidy()
        repository.tidy()
    [said] = caplog.messages
    assert "is left to Litestream by TICKETBOSS_CHECKPOINTS: does that run?" in said
