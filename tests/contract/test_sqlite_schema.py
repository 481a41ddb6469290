"""The schema itself: it refuses impossible rows, and every statement finds its rows by an index."""

import re
import sqlite3
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from tests.contract.backends import sqlite_path, write
from tests.contract.partners import add_key
from tests.unit.examples import create_event, reserve
from ticketboss.repository.sql import access_statements, statements
from ticketboss.repository.sqlite.dialect import SQLITE
from ticketboss.repository.sqlite.driver import Driver
from ticketboss.repository.sqlite.migration import migrations
from ticketboss.repository.sqlite.repository import SqliteRepository

BAD_ROWS = {
    "total_seats > 0": "UPDATE events SET total_seats = 0, available_seats = 0",
    "available_seats >= 0": "UPDATE events SET available_seats = -1",
    "held_seats >= 0": "UPDATE events SET held_seats = -1",
    "reservation_count >= 0": "UPDATE events SET reservation_count = -1",
    "version >= 0 (event)": "UPDATE events SET version = -1",
    "seats_per_reservation_max > 0": "UPDATE events SET seats_per_reservation_max = 0",
    "available_seats + held_seats <= total_seats": "UPDATE events SET held_seats = 2",
    "version >= 0 (entry)": "UPDATE ledger SET version = -1 WHERE version = 1",
    "seats >= 0": "UPDATE ledger SET seats = -1",
    "json_valid(detail)": "UPDATE ledger SET detail = '{'",
    "key without hash": "UPDATE ledger SET idempotency_key = 'k' WHERE version = 1",
    "seats > 0": "UPDATE reservations SET seats = 0",
    "status": "UPDATE reservations SET status = 'sold'",
    "version >= created_version": "UPDATE reservations SET version = 0",
    "seats_taken >= 0": "UPDATE partner_seats SET seats_taken = -1",
    "is_test": "UPDATE events SET is_test = 2",
    "seats_per_partner_max > 0": "UPDATE events SET seats_per_partner_max = 0",
    "open_holds_per_partner_max >= 0": "UPDATE events SET open_holds_per_partner_max = -1",
    "hold_seconds_total_max > 0": "UPDATE events SET hold_seconds_total_max = 0",
    "on_sale_from < on_sale_until": "UPDATE events SET on_sale_from = 5, on_sale_until = 5",
    "paused": "UPDATE events SET paused = 2",
    "cancelled": "UPDATE events SET cancelled = 2",
    "hold without an expiry": "UPDATE reservations SET status = 'held'",
    "open_holds >= 0": "UPDATE partner_seats SET open_holds = -1",
    "frozen": "UPDATE partners SET frozen = 2",
    "release_holds": "UPDATE partners SET release_holds = 2",
    "releasing holds of a partner that is not frozen": "UPDATE partners SET release_holds = 1",
    "length(key_hash) = 64": "UPDATE api_keys SET key_hash = 'plain'",
    "length(prefix) < 20": "UPDATE api_keys SET prefix = 'tb_live_0123456789ab'",
    "scope": "UPDATE api_keys SET scope = 'reader'",
    "is_test (key)": "UPDATE api_keys SET is_test = 2",
    "partner's key without a partner": "UPDATE api_keys SET partner_id = NULL",
    "json_valid(detail) (log)": "UPDATE admin_log SET detail = '{'",
}
# The other side of a check that BAD_ROWS breaks from one side.
MORE_BAD_ROWS = {
    "expiry of what is not held": "UPDATE reservations SET expires_at = 5",
    "expiry of an ended hold": "UPDATE reservations SET status = 'expired', expires_at = 5",
    "sale ends before it begins": "UPDATE events SET on_sale_from = 6, on_sale_until = 5",
    "negative truth": "UPDATE events SET cancelled = -1",
    "operator's key with a partner": "UPDATE api_keys SET scope = 'operator'",
}
# Limits that a row may have, so that the checks above do not refuse everything.
GOOD_ROWS = {
    "no limits": "UPDATE events SET seats_per_partner_max = NULL, open_holds_per_partner_max = 0",
    "only a beginning": "UPDATE events SET on_sale_from = 5, on_sale_until = NULL",
    "only an end": "UPDATE events SET on_sale_from = NULL, on_sale_until = 5",
    "shortest sale": "UPDATE events SET on_sale_from = 5, on_sale_until = 6",
    "hold": "UPDATE reservations SET status = 'held', expires_at = 5",
    "frozen": "UPDATE partners SET frozen = 1, release_holds = 1",
    "operator's key": "UPDATE api_keys SET scope = 'operator', partner_id = NULL",
    "longest prefix": "UPDATE api_keys SET prefix = 'tb_live_0123456789a'",
}
UNIQUE = {
    "event": "INSERT INTO events SELECT * FROM events",
    "entry": "INSERT INTO ledger SELECT * FROM ledger",
    "key": "UPDATE ledger SET idempotency_key = 'k', request_hash = '0', actor = 'one'",
    "reservation": "INSERT INTO reservations SELECT * FROM reservations",
    "reservation's entry": """INSERT INTO reservations SELECT event_id, 'r2', partner_id, reference,
        seats, status, created_at, created_version, version, expires_at FROM reservations""",
    "partner's seats": "INSERT INTO partner_seats SELECT * FROM partner_seats",
    "partner": "INSERT INTO partners SELECT * FROM partners",
    "key's id": """INSERT INTO api_keys SELECT key_id, replace(key_hash, '0', '1'), prefix,
        partner_id, scope, is_test, created_at, revoked_at FROM api_keys""",
    "key's hash": """INSERT INTO api_keys SELECT 'key-2', key_hash, prefix, partner_id, scope,
        is_test, created_at, revoked_at FROM api_keys""",
    "line": "INSERT INTO admin_log SELECT * FROM admin_log",
}
ORPHANS = {
    "entry": "UPDATE ledger SET event_id = 'nowhere'",
    "reservation": "UPDATE reservations SET event_id = 'nowhere'",
    "partner": "UPDATE partner_seats SET event_id = 'nowhere'",
    "event": "DELETE FROM events",
    "key": "UPDATE api_keys SET partner_id = 'nobody'",
    "partner of a key": "DELETE FROM partners",
}


