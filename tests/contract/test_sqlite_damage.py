"""What one wrong bit can make of a row or of the schema: it is said, and is no bug of ours."""

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contract.backends import sqlite_path, write
from tests.unit.examples import EVENT_ID, cancel, create_event, reserve
from ticketboss.api.problems import problem_of
from ticketboss.engine.committer import Committer
from ticketboss.engine.plan import make_plan
from ticketboss.engine.verifier import Verifier
from ticketboss.repository.interface import Contradiction, StorageUnavailable
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


def test_a_check_of_a_migration_that_fails_is_said_to_contradict(
    repository: SqliteRepository,
) -> None:
    plan = make_plan(repository.snapshot(EVENT_ID, [reserve()]), [reserve()])
    assert plan.changes is not None
    wrong = replace(plan.changes, event=plan.changes.event._replace(held_seats=-1))
    with pytest.raises(Contradiction, match=r"held_seats >= 0 .*'python -m ticketboss verify'"):
        repository.commit(wrong, time.monotonic() + 10)


def test_a_damaged_sum_is_503_for_whoever_needs_it_and_verify_says_so(
    repository: SqliteRepository, driver: Driver, path: Path
) -> None:
    committer = Committer(repository, 10, 10)
    committer.submit(reserve(2, "r1"))
    committer.submit(reserve(2, "r2", partner_id="m"))
    with closing(driver.module.connect(path)) as connection, connection:
        connection.execute("UPDATE partner_seats SET seats_taken = 1 WHERE partner_id = 'm'")
    with pytest.raises(Contradiction, match="seats_taken >= 0"):
        committer.submit(cancel("r2"))
    committer.submit(cancel("r1"))
    verified = Verifier(repository, EVENT_ID).verify()
    assert verified is not None
    assert [found for found in verified.differences if "partner m has" in found]
    assert problem_of(Contradiction()).code == "storage_unavailable"


def test_a_partner_whose_id_has_become_bytes_is_a_difference(
    repository: SqliteRepository, driver: Driver, path: Path
) -> None:
    write(repository, reserve())
    repository.close()
    rewrite_schema(path, driver, "STRICT, WITHOUT", "WITHOUT")
    with closing(driver.module.connect(path)) as connection, connection:
        connection.execute("UPDATE partner_seats SET partner_id = CAST(partner_id AS BLOB)")
    verified = Verifier(repository, EVENT_ID).verify()
    assert verified is not None
    assert verified.differences


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
