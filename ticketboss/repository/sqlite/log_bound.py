"""The bound on the write-ahead log: SQLite alone keeps none while somebody always reads."""

import logging
import sqlite3
import time
from pathlib import Path

from ticketboss.repository.sqlite.driver import Driver

log = logging.getLogger(__name__)

WAL_BYTES_KEPT_MAX = 64 * 1024 * 1024
# How long writers stand still for a longer log to be begun anew, and how often it is looked at.
LOG_RESTART_WAIT_SECONDS_MAX = 0.5
LOG_LOOK_PAUSE_SECONDS = 2.0


def log_bytes(path: Path) -> int:
    """How long the log of a database is; 0 where there is none, as in a rollback journal."""
    # By its name alone: opening and closing it would drop this process's locks.
    try:
        return path.with_name(f"{path.name}-wal").stat().st_size
    except OSError:
        return 0


def limit_kept_log(connection: sqlite3.Connection) -> None:
    """Have the connection cut the log to the limit when it is the first to begin it anew."""
    connection.execute(f"PRAGMA journal_size_limit = {WAL_BYTES_KEPT_MAX}")


class LogBound:
    """Has the log of one database begin anew where it has become too long."""

    def __init__(self, path: Path, driver: Driver) -> None:
        self._path = path
        self._driver = driver
        self._not_before = 0.0

    def keep(self) -> None:
        """Look at the log's size; to be called after a commit, by one thread at a time.

        SQLite begins the log anew by itself when a writer comes while nobody reads from it. Where
        one snapshot follows another that moment never comes. A RESTART checkpoint keeps writers
        out until the snapshots of before have ended; those that begin meanwhile read from the
        database file alone (https://sqlite.org/wal.html, "Avoiding Excessively Large WAL Files").

        Raises nothing: what was committed is safe, and another try comes.
        """
        now = time.monotonic()
        if now < self._not_before:
            return
        self._not_before = now + LOG_LOOK_PAUSE_SECONDS
        if log_bytes(self._path) <= WAL_BYTES_KEPT_MAX:
            return
        try:
            self._begin_anew()
        except self._driver.module.Error as error:
            log.warning("The write-ahead log could not be begun anew: %s.", error)

    def _begin_anew(self) -> None:
        # A connection of its own: a broken one of the pool would cost somebody's answer.
        connection = self._driver.module.connect(
            self._path.absolute().as_uri() + "?mode=rw",
            uri=True,
            timeout=LOG_RESTART_WAIT_SECONDS_MAX,
            isolation_level=None,
        )
        try:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
        finally:
            connection.close()
