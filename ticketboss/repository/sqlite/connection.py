"""Connections to one SQLite file: how they are opened, shared, locked and thrown away."""

import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ticketboss.repository.interface import (
    Conflict,
    LockTimeout,
    OutcomeUnknown,
    StorageUnavailable,
)
from ticketboss.repository.sqlite.anchor import Anchor, FileId
from ticketboss.repository.sqlite.driver import Driver
from ticketboss.repository.sqlite.log_bound import limit_kept_log
from ticketboss.repository.sqlite.reasons import NO_TEXT, failed_check, reason
from ticketboss.repository.sqlite.waiting import journal_mode, patiently, primary_code

CONNECTIONS_MAX = 8
READ_WAIT_SECONDS_MAX = 5.0


class Connections:
    """A small pool of connections to one file, and the process's turn at its write lock.

    A pool, because a connection per thread would be one per request in a cooperative worker.
    """

    def __init__(self, path: Path, driver: Driver, *, checkpoints: bool = True) -> None:
        self._path = path
        self._driver = driver
        self._checkpoints = checkpoints
        self._idle: list[tuple[sqlite3.Connection, FileId]] = []
        # Not a semaphore: its release makes a cooperative worker let all others go first.
        self._places: queue.SimpleQueue[None] = queue.SimpleQueue()
        for _ in range(CONNECTIONS_MAX):
            self._places.put(None)
        self._write_turn = threading.Lock()
        self._anchor = Anchor(driver, self._open, checkpoints=checkpoints)
        self.observe_lock_wait: Callable[[float], None] = lambda _: None

    def fetch(
        self, statement: str, parameters: dict[str, Any], deadline: float | None = None
    ) -> list[Any]:
        """All rows of one SELECT, which needs no transaction around it; see `reading`."""
        with self._reader(deadline) as (connection, until):
            return patiently(
                self._driver,
                lambda: connection.execute(statement, parameters).fetchall(),
                until,
            )

    @contextmanager
    def reading(self, deadline: float | None = None) -> Iterator[sqlite3.Connection]:
        """A transaction that sees one state of the database and takes no lock on it.

        Raises LockTimeout when others keep it locked until the deadline (monotonic seconds);
        without one, StorageUnavailable after READ_WAIT_SECONDS_MAX.
        """
        with self._reader(deadline) as (connection, until):
            patiently(self._driver, lambda: _begin_read(connection), until)
            yield connection
            connection.execute("COMMIT")

    @contextmanager
    def writing(
        self, deadline: float, waits_since: float | None = None
    ) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the write lock; it commits when the block ends.

        `deadline` is in monotonic seconds and bounds the wait for the lock. An exception rolls
        back; one that is raised by COMMIT itself becomes OutcomeUnknown, but for a full disk.
        `waits_since`, of `time.perf_counter`, is for who has waited already.
        """
        started = time.perf_counter() if waits_since is None else waits_since
        if not self._write_turn.acquire(timeout=max(0.0, deadline - time.monotonic())):
            self.observe_lock_wait(time.perf_counter() - started)
            raise LockTimeout
        try:
            with self._lent(deadline) as connection:
                try:
                    patiently(self._driver, lambda: connection.execute("BEGIN IMMEDIATE"), deadline)
                finally:
                    self.observe_lock_wait(time.perf_counter() - started)
                yield connection
                self._commit(connection, deadline)
        finally:
            self._write_turn.release()

    def close(self) -> None:
        """Close what is idle; lent connections are closed when they come back broken."""
        while self._idle:
            self._idle.pop()[0].close()
        self._anchor.close()

    def _commit(self, connection: sqlite3.Connection, deadline: float) -> None:
        try:
            patiently(self._driver, lambda: connection.execute("COMMIT"), deadline)
        except LockTimeout:
            # Readers of a rollback journal kept us out: the transaction is still only ours.
            raise
        except self._driver.module.Error as error:
            if primary_code(error) == sqlite3.SQLITE_FULL:
                # The write that had no room is one without which there is no commit.
                raise
            raise OutcomeUnknown(reason(error)) from error
        except BaseException as error:
            raise OutcomeUnknown(str(error)) from error

    @contextmanager
    def _reader(self, deadline: float | None) -> Iterator[tuple[sqlite3.Connection, float]]:
        """A connection to read with, and until when to wait for locks."""
        until = time.monotonic() + READ_WAIT_SECONDS_MAX if deadline is None else deadline
        try:
            with self._lent(until) as connection:
                yield connection, until
        except LockTimeout as error:
            if deadline is not None:
                raise
            raise StorageUnavailable("The database stayed locked for reading.") from error

    @contextmanager
    def _lent(self, deadline: float) -> Iterator[sqlite3.Connection]:
        """Lend a connection. After any exception but a lost race it is closed, not used again.

        The driver's errors about the storage become StorageUnavailable. Errors about our own
        statements (constraints, syntax, types) stay what they are: bugs.
        """
        module = self._driver.module
        try:
            self._places.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise LockTimeout from None
        try:
            connection, file_id = self._idle_or_new(deadline)
            try:
                yield connection
            except Conflict:
                # The commonest way out under load, and the connection is as good as before.
                connection.execute("ROLLBACK")
                self._idle.append((connection, file_id))
                raise
            except BaseException:
                connection.close()
                raise
            self._idle.append((connection, file_id))
        except (module.IntegrityError, module.ProgrammingError, module.InterfaceError) as error:
            if found := failed_check(error):
                raise found from error
            raise
        except (module.OperationalError, module.DatabaseError) as error:
            raise StorageUnavailable(reason(error)) from error
        except UnicodeDecodeError as error:
            # Also of an error's own message, which quotes what is in the file.
            raise StorageUnavailable(NO_TEXT) from error
        finally:
            self._places.put(None)

    def _idle_or_new(self, deadline: float) -> tuple[sqlite3.Connection, FileId]:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            raise StorageUnavailable(
                "There is no database file; 'python -m ticketboss migrate' makes one."
            ) from None
        except OSError as error:
            raise StorageUnavailable(f"The database file: {error.strerror}.") from error
        file_id = (found.st_dev, found.st_ino)
        while self._idle:
            connection, opened_file_id = self._idle.pop()
            if opened_file_id == file_id:
                return connection, file_id
            # The file was removed or replaced: what is written there now would be lost.
            connection.close()
        self._anchor.hold(file_id, deadline)
        return self._open(deadline), file_id

    def _open(self, deadline: float) -> sqlite3.Connection:
        connection: sqlite3.Connection = self._driver.module.connect(
            self._path.absolute().as_uri() + "?mode=rw",
            uri=True,
            timeout=0,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=64,
        )
        try:
            patiently(self._driver, lambda: self._prepare(connection), deadline)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        limit_kept_log(connection)
        if not self._checkpoints:
            connection.execute("PRAGMA wal_autocheckpoint = 0").fetchall()
        if journal_mode(connection) == "wal":
            if not self._driver.wal_safe:
                raise StorageUnavailable(
                    f"The database keeps a write-ahead log, which SQLite "
                    f"{self._driver.sqlite_version} can corrupt; run the migration with it, "
                    f"or install pysqlite3."
                )
        else:
            # DELETE would need a sync of the folder as well to survive a power cut.
            connection.execute("PRAGMA journal_mode = TRUNCATE").fetchall()


def _begin_read(connection: sqlite3.Connection) -> None:
    # BEGIN takes no snapshot yet, and in a rollback journal the first read can meet a writer's
    # lock: so the first read happens here, where it can be repeated.
    if not connection.in_transaction:
        connection.execute("BEGIN")
    connection.execute("PRAGMA schema_version").fetchall()
