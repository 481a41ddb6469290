"""From the schemas that had no lists, or no index for a partner's references, to this one."""

import re
import sqlite3
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest

from tests.contract.backends import sqlite_path, write
from tests.contract.lists import FILTERS, fill, is_wanted, listed
from tests.unit.examples import EVENT_ID, change_event, create_event
from ticketboss.domain.ledger import replay
from ticketboss.engine.verifier import Verifier
from ticketboss.repository.interface import SchemaMismatch
from ticketboss.repository.sql import statements
from ticketboss.repository.sqlite import migration
from ticketboss.repository.sqlite.dialect import SQLITE
from ticketboss.repository.sqlite.driver import Driver
from ticketboss.repository.sqlite.migration import migrations
from ticketboss.repository.sqlite.repository import SqliteRepository

# What is missing in the third schema, and in the fourth.
MISSING = {
    3: ["0004_lists_and_feed.sql", "0005_reference_of_partner.sql"],
    4: ["0005_reference_of_partner.sql"],
}
TABLES = ("events", "reservations", "ledger", "partner_seats", "partners", "api_keys", "admin_log")
INSERT_OTHERS = (
    "INSERT INTO partners (partner_id, name) VALUES ('abc-corp', 'ABC Ltd')",
    """INSERT INTO api_keys (key_id, key_hash, prefix, partner_id, scope, is_test, created_at)
       VALUES ('key-1', hex(zeroblob(32)), 'tb_live_1', 'abc-corp', 'partner', 0, 5)""",
    """INSERT INTO admin_log (log_id, at, actor, action, detail)
       VALUES ('1', 5, 'operator:cli', 'partner_frozen', '{}')""",
)
PAGES = {
    "event": "reservations_created (event_id=? AND created_version>?)",
    "partner": "reservations_of_partner (event_id=? AND partner_id=? AND created_version>?)",
    "reference": "reservations_reference (event_id=? AND reference=? AND created_version>?)",
    "partner and reference": "reservations_of_partner_reference "
    "(event_id=? AND partner_id=? AND reference=? AND created_version>?)",
}
Rows = dict[str, list[tuple[object, ...]]]


def _connect(folder: Path, driver: Driver) -> sqlite3.Connection:
    connection: sqlite3.Connection = driver.module.connect(sqlite_path(folder))
    return connection


@pytest.fixture(params=MISSING)
def schema(request: pytest.FixtureRequest) -> int:
    """The number of an earlier schema."""
    number: int = request.param
    return number


@pytest.fixture
def earlier(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, schema: int
) -> Iterator[SqliteRepository]:
    """A database of that schema with sales, a key and a line of the log, not yet migrated."""
    repository = SqliteRepository(str(sqlite_path(tmp_path)), driver)
    known = {number: name for number, name in migrations().items() if number <= schema}
    with monkeypatch.context() as patched:
        patched.setattr(migration, "migrations", lambda: known)
        assert repository.migrate() == list(known.values())
    _sell(repository)
    connection = _connect(tmp_path, driver)
    for statement in INSERT_OTHERS:
        connection.execute(statement)
    connection.commit()
    connection.close()
    yield repository
    repository.close()


def _sell(repository: SqliteRepository) -> None:
    """What was sold before there were lists."""
    write(repository, create_event(500))
    fill(repository)
    write(repository, change_event(name="Renamed"))


def _rows(folder: Path, driver: Driver) -> Rows:
    connection = _connect(folder, driver)
    rows = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}  # noqa: S608
    connection.close()
    return rows


def test_an_earlier_schema_must_be_migrated_before_use(
    earlier: SqliteRepository, schema: int
) -> None:
    with pytest.raises(SchemaMismatch, match="python -m ticketboss migrate"):
        earlier.check()
    assert earlier.migrate() == MISSING[schema]
    earlier.check()
    assert earlier.migrate() == []


def test_every_row_stays_as_it_was(
    earlier: SqliteRepository, driver: Driver, tmp_path: Path
) -> None:
    before = _rows(tmp_path, driver)
    assert all(before.values()), "there is something to keep in every table"
    earlier.migrate()
    assert _rows(tmp_path, driver) == before
    verification = Verifier(earlier, EVENT_ID).verify()
    assert verification is not None
    assert verification.differences == []
    assert earlier.damage() == []


def test_what_was_sold_before_is_in_the_lists(earlier: SqliteRepository) -> None:
    earlier.migrate()
    rows = replay(earlier.ledger(EVENT_ID, -1, 1_000)).reservations.values()
    in_order = sorted(rows, key=lambda row: row.created_version)
    for wanted in FILTERS:
        assert listed(earlier, wanted, 10) == [row for row in in_order if is_wanted(row, wanted)]


def test_the_past_is_there_from_the_beginning(earlier: SqliteRepository) -> None:
    earlier.migrate()
    ledger = earlier.ledger(EVENT_ID, -1, 1_000)
    assert earlier.event_at(EVENT_ID, 20) == (ledger[20], ledger[0])
    assert earlier.event_at(EVENT_ID, ledger[-1].version) == (ledger[-1], ledger[-1])


def _steps(earlier: SqliteRepository, folder: Path, driver: Driver, statement: str) -> list[str]:
    """How SQLite will run a statement."""
    earlier.migrate()
    parameters = dict.fromkeys(re.findall(r":(\w+)", statement), "[]")
    connection = _connect(folder, driver)
    rows = connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
    connection.close()
    return [row[3] for row in rows]


@pytest.mark.parametrize("by", sorted(PAGES))
@pytest.mark.parametrize("selects", ["select_reservations_page", "select_stretch_end"])
def test_a_page_reads_a_stretch_of_its_own_index_in_its_order(
    earlier: SqliteRepository, driver: Driver, tmp_path: Path, by: str, selects: str
) -> None:
    steps = _steps(earlier, tmp_path, driver, getattr(SQLITE, selects)[by])
    searches = [step for step in steps if step.startswith("SEARCH")]
    assert len(searches) == 1
    assert searches[0].endswith(f"INDEX {PAGES[by]}")
    # An old SQLite sorts what it has then read, which is bounded.
    reading = takewhile(lambda step: not step.startswith("SCAN stretch"), steps)
    assert not any("TEMP B-TREE" in step or step.startswith("SCAN") for step in reading), steps


def test_every_kind_of_page_is_explained() -> None:
    assert set(SQLITE.select_reservations_page) == set(PAGES)
    assert set(SQLITE.select_stretch_end) == set(PAGES)


@pytest.mark.parametrize(
    ("statement", "end"),
    [
        (statements.SELECT_ENTRY_AT, "PRIMARY KEY (event_id=? AND version=?)"),
        (SQLITE.select_settings_at, "INDEX ledger_settings (event_id=? AND version<?)"),
        (statements.SELECT_LEDGER, "PRIMARY KEY (event_id=? AND version>?)"),
    ],
)
def test_one_search_finds_the_past_and_the_future_of_an_event(
    earlier: SqliteRepository, driver: Driver, tmp_path: Path, statement: str, end: str
) -> None:
    (step,) = _steps(earlier, tmp_path, driver, statement)
    assert step.startswith("SEARCH ledger USING ")
    assert step.endswith(end)


def test_the_versions_of_many_events_are_looked_up_one_by_one(
    earlier: SqliteRepository, driver: Driver, tmp_path: Path
) -> None:
    steps = _steps(earlier, tmp_path, driver, SQLITE.select_versions)
    assert steps[0] == "SEARCH events USING PRIMARY KEY (event_id=?)"
