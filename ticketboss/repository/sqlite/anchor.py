"""The one connection of a process that stays open, whatever becomes of the others."""

import sqlite3
import threading
import time
from collections.abc import Callable

from ticketboss.repository.interface import LockTimeout
from ticketboss.repository.sqlite.driver import Driver
from ticketboss.repository.sqlite.waiting import LOCK_PAUSE_SECONDS_MAX, patiently

FileId = tuple[int, int]

# The number is nobody's, and is always written.
WRITE_NOTHING_NEW = "PRAGMA user_version = 0"


class Anchor:
    """Keeps the index of the write-ahead log, so that nobody has to make it anew from the log.

    The last connection that closes takes the index along. Whoever opens the database next
    makes it from the log, also from a commit whose sync has failed: then readers would see, and
    repetitions be told, what the next power cut may take. While one connection stays open such
    a commit is in no index, and the next one writes over it. Reads go on as well: to make an
    index takes room on the disk.
    """

    def __init__(
        self, driver: Driver, open_: Callable[[float], sqlite3.Connection], *, checkpoints: bool
    ) -> None:
        self._driver = driver
        self._sync_log = _checkpoint if checkpoints else _commit_nothing
        self._open = open_
        self._turn = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._file_id: FileId | None = None

    def hold(self, file_id: FileId, deadline: float) -> None:
        """Keep a connection to this file open; `deadline` is in monotonic seconds.

        Raises LockTimeout, or the driver's error when what is in the log cannot be made safe.
        """
        if self._file_id == file_id:
            return
        if not self._turn.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise LockTimeout
        try:
            if self._file_id != file_id:
                connection = self._opened(deadline)
                self.close()
                self._connection, self._file_id = connection, file_id
        finally:
            self._turn.release()

    def close(self) -> None:
        """Let go of the file."""
        connection, self._connection, self._file_id = self._connection, None, None
        if connection is not None:
            connection.close()

    def _opened(self, deadline: float) -> sqlite3.Connection:
        connection = self._open(deadline)
        try:
            self._make_log_safe(connection, deadline)
        except BaseException:
            connection.close()
            raise
        return connection

    def _make_log_safe(self, connection: sqlite3.Connection, deadline: float) -> None:
        """Sync the log: this process may have made its index."""
        try:
            while not patiently(self._driver, lambda: self._sync_log(connection), deadline):
                if time.monotonic() >= deadline:
                    raise LockTimeout
                time.sleep(LOCK_PAUSE_SECONDS_MAX)
        except self._driver.module.OperationalError as error:
            # Whatever else fails on a full disk or a file that may only be read comes after it.
            if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_IOERR_FSYNC:
                raise
            # It would keep the write lock for as long as this process lives.
            connection.rollback()


def _checkpoint(connection: sqlite3.Connection) -> bool:
    """Do what can be done without waiting, a sync first; false while somebody else is at it."""
    return not connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()[0][0]


def _commit_nothing(connection: sqlite3.Connection) -> bool:
    """A commit syncs the log as well, and moves nothing out of it."""
    if not connection.in_transaction:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(WRITE_NOTHING_NEW)
    connection.execute("COMMIT")
    return True
