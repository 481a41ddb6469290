"""Events, reservations and their ledger in one SQLite file."""

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ticketboss.domain.commands import Command
from ticketboss.domain.events import Event
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.domain.reservations import PartnerTotals, Reservation
from ticketboss.repository.interface import (
    Changes,
    LockTimeout,
    ReservationFilter,
    ReservationPage,
    SchemaMismatch,
    Snapshot,
    StorageUnavailable,
    Transaction,
)
from ticketboss.repository.sqlite import reading, statements, writing
from ticketboss.repository.sqlite.access import SqliteAccess
from ticketboss.repository.sqlite.connection import Connections
from ticketboss.repository.sqlite.driver import Driver, choose_driver
from ticketboss.repository.sqlite.file import create_file
from ticketboss.repository.sqlite.migration import (
    apply_migrations,
    migrations,
    refuse_newer,
    schema_version,
)

MIGRATION_WAIT_SECONDS_MAX = 60.0


def _now() -> int:
    return time.time_ns() // 1_000_000


class SqliteRepository:
    """A Repository (see `ticketboss.repository.interface`) over one file.

    `clock` gives milliseconds since 1970, UTC.
    """

    def __init__(
        self, path: str, driver: Driver | None = None, clock: Callable[[], int] = _now
    ) -> None:
        self._path = Path(path)
        self._driver = driver or choose_driver()
        self._clock = clock
        self._connections = Connections(self._path, self._driver)
        self.access = SqliteAccess(self._connections)

    def migrate(self) -> list[str]:
        deadline = time.monotonic() + MIGRATION_WAIT_SECONDS_MAX
        try:
            create_file(self._path, self._driver, deadline)
            with self._connections.writing(deadline) as connection:
                return apply_migrations(connection)
        except LockTimeout as error:
            raise StorageUnavailable("The database stayed locked for the migration.") from error

    def check(self) -> None:
        known = max(migrations())
        with self._connections.reading() as connection:
            found = schema_version(connection)
        refuse_newer(found, known)
        if found < known:
            raise SchemaMismatch(
                f"The database has schema {found}, this TicketBoss needs {known}: "
                f"run 'python -m ticketboss migrate'."
            )

    def warnings(self) -> list[str]:
        if self._driver.wal_safe:
            return []
        warning = (
            f"SQLite {self._driver.sqlite_version} can corrupt a write-ahead log, so a slower "
            f"rollback journal is used; install pysqlite3 or a Python with SQLite 3.51.3."
        )
        return [warning]

    def snapshot(
        self, event_id: str, commands: Sequence[Command], deadline: float | None = None
    ) -> Snapshot:
        with self._connections.reading(deadline) as connection:
            return reading.snapshot(connection, event_id, commands, self._clock())

    def commit(self, changes: Changes, deadline: float) -> None:
        with self._connections.writing(deadline) as connection:
            writing.write(connection, changes)

    @contextmanager
    def exclusive(self, deadline: float) -> Iterator[Transaction]:
        with self._connections.writing(deadline) as connection:
            yield ExclusiveTransaction(connection, self._clock)

    def commit_id(self, event_id: str, version: int, deadline: float | None = None) -> int | None:
        parameters = {"event_id": event_id, "version": version}
        rows = self._connections.fetch(statements.SELECT_COMMIT_ID, parameters, deadline)
        return rows[0][0] if rows else None

    def now(self) -> int:
        return self._clock()

    def event(self, event_id: str) -> Event | None:
        rows = self._connections.fetch(statements.SELECT_EVENT, {"event_id": event_id})
        return reading.event(rows[0]) if rows else None

    def events(self, after_event_id: str, limit: int, is_test: bool | None = None) -> list[Event]:
        rows = self._connections.fetch(
            statements.SELECT_EVENTS,
            {"after_event_id": after_event_id, "limit": limit, "is_test": is_test},
        )
        return [reading.event(row) for row in rows]

    def reservation(self, event_id: str, reservation_id: str) -> Reservation | None:
        found = self.reservations(event_id, [reservation_id])
        return found[0] if found else None

    def reservations(self, event_id: str, reservation_ids: Sequence[str]) -> list[Reservation]:
        with self._connections.reading() as connection:
            return reading.reservations(connection, event_id, reservation_ids)

    def reservations_page(
        self, event_id: str, wanted: ReservationFilter, after_version: int, limit: int
    ) -> ReservationPage:
        with self._connections.reading() as connection:
            return reading.reservations_page(connection, event_id, wanted, after_version, limit)

    def reservations_created(self, event_id: str, up_to_version: int) -> int:
        rows = self._connections.fetch(
            statements.COUNT_RESERVATIONS_CREATED,
            {"event_id": event_id, "up_to_version": up_to_version},
        )
        count: int = rows[0][0]
        return count

    def ledger(self, event_id: str, after_version: int, limit: int) -> list[LedgerEntry]:
        rows = self._connections.fetch(
            statements.SELECT_LEDGER,
            {"event_id": event_id, "after_version": after_version, "limit": limit},
        )
        return [reading.entry(row) for row in rows]

    def event_at(self, event_id: str, version: int) -> tuple[LedgerEntry, LedgerEntry] | None:
        parameters = {"event_id": event_id, "version": version}
        at = self._connections.fetch(statements.SELECT_ENTRY_AT, parameters)
        settings = self._connections.fetch(statements.SELECT_SETTINGS_AT, parameters)
        return (reading.entry(at[0]), reading.entry(settings[0])) if at and settings else None

    def versions(self, event_ids: Collection[str]) -> dict[str, int]:
        parameters = {"event_ids": json.dumps(list(event_ids))}
        return dict(self._connections.fetch(statements.SELECT_VERSIONS, parameters))

    def totals(self, event_id: str) -> tuple[Event, dict[str, PartnerTotals]] | None:
        with self._connections.reading() as connection:
            parameters = {"event_id": event_id}
            events = connection.execute(statements.SELECT_EVENT, parameters).fetchall()
            partners = connection.execute(statements.SELECT_PARTNER_TOTALS, parameters).fetchall()
        if not events:
            return None
        return reading.event(events[0]), {row[0]: PartnerTotals(*row[1:]) for row in partners}

    def events_due(self, now: int, limit: int) -> list[str]:
        rows = self._connections.fetch(statements.SELECT_EVENTS_DUE, {"now": now, "limit": limit})
        return [row[0] for row in rows]

    def damage(self) -> list[str]:
        rows = self._connections.fetch("PRAGMA foreign_key_check", {})
        tables = Counter(row[0] for row in rows)
        return [f"{count} rows of {table} belong to no event" for table, count in tables.items()]

    def observe_lock_waits(self, observe: Callable[[float], None]) -> None:
        self._connections.observe_lock_wait = observe

    def log_bytes(self) -> int:
        # By its name alone: opening and closing it would drop this process's locks.
        log = self._path.with_name(f"{self._path.name}-wal")
        try:
            return log.stat().st_size
        except FileNotFoundError:
            return 0

    def close(self) -> None:
        self._connections.close()


class ExclusiveTransaction:
    """Snapshot and commit within one transaction that already holds the write lock."""

    def __init__(self, connection: sqlite3.Connection, clock: Callable[[], int]) -> None:
        self._connection = connection
        self._clock = clock

    def snapshot(
        self,
        event_id: str,
        commands: Sequence[Command],
        deadline: float | None = None,  # noqa: ARG002 - the lock is held
    ) -> Snapshot:
        return reading.snapshot(self._connection, event_id, commands, self._clock())

    def commit(self, changes: Changes, deadline: float) -> None:  # noqa: ARG002 - lock is held
        writing.write(self._connection, changes)
