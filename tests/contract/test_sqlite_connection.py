"""What only SQLite has: pragmas, the journal, and a small pool of connections."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.backends import plan, sqlite_path, within, write
from tests.unit.examples import EVENT_ID, create_event, reserve
from ticketboss.repository.interface import LockTimeout, StorageUnavailable
from ticketboss.repository.sqlite import connection as connection_module
from ticketboss.repository.sqlite import repository as repository_module
from ticketboss.repository.sqlite.connection import CONNECTIONS_MAX, Connections
from ticketboss.repository.sqlite.driver import Driver
from ticketboss.repository.sqlite.log_bound import WAL_BYTES_KEPT_MAX
from ticketboss.repository.sqlite.repository import SqliteRepository

WAIT_SECONDS = 0.2


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return sqlite_path(tmp_path)


@pytest.fixture
def repository(driver: Driver, path: Path) -> Iterator[SqliteRepository]:
    repository = SqliteRepository(str(path), driver)
    repository.migrate()
    write(repository, create_event(500))
    yield repository
    repository.close()


@pytest.fixture
def connections(repository: SqliteRepository, driver: Driver, path: Path) -> Iterator[Connections]:
    """A pool of its own on the repository's file."""
    connections = Connections(path, driver)
    yield connections
    connections.close()


@pytest.fixture
def bystander(
    repository: SqliteRepository, driver: Driver, path: Path
) -> Iterator[sqlite3.Connection]:
    """A connection past the repository, as another process would have it."""
    connection: sqlite3.Connection = driver.module.connect(path, isolation_level=None, timeout=0)
    yield connection
    connection.close()


def _pragma(connection: sqlite3.Connection, name: str) -> object:
    rows = connection.execute(f"PRAGMA {name}").fetchall()
    return rows[0][0] if rows else None


def _check_pragmas(connection: sqlite3.Connection, driver: Driver) -> None:
    assert _pragma(connection, "synchronous") == 2, "FULL"
    assert _pragma(connection, "foreign_keys") == 1
    assert _pragma(connection, "journal_mode") == ("wal" if driver.wal_safe else "truncate")
    assert _pragma(connection, "busy_timeout") == 0, "we wait ourselves"
    assert _pragma(connection, "mmap_size") in (0, None)
    assert _pragma(connection, "journal_size_limit") == WAL_BYTES_KEPT_MAX


def test_every_connection_is_durable_strict_and_without_memory_mapping(
    connections: Connections, driver: Driver
) -> None:
    with connections.writing(within()) as writer, connections.reading() as reader:
        assert reader is not writer
        _check_pragmas(reader, driver)
        _check_pragmas(writer, driver)


def test_an_orphan_is_refused(connections: Connections, driver: Driver) -> None:
    with (
        pytest.raises(driver.module.IntegrityError, match=r"(?i)foreign key"),
        connections.writing(within()) as connection,
    ):
        connection.execute("INSERT INTO partner_seats VALUES ('nowhere', 'abc-corp', 1, 0)")


def test_a_reader_sees_one_state_from_its_start(
    connections: Connections, repository: SqliteRepository, driver: Driver
) -> None:
    with connections.reading() as reader:
        if driver.wal_safe:
            write(repository, reserve(1))
        else:
            # A rollback journal keeps readers right by keeping the writer out of the file.
            with pytest.raises(LockTimeout):
                repository.commit(plan(repository, reserve(1)), within(WAIT_SECONDS))
        version = reader.execute("SELECT version FROM events").fetchall()
        assert version == [(0,)]
    assert len(repository.ledger(EVENT_ID, 0, 10)) == (1 if driver.wal_safe else 0)


def test_a_writer_that_readers_kept_out_can_try_again(
    connections: Connections, repository: SqliteRepository, driver: Driver
) -> None:
    changes = plan(repository, reserve(1))
    with connections.reading(), contextlib.suppress(LockTimeout):
        repository.commit(changes, within(WAIT_SECONDS))
    if not driver.wal_safe:
        repository.commit(changes, within())
    assert len(repository.ledger(EVENT_ID, 0, 10)) == 1


def test_a_connection_is_used_again_after_success_and_thrown_away_after_a_failure(
    connections: Connections, driver: Driver
) -> None:
    with connections.reading() as first:
        pass
    with connections.writing(within()) as second:
        assert second is first
    with pytest.raises(KeyError), connections.writing(within()):
        raise KeyError("a bug")
    with pytest.raises(driver.module.ProgrammingError):
        first.execute("SELECT 1")
    with connections.reading() as third:
        assert third is not first


def test_one_connection_keeps_the_log_whatever_becomes_of_the_others(
    connections: Connections, repository: SqliteRepository, driver: Driver, path: Path
) -> None:
    repository.close()
    with pytest.raises(KeyError), connections.writing(within()):
        raise KeyError("a bug")
    log = path.with_name(f"{path.name}-wal")
    assert log.exists() is driver.wal_safe
    connections.close()
    assert not log.exists()


@pytest.fixture
def replaced(
    connections: Connections, repository: SqliteRepository, driver: Driver, path: Path
) -> None:
    """Another file comes into the place of that which all have open, as a restore does it."""
    with connections.reading():
        pass
    other = SqliteRepository(str(path.with_name("other")), driver)
    other.migrate()
    write(other, create_event(500))
    other.close()
    for file in path.parent.glob(f"{path.name}-*"):
        file.unlink()
    path.with_name("other").replace(path)


@pytest.mark.usefixtures("replaced")
def test_what_is_written_is_in_the_file_that_is_in_its_place(
    repository: SqliteRepository, driver: Driver, path: Path
) -> None:
    write(repository, reserve(1, "r1"))
    newcomer = SqliteRepository(str(path), driver)
    assert newcomer.reservation(EVENT_ID, "r1")
    newcomer.close()


@pytest.mark.usefixtures("replaced")
def test_the_log_that_is_kept_is_that_of_the_file_in_its_place(
    connections: Connections, repository: SqliteRepository, driver: Driver, path: Path
) -> None:
    with pytest.raises(KeyError), connections.writing(within()):
        raise KeyError("a bug")
    write(repository, reserve(1, "r1"))
    repository.close()
    assert path.with_name(f"{path.name}-wal").exists() is driver.wal_safe


def test_no_more_connections_are_opened_than_the_limit(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "READ_WAIT_SECONDS_MAX", WAIT_SECONDS)
    with contextlib.ExitStack() as stack:
        lent = [stack.enter_context(connections.reading()) for _ in range(CONNECTIONS_MAX)]
        assert len(set(map(id, lent))) == CONNECTIONS_MAX
        with pytest.raises(LockTimeout), connections.writing(within(WAIT_SECONDS)):
            pytest.fail("one connection too many")
        # A read has no lock to wait for: running out of time means that it cannot be served.
        with pytest.raises(StorageUnavailable):
            stack.enter_context(connections.reading())
    with connections.reading():
        pass


def test_a_read_that_stays_locked_out_says_that_the_storage_is_unavailable(
    driver: Driver, path: Path, bystander: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "READ_WAIT_SECONDS_MAX", WAIT_SECONDS)
    newcomer = SqliteRepository(str(path), driver)
    bystander.execute("BEGIN EXCLUSIVE")
    if driver.wal_safe:
        assert newcomer.event(EVENT_ID)
    else:
        with pytest.raises(StorageUnavailable):
            newcomer.event(EVENT_ID)
        with pytest.raises(StorageUnavailable):
            newcomer.check()
    bystander.execute("ROLLBACK")
    assert newcomer.event(EVENT_ID)
    newcomer.close()


def test_a_migration_that_stays_locked_out_says_that_the_storage_is_unavailable(
    repository: SqliteRepository, bystander: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository_module, "MIGRATION_WAIT_SECONDS_MAX", WAIT_SECONDS)
    bystander.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageUnavailable):
        repository.migrate()


def test_a_new_connection_does_not_wait_longer_than_the_writer_may(
    driver: Driver, path: Path, bystander: sqlite3.Connection
) -> None:
    newcomer = Connections(path, driver)
    bystander.execute("BEGIN EXCLUSIVE")
    begun = within(0)
    with pytest.raises(LockTimeout), newcomer.writing(within(WAIT_SECONDS)):
        pytest.fail("the lock was given twice")
    assert within(0) - begun < connection_module.READ_WAIT_SECONDS_MAX / 2
    newcomer.close()


def test_a_snapshot_keeps_the_deadline_of_its_command(
    driver: Driver, path: Path, bystander: sqlite3.Connection
) -> None:
    repository = SqliteRepository(str(path), driver)
    repository.migrate()
    bystander.execute("BEGIN EXCLUSIVE")
    begun = within(0)
    if driver.wal_safe:
        repository.snapshot("drop", [], begun + WAIT_SECONDS)
    else:
        with pytest.raises(LockTimeout):
            repository.snapshot("drop", [], begun + WAIT_SECONDS)
    assert within(0) - begun < connection_module.READ_WAIT_SECONDS_MAX / 2
    repository.close()
