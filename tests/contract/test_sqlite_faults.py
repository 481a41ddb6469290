"""Errors of the storage itself, put into the driver: what they become, and what stays written."""

import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from tests.contract.backends import plan, sqlite_path, within, write
from tests.contract.partners import add_key
from tests.unit.examples import EVENT_ID, create_event, reserve
from ticketboss.repository.interface import (
    Conflict,
    OutcomeUnknown,
    StorageUnavailable,
    Transaction,
)
from ticketboss.repository.sqlite.driver import Driver
from ticketboss.repository.sqlite.repository import SqliteRepository

Run = Callable[[], sqlite3.Cursor]


class Fault:
    """What happens to one statement, once it is armed."""

    def __init__(self) -> None:
        self.statement: str | None = None
        self.action: Callable[[Run], sqlite3.Cursor] = lambda run: run()

    def arm(self, statement: str, action: Callable[[Run], sqlite3.Cursor]) -> None:
        self.statement, self.action = statement, action

    def execute(self, statement: str, run: Run) -> sqlite3.Cursor:
        if self.statement is None or not statement.lstrip().startswith(self.statement):
            return run()
        self.statement = None
        return self.action(run)


@pytest.fixture
def fault() -> Fault:
    return Fault()


@pytest.fixture
def repository(driver: Driver, fault: Fault, tmp_path: Path) -> Iterator[SqliteRepository]:
    """A repository whose connections can be made to fail."""
    base: type[sqlite3.Connection] = driver.module.Connection

    def guarded(run: Callable[..., sqlite3.Cursor]) -> Callable[..., sqlite3.Cursor]:
        def execute(self: sqlite3.Connection, statement: str, *rest: object) -> sqlite3.Cursor:
            return fault.execute(statement, partial(run, self, statement, *rest))

        return execute

    methods = {name: guarded(getattr(base, name)) for name in ("execute", "executemany")}
    module = ModuleType("failing")
    vars(module).update(vars(driver.module))
    failing = type("FailingConnection", (base,), methods)
    module.connect = partial(driver.module.connect, factory=failing)  # type: ignore[attr-defined]
    repository = SqliteRepository(str(sqlite_path(tmp_path)), Driver(module, driver.wal_safe))
    repository.migrate()
    write(repository, create_event(500))
    yield repository
    repository.close()


def test_a_commit_that_failed_on_the_disk_is_unknown_and_can_be_settled_by_writing(
    repository: SqliteRepository, fault: Fault, driver: Driver
) -> None:
    def fail(_: Run) -> sqlite3.Cursor:
        raise driver.module.OperationalError("disk I/O error")

    changes = plan(repository, reserve(1, "r1"))
    fault.arm("COMMIT", fail)
    with pytest.raises(OutcomeUnknown, match="disk I/O error"):
        repository.commit(changes, within())
    assert repository.ledger(EVENT_ID, 0, 10) == []
    repository.commit(changes, within())
    assert repository.ledger(EVENT_ID, 0, 10) == list(changes.entries)


def test_a_commit_that_found_no_room_has_written_nothing(
    repository: SqliteRepository, fault: Fault, driver: Driver
) -> None:
    def find_no_room(_: Run) -> sqlite3.Cursor:
        error = driver.module.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    changes = plan(repository, reserve(1, "r1"))
    fault.arm("COMMIT", find_no_room)
    with pytest.raises(StorageUnavailable, match="free some space"):
        repository.commit(changes, within())
    assert repository.ledger(EVENT_ID, 0, 10) == []
    repository.commit(changes, within())


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, MemoryError, sqlite3.Error])
def test_a_commit_whose_answer_was_lost_is_unknown_and_can_be_recognised(
    repository: SqliteRepository, fault: Fault, error: type[BaseException]
) -> None:
    def lose_the_answer(run: Run) -> sqlite3.Cursor:
        run()
        raise error

    changes = plan(repository, reserve(1, "r1"))
    fault.arm("COMMIT", lose_the_answer)
    with pytest.raises(OutcomeUnknown):
        repository.commit(changes, within())
    with pytest.raises(Conflict):
        repository.commit(changes, within())
    assert repository.commit_id(EVENT_ID, 1) == changes.commit_id


