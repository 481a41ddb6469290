"""Makes an event with very many reservations, in a fraction of the time that selling them takes.

`python -m benchmarks.fill DATABASE_URL EVENT_ID RESERVATIONS`: each is one seat of one of a hundred
partners, with its ledger entry, as a POST would have left it; `verify` finds nothing wrong.
"""

import sqlite3
import sys
import time
from typing import Any

from benchmarks.database import connected
from benchmarks.writer import create_event
from ticketboss.repository import open_repository

SEATS = 100_000_000
PARTNERS = 100
# The write-ahead log grows as long as a transaction is.
TRANSACTION_RESERVATIONS = 250_000
# Ids in the order of time, as the server makes them: version 7, the number in the random bits.
ROWS = """
WITH RECURSIVE made (number, reservation_id, partner_id) AS (
    SELECT :after, NULL, NULL
    UNION ALL
    SELECT number + 1,
           printf('%08x-%04x-7000-8000-%012x', :at >> 16, :at & 65535, number + 1),
           'partner-' || (number + 1) % :partners
      FROM made WHERE number < :up_to
)
"""
INSERT_RESERVATIONS = f"""
{ROWS} INSERT INTO reservations (event_id, reservation_id, partner_id, reference, seats, status,
                                 created_at, created_version, version, expires_at)
SELECT :event_id, reservation_id, partner_id, NULL, 1, 'confirmed', :at, number, number, NULL
  FROM made WHERE number > :after
"""
INSERT_ENTRIES = f"""
{ROWS} INSERT INTO ledger (event_id, version, kind, actor, reservation_id, partner_id, seats,
                           total_seats, available_seats, held_seats, reservation_count, at,
                           idempotency_key, request_hash, detail, commit_id)
SELECT :event_id, number, 'reserved', 'partner:' || partner_id, reservation_id, partner_id, 1,
       :seats, :seats - number, 0, number, :at, NULL, NULL, NULL, number
  FROM made WHERE number > :after
"""
INSERT_TOTALS = """
INSERT INTO partner_seats (event_id, partner_id, seats_taken, open_holds)
SELECT event_id, partner_id, count(*), 0 FROM reservations WHERE event_id = :event_id
 GROUP BY partner_id
"""
UPDATE_EVENT = """
UPDATE events SET available_seats = total_seats - :count, reservation_count = :count,
                  version = :count
 WHERE event_id = :event_id
"""


def fill(url: str, event_id: str, count: int) -> None:
    """Create the event with so many reservations in a SQLite database."""
    repository = open_repository(url)
    repository.migrate()
    create_event(repository, event_id, SEATS)
    repository.close()
    values: dict[str, Any] = {
        "event_id": event_id,
        "count": count,
        "at": time.time_ns() // 1_000_000,
        "partners": PARTNERS,
        "seats": SEATS,
    }
    # Made anew when something breaks, so nothing needs to be durable or whole on the way.
    with connected(url, synchronous="OFF") as connection:
        for after in range(0, count, TRANSACTION_RESERVATIONS):
            values |= {"after": after, "up_to": min(count, after + TRANSACTION_RESERVATIONS)}
            _execute(connection, values, INSERT_RESERVATIONS, INSERT_ENTRIES)
        _execute(connection, values, INSERT_TOTALS, UPDATE_EVENT)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _execute(connection: sqlite3.Connection, values: dict[str, Any], *statements: str) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for statement in statements:
        connection.execute(statement, values)
    connection.execute("COMMIT")


if __name__ == "__main__":
    fill(sys.argv[1], sys.argv[2], int(sys.argv[3]))
