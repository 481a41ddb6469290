"""What one wrong bit can make of a row or of the schema: it is said, and is no bug of ours."""

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contract.backends import sqlite_path, write
from tests.unit.examples import EVENT_ID, create_event, reserve
from ticketboss.engine.plan import make_plan
from ticketboss.engine.verifier import Verifier
from ticketboss.repository.interface import StorageUnavailable
from ticketboss.repository.sqlite.driver import Driver
from ticketboss.repository.sqlite.repository import SqliteRepository

pytestmark = pytest.mark.sqlite_only("it is about the files of SQLite")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return sqlite_path(tmp_path)


@pytest.fixture
def repository(driver: Driver, path: Path) -> Iterator[SqliteRepository]:
    repository = SqliteRepository(str(path), driver)
    repository.migrate()
    write(repository, create_event())
    yield repository
    repository.close()


def rewrite_schema(path: Path, driver: Driver, old: str, new: str) -> None:
    """Change the text of the tables as damage does it, which asks nobody."""
    with closing(driver.module.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        changed = connection.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE instr(sql, ?)", (old, new, old)
        )
        assert changed.rowcount > 0


def test_a_check_that_no_migration_has_made_is_damage_and_no_bug(
    repository: SqliteRepository, driver: Driver, path: Path
) -> None:
    repository.close()
    rewrite_schema(path, driver, "CHECK (paused IN (0, 1))", "CHECK (paused IN (2, 1))")
    with pytest.raises(StorageUnavailable, match=r"schema is damaged.*paused IN \(2, 1\)"):
        write(repository, reserve())


def test_a_check_of_a_migration_that_fails_is_a_bug(
    repository: SqliteRepository, driver: Driver
) -> None:
    plan = make_plan(repository.snapshot(EVENT_ID, [reserve()]), [reserve()])
    assert plan.changes is not None
    wrong = replace(plan.changes, event=plan.changes.event._replace(held_seats=-1))
    with pytest.raises(driver.module.IntegrityError, match="held_seats >= 0"):
        repository.commit(wrong, time.monotonic() + 10)


def test_an_id_that_has_become_bytes_is_damage_and_no_bug(
    repository: SqliteRepository, driver: Driver, path: Path
) -> None:
    write(repository, reserve())
    repository.close()
    rewrite_schema(path, driver, "STRICT, WITHOUT", "WITHOUT")
    with closing(driver.module.connect(path, isolation_level=None)) as connection:
        connection.execute(
            "UPDATE ledger SET reservation_id = CAST(reservation_id AS BLOB) WHERE version = 1"
        )
    with pytest.raises(StorageUnavailable, match="of another type"):
        Verifier(repository, EVENT_ID).verify()