def test_an_exclusive_transaction_whose_commit_failed_is_unknown_too(
    repository: SqliteRepository, fault: Fault, driver: Driver
) -> None:
    def fail(_: Run) -> sqlite3.Cursor:
        raise driver.module.OperationalError("disk I/O error")

    def commit_in_vain(transaction: Transaction) -> None:
        write(transaction, reserve(1, "r1"))
        fault.arm("COMMIT", fail)

    with pytest.raises(OutcomeUnknown):
        repository.exclusive(EVENT_ID, commit_in_vain, within())
    assert write(repository, reserve(1, "r1")).event.version == 1


@pytest.mark.parametrize("statement", ["BEGIN", "UPDATE events", "INSERT INTO reservations"])
def test_a_disk_error_before_the_commit_means_that_nothing_was_written(
    repository: SqliteRepository, fault: Fault, driver: Driver, statement: str
) -> None:
    def fail(_: Run) -> sqlite3.Cursor:
        raise driver.module.OperationalError("database or disk is full")

    changes = plan(repository, reserve(1, "r1"))
    fault.arm(statement, fail)
    with pytest.raises(StorageUnavailable, match="disk is full"):
        repository.commit(changes, within())
    assert repository.reservation(EVENT_ID, "r1") is None
    repository.commit(changes, within())
    assert repository.reservation(EVENT_ID, "r1") is not None


def test_a_killed_writer_leaves_the_lock_free_and_nothing_behind(
    repository: SqliteRepository, fault: Fault
) -> None:
    def kill(_: Run) -> sqlite3.Cursor:
        raise SystemExit

    changes = plan(repository, reserve(1, "r1"))
    fault.arm("INSERT INTO reservations", kill)
    with pytest.raises(SystemExit):
        repository.commit(changes, within())
    repository.commit(changes, within())
    assert repository.ledger(EVENT_ID, 0, 10) == list(changes.entries)


def test_a_decision_about_a_partner_whose_commit_failed_is_unknown_too(
    repository: SqliteRepository, fault: Fault, driver: Driver
) -> None:
    def fail(_: Run) -> sqlite3.Cursor:
        raise driver.module.OperationalError("disk I/O error")

    fault.arm("COMMIT", fail)
    with pytest.raises(OutcomeUnknown, match="disk I/O error"):
        add_key(repository, "key-1")
    add_key(repository, "key-1")
    assert len(repository.access.admin_log(None, 10)) == 1


@pytest.mark.parametrize("statement", ["BEGIN", "INSERT INTO api_keys", "INSERT INTO admin_log"])
def test_a_disk_error_before_that_commit_leaves_neither_key_nor_partner_nor_line(
    repository: SqliteRepository, fault: Fault, driver: Driver, statement: str
) -> None:
    def fail(_: Run) -> sqlite3.Cursor:
        raise driver.module.OperationalError("database or disk is full")

    fault.arm(statement, fail)
    with pytest.raises(StorageUnavailable, match="disk is full"):
        add_key(repository, "key-1")
    assert repository.access.keys("", 10) == []
    assert repository.access.partners("", 10) == []
    assert repository.access.admin_log(None, 10) == []
    add_key(repository, "key-1")


@pytest.mark.parametrize("statement", ["BEGIN", "PRAGMA schema_version", "SELECT"])
def test_a_disk_error_while_reading_is_reported_and_the_next_read_succeeds(
    repository: SqliteRepository, fault: Fault, driver: Driver, statement: str
) -> None:
    def fail(_: Run) -> sqlite3.Cursor:
        raise driver.module.OperationalError("disk I/O error")

    fault.arm(statement, fail)
    with pytest.raises(StorageUnavailable, match="disk I/O error"):
        repository.totals(EVENT_ID)
    assert repository.totals(EVENT_ID) is not None


def test_a_damaged_file_is_unavailable_and_a_wrong_statement_is_a_bug(
    repository: SqliteRepository, fault: Fault, driver: Driver
) -> None:
    def malformed(_: Run) -> sqlite3.Cursor:
        raise driver.module.DatabaseError("database disk image is malformed")

    def misused(_: Run) -> sqlite3.Cursor:
        raise driver.module.ProgrammingError("You did not supply a value")

    fault.arm("SELECT", malformed)
    with pytest.raises(StorageUnavailable, match="malformed"):
        repository.event(EVENT_ID)
    fault.arm("SELECT", misused)
    with pytest.raises(driver.module.ProgrammingError):
        repository.event(EVENT_ID)
