"""The write-ahead log stays bounded, also where one snapshot follows another without a gap."""

import fcntl
import logging
import os
import resource
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.contract.backends import plan, sqlite_path, within, write
from tests.unit.examples import EVENT_ID, create_event, reserve
from ticketboss.repository.sqlite import log_bound
from ticketboss.repository.sqlite.driver import Driver
from ticketboss.repository.sqlite.repository import SqliteRepository

LOG_BYTES_MAX = 256 * 1024
# Each snapshot lasts twice as long, as two take turns.
SNAPSHOT_SECONDS = 0.2
COMMITS = 60


def _hold_snapshots(driver: Driver, path: Path, over: threading.Event) -> None:
    """Two that take turns, so that there is always one."""
    pair = [
        driver.module.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
        for _ in range(2)
    ]
    for connection in pair:
        connection.execute("BEGIN")
    while not over.is_set():
        for connection in pair:
            connection.execute("SELECT version FROM events").fetchall()
            time.sleep(SNAPSHOT_SECONDS)
            connection.execute("COMMIT")
            connection.execute("BEGIN")
            connection.execute("SELECT version FROM events").fetchall()
    for connection in pair:
        connection.close()


@contextmanager
def _no_more_files(but: int) -> Iterator[None]:
    """What is open stays open; so many more files can be open at a time, and no others."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.open("/", os.O_RDONLY)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + but, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.fixture
def short_log(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SqliteRepository]:
    """One with a short log, which is tidied after each commit."""
    monkeypatch.setattr(log_bound, "WAL_BYTES_KEPT_MAX", LOG_BYTES_MAX)
    monkeypatch.setattr(log_bound, "LOG_RESTART_PAUSE_SECONDS", 0.0)
    repository = SqliteRepository(str(sqlite_path(tmp_path)), driver)
    repository.migrate()
    write(repository, create_event(10_000))
    yield repository
    repository.close()


def _sizes(repository: SqliteRepository, path: Path, commits: int) -> list[int]:
    """How long the log was after each of so many commits, in bytes."""
    sizes = []
    for number in range(commits):
        repository.commit(plan(repository, reserve(1, f"r{number}")), within())
        repository.tidy()
        sizes.append(path.with_name(path.name + "-wal").stat().st_size)
    return sizes


def test_log_is_begun_anew_though_somebody_always_reads(
    short_log: SqliteRepository, driver: Driver, tmp_path: Path
) -> None:
    if not driver.wal_safe:
        return
    path = sqlite_path(tmp_path)
    over = threading.Event()
    reader = threading.Thread(target=_hold_snapshots, args=(driver, path, over))
    reader.start()
    try:
        sizes = _sizes(short_log, path, COMMITS)
    finally:
        over.set()
        reader.join()
    assert LOG_BYTES_MAX < max(sizes) < 2 * LOG_BYTES_MAX


def test_log_that_is_begun_anew_is_cut_to_the_limit(
    short_log: SqliteRepository, driver: Driver
) -> None:
    if not driver.wal_safe:
        return
    for number in range(COMMITS):
        write(short_log, reserve(1, f"long{number}"))
    assert short_log.log_bytes() > 2 * LOG_BYTES_MAX
    short_log.tidy()
    write(short_log, reserve(1, "the first in it"))
    assert short_log.log_bytes() == LOG_BYTES_MAX


def test_one_process_tries_at_a_time(
    short_log: SqliteRepository, driver: Driver, tmp_path: Path
) -> None:
    if not driver.wal_safe:
        return
    for number in range(COMMITS):
        write(short_log, reserve(1, f"long{number}"))
    # Another opening of it counts as another process.
    folder = os.open(sqlite_path(tmp_path).parent, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    short_log.tidy()
    write(short_log, reserve(1, "while another one tries"))
    assert short_log.log_bytes() > 2 * LOG_BYTES_MAX
    os.close(folder)
    short_log.tidy()
    write(short_log, reserve(1, "the first in it"))
    assert short_log.log_bytes() == LOG_BYTES_MAX


@pytest.mark.parametrize(
    ("files", "why"), [(0, "[Errno 24] Too many open files"), (1, "unable to open database file.")]
)
def test_log_that_cannot_be_begun_anew_costs_nothing_but_room(
    short_log: SqliteRepository,
    driver: Driver,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    files: int,
    why: str,
) -> None:
    if not driver.wal_safe:
        return
    path = sqlite_path(tmp_path)
    other = driver.module.connect(path, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT version FROM events").fetchall()
    with _no_more_files(but=files), caplog.at_level(logging.WARNING, log_bound.__name__):
        sizes = _sizes(short_log, path, COMMITS)
    other.close()
    assert max(sizes) > 2 * LOG_BYTES_MAX
    assert f"could not be begun anew: {why}" in caplog.text
    assert short_log.versions({EVENT_ID}) == {EVENT_ID: COMMITS}


def test_who_begins_the_log_anew_syncs_as_all_do(tmp_path: Path, driver: Driver) -> None:
    with closing(SqliteRepository(str(sqlite_path(tmp_path)), driver)) as repository:
        repository.migrate()
        with closing(repository._log_bound._connect()) as connection:
            # 2 is FULL.
            assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