@pytest.fixture
def connection(driver: Driver, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A plain connection to a migrated database with one reservation of one seat and one key."""
    repository = SqliteRepository(str(sqlite_path(tmp_path)), driver)
    repository.migrate()
    write(repository, create_event(500))
    write(repository, reserve(1))
    add_key(repository, "key-1", "abc-corp")
    repository.close()
    connection: sqlite3.Connection = driver.module.connect(sqlite_path(tmp_path))
    connection.execute("PRAGMA foreign_keys = ON")
    yield connection
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [*BAD_ROWS.values(), *MORE_BAD_ROWS.values()],
    ids=[*BAD_ROWS.keys(), *MORE_BAD_ROWS.keys()],
)
def test_an_impossible_row_is_refused(
    connection: sqlite3.Connection, driver: Driver, statement: str
) -> None:
    with pytest.raises(driver.module.IntegrityError, match="CHECK constraint failed"):
        connection.execute(statement)


@pytest.mark.parametrize("statement", GOOD_ROWS.values(), ids=GOOD_ROWS.keys())
def test_a_row_at_the_edge_is_stored(connection: sqlite3.Connection, statement: str) -> None:
    assert connection.execute(statement).rowcount == 1


def test_every_check_of_the_schema_has_its_bad_row() -> None:
    folder = files("ticketboss.repository.sqlite") / "migrations"
    schema = "".join((folder / name).read_text(encoding="utf-8") for name in migrations().values())
    assert len(re.findall(r"\bCHECK\b", schema)) == len(BAD_ROWS)


@pytest.mark.parametrize("statement", UNIQUE.values(), ids=UNIQUE.keys())
def test_a_second_row_with_the_same_key_is_refused(
    connection: sqlite3.Connection, driver: Driver, statement: str
) -> None:
    with pytest.raises(driver.module.IntegrityError, match="UNIQUE constraint failed"):
        connection.execute(statement)


@pytest.mark.parametrize("statement", ORPHANS.values(), ids=ORPHANS.keys())
def test_nothing_belongs_to_an_event_or_a_partner_that_is_not_there(
    connection: sqlite3.Connection, driver: Driver, statement: str
) -> None:
    with pytest.raises(driver.module.IntegrityError, match="FOREIGN KEY constraint failed"):
        connection.execute(statement)


def test_text_is_no_number(connection: sqlite3.Connection, driver: Driver) -> None:
    with pytest.raises(driver.module.IntegrityError, match="cannot store TEXT"):
        connection.execute("UPDATE events SET available_seats = 'many'")


# Indexes over those rows only for which a sweep may have something to do.
SHORT_SCANS = re.compile(
    r"SCAN events USING INDEX events_cancelled"
    r"|SCAN partners USING (COVERING )?INDEX partners_releasing"
    r"|SCAN due"
)
STATEMENTS = {
    name: text
    for name, text in (vars(statements) | vars(access_statements) | vars(SQLITE)).items()
    if isinstance(text, str) and not name.startswith("_") and not name.endswith("_COLUMNS")
}


def _steps(connection: sqlite3.Connection, statement: str) -> list[str]:
    named = dict.fromkeys(re.findall(r":(\w+)", statement), "[]")
    parameters = named or ["[]"] * statement.count("?")
    rows = connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
    return [row[3] for row in rows]


def test_there_are_statements_to_explain() -> None:
    assert len(STATEMENTS) >= 25


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS.keys())
def test_no_statement_reads_a_whole_table(connection: sqlite3.Connection, statement: str) -> None:
    for step in _steps(connection, statement):
        # The lists that we pass in as JSON are read whole, of course.
        may_be_read_whole = "VIRTUAL TABLE" in step or SHORT_SCANS.fullmatch(step)
        assert not step.startswith("SCAN") or may_be_read_whole, step
        # The one list that is put together from several tables.
        assert "TEMP B-TREE" not in step or statement == SQLITE.select_events_due, step


def test_a_statement_without_an_index_would_be_noticed(connection: sqlite3.Connection) -> None:
    assert _steps(connection, "SELECT * FROM ledger WHERE actor = :actor") == ["SCAN ledger"]


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (statements.SELECT_DUE_HOLDS, "reservations_held (event_id=? AND expires_at<?)"),
        (statements.SELECT_NEXT_HOLD_EXPIRES_AT, "reservations_held (event_id=? AND expires_at>?)"),
        (SQLITE.select_live, "reservations_live (event_id=?)"),
        (SQLITE.select_frozen_holds, "reservations_held (event_id=?)"),
        (SQLITE.select_events_due, "reservations_due (expires_at<?)"),
        (SQLITE.select_events_due, "partner_open_holds (partner_id=?)"),
    ],
)
def test_what_is_due_is_found_by_an_index_of_live_rows_only(
    connection: sqlite3.Connection, statement: str, index: str
) -> None:
    assert any(step.endswith(index) for step in _steps(connection, statement))


def test_keys_are_found_by_their_own_index(connection: sqlite3.Connection) -> None:
    assert any(
        "ledger_idempotency_key (event_id=? AND actor=? AND idempotency_key=?)" in step
        for step in _steps(connection, SQLITE.select_keys)
    )


def test_a_key_is_found_by_its_hash_and_a_page_of_the_log_by_its_cursor(
    connection: sqlite3.Connection,
) -> None:
    (step,) = _steps(connection, access_statements.SELECT_LIVE_KEY)
    assert step.endswith("(key_hash=?)")
    (step,) = _steps(connection, access_statements.SELECT_LOG)
    assert step.startswith("SEARCH admin_log USING PRIMARY KEY (log_id<?)")
