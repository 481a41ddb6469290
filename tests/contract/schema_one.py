"""A database as the first release left it, with sales in it; in SQL, as that code is gone."""

import sqlite3
from pathlib import Path

import pytest

from tests.contract.backends import sqlite_path
from ticketboss.repository.sqlite import migration
from ticketboss.repository.sqlite.driver import Driver
from ticketboss.repository.sqlite.repository import SqliteRepository

AT = 1_700_000_000_000
FIRST = {1: "0001_events_and_ledger.sql"}
# Three of ten seats are reserved by "abc-corp"; two of "m" were cancelled again.
EVENT = """
INSERT INTO events (event_id, name, total_seats, available_seats, held_seats, reservation_count,
                    version, seats_per_reservation_max)
VALUES ('drop', 'The drop', 10, 7, 0, 1, 3, 4)
"""
RESERVATIONS = """
INSERT INTO reservations (event_id, reservation_id, partner_id, reference, seats, status,
                          created_at, created_version, version)
VALUES ('drop', 'r1', 'abc-corp', 'PO 4711', 3, 'confirmed', 1700000000001, 1, 1),
       ('drop', 'r2', 'm', 'PO 12', 2, 'cancelled', 1700000000002, 2, 3)
"""
PARTNER_SEATS = """
INSERT INTO partner_seats (event_id, partner_id, seats_taken)
VALUES ('drop', 'abc-corp', 3), ('drop', 'm', 0)
"""
# The hash is what that release computed over partner, seats and reference.
LEDGER = """
INSERT INTO ledger (event_id, version, kind, actor, reservation_id, partner_id, seats, total_seats,
                    available_seats, held_seats, reservation_count, at, idempotency_key,
                    request_hash, detail, commit_id)
VALUES ('drop', 0, 'event_created', 'system', NULL, NULL, 0, 10, 10, 0, 0, 1700000000000, NULL,
        NULL, '{"name": "The drop", "seats_per_reservation_max": 4}', 1),
       ('drop', 1, 'reserved', 'partner:abc-corp', 'r1', 'abc-corp', 3, 10, 7, 0, 1, 1700000000001,
        'k', '2ed39a2ec0857ebf52e8bf2b428812459cf220d732ee24a652969be2866e75ef',
        '{"reference": "PO 4711"}', 2),
       ('drop', 2, 'reserved', 'partner:m', 'r2', 'm', 2, 10, 5, 0, 2, 1700000000002, NULL, NULL,
        '{"reference": "PO 12"}', 3),
       ('drop', 3, 'cancelled', 'partner:m', 'r2', 'm', 2, 10, 7, 0, 1, 1700000000003, NULL, NULL,
        NULL, 4)
"""


def make_first_database(folder: Path, driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make it; `driver` decides on the journal."""
    with monkeypatch.context() as patched:
        patched.setattr(migration, "migrations", lambda: FIRST)
        repository = SqliteRepository(str(sqlite_path(folder)), driver)
        assert repository.migrate() == list(FIRST.values())
        repository.close()
    connection: sqlite3.Connection = driver.module.connect(sqlite_path(folder))
    connection.execute("PRAGMA foreign_keys = ON")
    for statement in (EVENT, RESERVATIONS, PARTNER_SEATS, LEDGER):
        connection.execute(statement)
    connection.commit()
    connection.close()
