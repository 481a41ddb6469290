"""Events, reservations and their ledger in one SQLite file."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ticketboss.repository.interface import (
    Changes,
    LockTimeout,
    OutcomeUnknown,
    StorageUnavailable,
    Transaction,
)
from ticketboss.repository.sql import statements
from ticketboss.repository.sql.connection import Clock, Connection
from ticketboss.repository.sql.migration import refuse_newer, refuse_other
from ticketboss.repository.sql.repository import ExclusiveTransaction, SqlRepository
from ticketboss.repository.sql.transfer import SqlTransfer, filled_tables
from ticketboss.repository.sql.writing import write
from ticketboss.repository.sqlite.anchor import WRITE_NOTHING_NEW
from ticketboss.repository.sqlite.backup import Progress, copy_pages, settle
from ticketboss.repository.sqlite.connection import READ_WAIT_SECONDS_MAX, Connections
from ticketboss.repository.sqlite.dialect import SQLITE
from ticketboss.repository.sqlite.driver import Driver, choose_driver
from ticketboss.repository.sqlite.file import create_file
from ticketboss.repository.sqlite.log_bound import LogBound, log_bytes
from ticketboss.repository.sqlite.migration import apply_migrations, migrations, schema_version
from ticketboss.repository.sqlite.together import Together
from ticketboss.repository.transfer import Transfer

MIGRATION_WAIT_SECONDS_MAX = 60.0
DAMAGE_LINES_MAX = 100

COUNT_TABLES = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = :name"


def _now() -> int:
    return time.time_ns() // 1_000_000


class SqliteRepository(SqlRepository):
    """A Repository (see `ticketboss.repository.interface`) over one file.

    `clock` gives milliseconds since 1970, UTC. Without `checkpoints` somebody else has to move
    what is in the write-ahead log into the database.
    """

    def __init__(
        self,
        path: str,
        driver: Driver | None = None,
        clock: Clock = _now,
        *,
        checkpoints: bool = True,
    ) -> None:
        self._path = Path(path)
        self._driver = driver or choose_driver()
        self._clock = clock
        self._connections = Connections(self._path, self._driver, checkpoints=checkpoints)
        self._together = Together(self._connections)
        self._log_bound = LogBound(self._path, self._driver, checkpoints=checkpoints)
        super().__init__(self._connections, SQLITE, lambda _: self._clock)

    def migrate(self) -> list[str]:
        deadline = time.monotonic() + MIGRATION_WAIT_SECONDS_MAX
        try:
            create_file(self._path, self._driver, deadline)
            with self._connections.writing(deadline) as connection:
                return apply_migrations(connection)
        except LockTimeout as error:
            raise StorageUnavailable(
                f"{self._path}: The database stayed locked for the migration."
            ) from error
        except (StorageUnavailable, OutcomeUnknown) as error:
            # A server that does not start shows nothing else.
            raise type(error)(f"{self._path}: {error}") from error

    def check(self) -> None:
        refuse_other(self.schema(), known=max(migrations()))

    def schema(self) -> int:
        """The number of the newest migration that the file has seen, 0 for none.

        Raises SchemaMismatch for one that this program does not know.
        """
        with self._connections.reading() as connection:
            found = schema_version(connection)
        refuse_newer(found, known=max(migrations()))
        return found

    def copy_to(self, target: Path, progress: Progress) -> None:
        """Copy all of it, as it is at one moment, into an empty file."""
        with self._connections.reading() as connection:
            copy_pages(self._driver, connection, target, progress)

    def settle(self, *, is_backup: bool) -> None:
        """Have all of a copy in one file that any SQLite may open, and mark it as what it is."""
        self.close()
        settle(self._driver, self._path, is_backup=is_backup)

    def bytes_of_copy(self) -> int:
        """How long a copy would be just now."""
        with self._connections.reading() as connection:
            (pages,) = connection.execute("PRAGMA page_count").fetchall()[0]
            (page_bytes,) = connection.execute("PRAGMA page_size").fetchall()[0]
        return int(pages * page_bytes)

    def warnings(self) -> list[str]:
        if self._driver.wal_safe:
            return []
        warning = (
            f"SQLite {self._driver.sqlite_version} can corrupt a write-ahead log, so a slower "
            f"rollback journal is used; install pysqlite3 or a Python with SQLite 3.51.3."
        )
        return [warning]

    def commit(self, changes: Changes, deadline: float) -> None:
        event_id = changes.event.event_id
        self._together.write(event_id, lambda connection: write(connection, changes), deadline)

    def exclusive(
        self, event_id: str, work: Callable[[Transaction], None], deadline: float
    ) -> None:
        def do(connection: Connection) -> None:
            self._have_what_is_seen_synced(connection)
            work(ExclusiveTransaction(connection, self._reader))

        self._together.write(event_id, do, deadline)

    def make_durable(
        self,
        event_id: str,  # noqa: ARG002 - a sync is for all of the file
        deadline: float,
    ) -> None:
        if not self._driver.wal_safe:
            with self._connections.writing(deadline) as connection:
                self._have_what_is_seen_synced(connection)

    def commit_id(self, event_id: str, version: int, deadline: float | None = None) -> int | None:
        until = time.monotonic() + READ_WAIT_SECONDS_MAX if deadline is None else deadline
        parameters = {"event_id": event_id, "version": version}
        try:
            with self._connections.writing(until) as connection:
                self._have_what_is_seen_synced(connection)
                rows = connection.execute(statements.SELECT_COMMIT_ID, parameters).fetchall()
        except LockTimeout as error:
            if deadline is not None:
                raise
            raise StorageUnavailable("The database stayed locked.") from error
        return rows[0][0] if rows else None

    def _have_what_is_seen_synced(self, connection: Connection) -> None:
        """Have the commit of this transaction wait for all that it has seen.

        A write-ahead log shows nothing else. A rollback journal that is empty shows its commit,
        though the sync of that may have failed, and a power cut bring the journal back.
        """
        if not self._driver.wal_safe:
            connection.execute(WRITE_NOTHING_NEW)

    def now(self) -> int:
        return self._clock()

    def damage(self) -> list[str]:
        found = self._connections.fetch(f"PRAGMA integrity_check({DAMAGE_LINES_MAX})", {})
        lines = [" ".join(line.split()) for (line,) in found if line != "ok"]
        rows = self._connections.fetch("PRAGMA foreign_key_check", {})
        tables = Counter(row[0] for row in rows)
        return lines + [f"{n} rows of {table} belong to no event" for table, n in tables.items()]

    def filled_tables(self) -> list[str]:
        # Without a file there is nothing; whatever else is wrong with it is said at its first use.
        if not self._path.exists():
            return []
        with self._connections.reading() as connection:
            return filled_tables(connection, COUNT_TABLES)

    @contextmanager
    def transfer(self, deadline: float) -> Iterator[Transfer]:
        with self._connections.writing(deadline) as connection:
            refuse_other(schema_version(connection), known=max(migrations()))
            yield SqlTransfer(connection, SQLITE, lambda _: self._clock)

    def observe_lock_waits(self, observe: Callable[[float], None]) -> None:
        self._connections.observe_lock_wait = observe

    def tidy(self) -> None:
        self._log_bound.keep()

    def log_bytes(self) -> int:
        return log_bytes(self._path)

    def close(self) -> None:
        self._connections.close()
