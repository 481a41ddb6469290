"""The bound on the write-ahead log: SQLite alone keeps none while somebody always reads."""

import fcntl
import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ticketboss.repository.interface import LockTimeout
from ticketboss.repository.sqlite.driver import Driver
from ticketboss.repository.sqlite.waiting import patiently

log = logging.getLogger(__name__)

WAL_BYTES_KEPT_MAX = 64 * 1024 * 1024
# How long writers are kept out for a longer log to be begun anew, and how often they look whether
# its readers have gone.
LOG_RESTART_WAIT_SECONDS_MAX = 1.0
LOG_LOOK_SECONDS = 0.01
# Behind a try, and twice as long behind each that failed: readers as long as that are rare.
LOG_RESTART_PAUSE_SECONDS = 2.0
LOG_RESTART_PAUSE_SECONDS_MAX = 60.0


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

    def __init__(self, path: Path, driver: Driver, *, checkpoints: bool = True) -> None:
        self._path = path
        self._driver = driver
        self._checkpoints = checkpoints
        self._pause = LOG_RESTART_PAUSE_SECONDS
        self._not_before = 0.0

    def keep(self) -> None:
        """Look at the log's size; to be called now and then, by one thread at a time.

        SQLite begins the log anew by itself when a writer comes while nobody reads from it. Where
        one snapshot follows another that moment never comes, so writers are kept out until the
        snapshots of before have ended; those that begin meanwhile read from the database file
        alone (https://sqlite.org/wal.html, "Avoiding Excessively Large WAL Files").

        Raises nothing: it is only room on the disk, and another try comes.
        """
        if time.monotonic() < self._not_before or log_bytes(self._path) <= WAL_BYTES_KEPT_MAX:
            return
        try:
            with _alone(self._path.absolute().parent) as is_alone:
                if not is_alone:
                    return
                is_done = self._checkpoints and self._begin_anew()
        except (OSError, self._driver.module.Error) as error:
            log.warning("The write-ahead log could not be begun anew: %s.", error)
            is_done = False
        if not self._checkpoints:
            log.warning(
                "The write-ahead log has more than %s bytes, and is left to Litestream by "
                "TICKETBOSS_CHECKPOINTS: does that run?",
                WAL_BYTES_KEPT_MAX,
            )
        longer = min(2 * self._pause, LOG_RESTART_PAUSE_SECONDS_MAX)
        self._pause = LOG_RESTART_PAUSE_SECONDS if is_done else longer
        self._not_before = time.monotonic() + self._pause

    def _begin_anew(self) -> bool:
        """Whether it worked. Waits our way: SQLite's own would stop a cooperative worker."""
        deadline = time.monotonic() + LOG_RESTART_WAIT_SECONDS_MAX
        with closing(self._connect()) as guard, closing(self._connect()) as cleaner:
            while not _checkpointed(cleaner, "RESTART"):
                if time.monotonic() >= deadline:
                    return False
                try:
                    patiently(self._driver, lambda: guard.execute("BEGIN IMMEDIATE"), deadline)
                except LockTimeout:
                    return False
                # All that is written is in the database file then, for whoever begins to read.
                while not _checkpointed(cleaner, "PASSIVE") and time.monotonic() < deadline:
                    time.sleep(LOG_LOOK_SECONDS)
                time.sleep(LOG_LOOK_SECONDS)
                guard.execute("ROLLBACK")
        return True

    def _connect(self) -> sqlite3.Connection:
        # Of their own: a broken one of the pool would cost somebody's answer.
        connection: sqlite3.Connection = self._driver.module.connect(
            self._path.absolute().as_uri() + "?mode=rw", uri=True, timeout=0, isolation_level=None
        )
        connection.execute("PRAGMA synchronous = FULL")
        return connection


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Whether no other process tries at this moment: two would only keep each other from it.

    It is the folder that is locked: closing one of the database's files would drop SQLite's locks.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield _locked(descriptor)
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _checkpointed(connection: sqlite3.Connection, mode: str) -> bool:
    """Whether a checkpoint could do all that it was to do, without waiting for anybody."""
    row = connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
    busy, pages, moved = row
    return not busy and bool(moved == pages)
