"""What is read in the same way from every SQL database."""

from collections.abc import Callable, Collection, Sequence

from ticketboss.domain.commands import Command
from ticketboss.domain.events import Event
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.domain.reservations import PartnerTotals, Reservation
from ticketboss.repository.interface import (
    Changes,
    ReservationFilter,
    ReservationPage,
    Snapshot,
)
from ticketboss.repository.sql import rows, statements
from ticketboss.repository.sql.access import SqlAccess
from ticketboss.repository.sql.connection import Clock, Connection, Connections
from ticketboss.repository.sql.dialect import Dialect
from ticketboss.repository.sql.reading import Reader
from ticketboss.repository.sql.writing import write


class SqlRepository:
    """The part of a Repository (see `ticketboss.repository.interface`) that needs only SQL."""

    def __init__(
        self,
        connections: Connections,
        dialect: Dialect,
        clock: Callable[[Connection], Clock],
    ) -> None:
        self._pool = connections
        self._dialect = dialect
        self._reader = Reader(dialect, clock)
        self.access = SqlAccess(connections, dialect)

    def snapshot(
        self, event_id: str, commands: Sequence[Command], deadline: float | None = None
    ) -> Snapshot:
        with self._pool.reading(deadline) as connection:
            return self._reader.snapshot(connection, event_id, commands)

    def commit(self, changes: Changes, deadline: float) -> None:
        with self._pool.writing(deadline) as connection:
            write(connection, changes)

    def event(self, event_id: str) -> Event | None:
        found = self._pool.fetch(statements.SELECT_EVENT, {"event_id": event_id})
        return rows.event(found[0]) if found else None

    def events(self, after_event_id: str, limit: int, is_test: bool | None = None) -> list[Event]:
        found = self._pool.fetch(
            statements.SELECT_EVENTS,
            {"after_event_id": after_event_id, "limit": limit, "is_test": is_test},
        )
        return [rows.event(row) for row in found]

    def reservation(self, event_id: str, reservation_id: str) -> Reservation | None:
        found = self.reservations(event_id, [reservation_id])
        return found[0] if found else None

    def reservations(self, event_id: str, reservation_ids: Sequence[str]) -> list[Reservation]:
        found = self._pool.fetch(
            self._dialect.select_reservations,
            {"event_id": event_id, "reservation_ids": self._dialect.as_list(reservation_ids)},
        )
        return [Reservation(*row) for row in found]

    def reservations_page(
        self, event_id: str, wanted: ReservationFilter, after_version: int, limit: int
    ) -> ReservationPage:
        with self._pool.reading() as connection:
            return self._reader.reservations_page(
                connection, event_id, wanted, after_version, limit
            )

    def reservations_created(self, event_id: str, up_to_version: int) -> int:
        found = self._pool.fetch(
            statements.COUNT_RESERVATIONS_CREATED,
            {"event_id": event_id, "up_to_version": up_to_version},
        )
        count: int = found[0][0]
        return count

    def ledger(self, event_id: str, after_version: int, limit: int) -> list[LedgerEntry]:
        found = self._pool.fetch(
            statements.SELECT_LEDGER,
            {"event_id": event_id, "after_version": after_version, "limit": limit},
        )
        return [rows.entry(row) for row in found]

    def event_at(self, event_id: str, version: int) -> tuple[LedgerEntry, LedgerEntry] | None:
        parameters = {"event_id": event_id, "version": version}
        at = self._pool.fetch(statements.SELECT_ENTRY_AT, parameters)
        settings = self._pool.fetch(self._dialect.select_settings_at, parameters)
        return (rows.entry(at[0]), rows.entry(settings[0])) if at and settings else None

    def entries_at(self, places: Collection[tuple[str, int]]) -> list[LedgerEntry]:
        pairs = [[event_id, str(version)] for event_id, version in places]
        parameters = {"places": self._dialect.as_list(pairs)}
        return [
            rows.entry(row) for row in self._pool.fetch(self._dialect.select_entries_at, parameters)
        ]

    def versions(self, event_ids: Collection[str]) -> dict[str, int]:
        parameters = {"event_ids": self._dialect.as_list(event_ids)}
        return dict(self._pool.fetch(self._dialect.select_versions, parameters))

    def totals(self, event_id: str) -> tuple[Event, dict[str, PartnerTotals]] | None:
        with self._pool.reading() as connection:
            parameters = {"event_id": event_id}
            events = connection.execute(statements.SELECT_EVENT, parameters).fetchall()
            partners = connection.execute(statements.SELECT_PARTNER_TOTALS, parameters).fetchall()
        if not events:
            return None
        return rows.event(events[0]), {row[0]: PartnerTotals(*row[1:]) for row in partners}

    def events_due(self, now: int, limit: int) -> list[str]:
        found = self._pool.fetch(self._dialect.select_events_due, {"now": now, "limit": limit})
        return [row[0] for row in found]


class ExclusiveTransaction:
    """Snapshot and commit within one transaction, which nobody can overtake."""

    def __init__(self, connection: Connection, reader: Reader) -> None:
        self._connection = connection
        self._reader = reader

    def snapshot(
        self,
        event_id: str,
        commands: Sequence[Command],
        deadline: float | None = None,  # noqa: ARG002 - that of the transaction holds
    ) -> Snapshot:
        return self._reader.snapshot(self._connection, event_id, commands)

    def commit(self, changes: Changes, deadline: float) -> None:  # noqa: ARG002 - as above
        write(self._connection, changes)
