"""Waiting for SQLite's locks, our way."""

import random
import sqlite3
import time
from collections.abc import Callable
from typing import TypeVar

from ticketboss.repository.interface import LockTimeout
from ticketboss.repository.sqlite.driver import Driver

Answer = TypeVar("Answer")

LOCK_PAUSE_SECONDS_MIN = 0.0002
LOCK_PAUSE_SECONDS_MAX = 0.002


def patiently(driver: Driver, action: Callable[[], Answer], deadline: float) -> Answer:
    """Repeat an action while SQLite is busy. Raises LockTimeout at the deadline.

    `deadline` is in monotonic seconds. SQLite's own busy wait is unfair, grows to 100 ms, would
    stop a cooperative worker, and does not cover a change of the journal mode.
    """
    pause = LOCK_PAUSE_SECONDS_MIN
    while True:
        try:
            return action()
        except driver.module.OperationalError as error:
            if primary_code(error) != sqlite3.SQLITE_BUSY:
                raise
        if time.monotonic() >= deadline:
            raise LockTimeout
        time.sleep(pause * (0.5 + random.random()))  # noqa: S311 - no secret  # nosec B311
        pause = min(pause * 1.5, LOCK_PAUSE_SECONDS_MAX)


def journal_mode(connection: sqlite3.Connection) -> str:
    """The journal mode that the database is in."""
    mode: str = connection.execute("PRAGMA journal_mode").fetchall()[0][0]
    return mode


def primary_code(error: sqlite3.Error) -> int:
    """The error's primary result code: the extended ones carry more in the higher bits."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF
