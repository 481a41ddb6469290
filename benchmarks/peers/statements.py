"""The SQL of the peers in Python, and how they open their database."""

import os
import sqlite3
from pathlib import Path

SCHEMA = Path(__file__).with_name("schema.sql")
BUSY_SECONDS_MAX = 5.0

INSERT_EVENT = """
INSERT INTO events (event_id, name, total_seats, available_seats) VALUES (?, ?, ?, ?)
"""
TAKE_SEATS = """
UPDATE events
   SET available_seats = available_seats - :seats, version = version + 1,
       reservation_count = reservation_count + 1
 WHERE event_id = :event_id AND available_seats >= :seats
"""
INSERT_RESERVATION = """
INSERT INTO reservations (reservation_id, event_id, partner_id, seats) VALUES (?, ?, ?, ?)
"""
SELECT_EVENT = """
SELECT event_id AS eventId, name, total_seats AS totalSeats, available_seats AS availableSeats,
       reservation_count AS reservationCount, version
  FROM events WHERE event_id = ?
"""


def connect() -> sqlite3.Connection:
    """A connection to the database that the environment names; transactions are explicit."""
    connection = sqlite3.connect(
        os.environ["DATABASE"],
        timeout=BUSY_SECONDS_MAX,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA synchronous = {os.environ.get('SYNCHRONOUS', 'FULL')}")
    return connection


def make_tables() -> None:
    """Make what is not there yet."""
    connection = connect()
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(SCHEMA.read_text())
    connection.close()
