"""The write-ahead log stays bounded, also where one snapshot follows another without a gap."""

import threading
import time
from pathlib import Path

import pytest

from tests.contract.backends import plan, sqlite_path, within, write
from tests.unit.examples import create_event, reserve
from ticketboss.repository.sqlite import connection as connection_module
from ticketboss.repository.sqlite.driver import Driver
from ticketboss.repository.sqlite.repository import SqliteRepository

LOG_BYTES_MAX = 256 * 1024
SNAPSHOT_SECONDS = 0.05
COMMITS = 400


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


def test_log_is_begun_anew_though_somebody_always_reads(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not driver.wal_safe:
        return
    monkeypatch.setattr(connection_module, "WAL_BYTES_KEPT_MAX", LOG_BYTES_MAX)
    monkeypatch.setattr(connection_module, "LOG_RESTART_PAUSE_SECONDS", 0.0)
    path = sqlite_path(tmp_path)
    repository = SqliteRepository(str(path), driver)
    repository.migrate()
    write(repository, create_event(10_000))
    over = threading.Event()
    reader = threading.Thread(target=_hold_snapshots, args=(driver, path, over))
    reader.start()
    try:
        sizes = []
        for number in range(COMMITS):
            repository.commit(plan(repository, reserve(1, f"r{number}")), within())
            sizes.append(path.with_name(path.name + "-wal").stat().st_size)
    finally:
        over.set()
        reader.join()
        repository.close()
    assert LOG_BYTES_MAX < max(sizes) < 2 * LOG_BYTES_MAX
