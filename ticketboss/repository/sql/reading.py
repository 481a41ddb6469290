"""Reading inside a transaction of the caller.

Where two statements do not need each other, both are sent before the first one's rows are
fetched: over a network they share a round trip.
"""

from collections.abc import Callable, Sequence

from ticketboss.domain.commands import Command, CreateEvent, Sweep
from ticketboss.domain.events import Event
from ticketboss.domain.ledger import EventState, LedgerEntry
from ticketboss.domain.reservations import PartnerTotals, Reservation
from ticketboss.repository.interface import (
    DUE_MAX,
    ROWS_SCANNED_MAX,
    ReservationFilter,
    ReservationPage,
    Snapshot,
)
from ticketboss.repository.sql import rows, statements
from ticketboss.repository.sql.connection import Clock, Connection, Cursor
from ticketboss.repository.sql.dialect import Dialect


class Reader:
    """Reads events and what belongs to them, in the words of one backend.

    `clock` is given a connection when the event was asked for, and gives what tells the time.
    """

    def __init__(self, dialect: Dialect, clock: Callable[[Connection], Clock]) -> None:
        self._dialect = dialect
        self._clock = clock

    def reservations_page(
        self,
        connection: Connection,
        event_id: str,
        wanted: ReservationFilter,
        after_version: int,
        limit: int,
    ) -> ReservationPage:
        """As in the interface."""
        keys = {"partner": wanted.partner_id, "reference": wanted.reference}
        by = " and ".join(name for name, value in keys.items() if value) or "event"
        parameters = {
            "event_id": event_id,
            "after_version": after_version,
            "rows_scanned_max": ROWS_SCANNED_MAX,
            "partner_id": wanted.partner_id,
            "reference": wanted.reference,
            "status": wanted.status,
            # One more shows whether there is a next page.
            "limit": limit + 1,
        }
        page = connection.execute(self._dialect.select_reservations_page[by], parameters)
        found = [Reservation(*row) for row in page.fetchall()]
        if len(found) > limit:
            return ReservationPage(found[:limit], found[limit - 1].created_version)
        stretch = connection.execute(self._dialect.select_stretch_end[by], parameters)
        scanned, end = stretch.fetchall()[0]
        return ReservationPage(found, end if scanned == ROWS_SCANNED_MAX else None)

    def snapshot(
        self, connection: Connection, event_id: str, commands: Sequence[Command]
    ) -> Snapshot:
        """What `commands` need of one event, whose row is read first."""
        event_cursor = connection.execute(statements.SELECT_EVENT, {"event_id": event_id})
        clock = self._clock(connection)
        named = self._named(connection, event_id, commands)
        events = event_cursor.fetchall()
        now = clock()
        if not events:
            return Snapshot(self._before_creation(connection, event_id, commands), now)
        event = rows.event(events[0])
        due, next_expiry = self._due(connection, event, commands, now)
        found = [Reservation(*row) for row in named.fetchall()] if named else []
        by_id = {reservation.reservation_id: reservation for reservation in (*found, *due)}
        keys, totals, frozen = self._of_partners(connection, event_id, commands, by_id)
        state = EventState(
            event=event,
            reservations=by_id,
            keys=keys,
            partners=totals,
            frozen=frozen,
            due=[reservation.reservation_id for reservation in due],
            next_hold_expires_at=next_expiry,
        )
        return Snapshot(state, now)

    def _before_creation(
        self, connection: Connection, event_id: str, commands: Sequence[Command]
    ) -> EventState:
        """Nothing, but who is frozen where others are decided behind the event's creation."""
        if not any(isinstance(command, CreateEvent) for command in commands):
            return EventState()
        _, _, frozen = self._of_partners(connection, event_id, commands, {})
        return EventState(frozen=frozen)

    def _named(
        self, connection: Connection, event_id: str, commands: Sequence[Command]
    ) -> Cursor | None:
        """Ask for the reservations that the commands name, if they do."""
        named = [id_ for command in commands if (id_ := command.existing_reservation_id)]
        if not named:
            return None
        parameters = {"event_id": event_id, "reservation_ids": self._dialect.as_list(named)}
        return connection.execute(self._dialect.select_reservations, parameters)

    def _due(
        self, connection: Connection, event: Event, commands: Sequence[Command], now: int
    ) -> tuple[list[Reservation], int | None]:
        """Claims that must end, and when the next hold will.

        Overdue holds must end always, the claims of others when a sweep asks for them.
        """
        parameters = {"event_id": event.event_id, "now": now, "limit": DUE_MAX}
        asked = []
        next_expiry = None
        if event.held_seats:
            asked.append(connection.execute(statements.SELECT_DUE_HOLDS, parameters))
            next_expiry = connection.execute(statements.SELECT_NEXT_HOLD_EXPIRES_AT, parameters)
        if any(isinstance(command, Sweep) for command in commands):
            dialect = self._dialect
            select = dialect.select_live if event.cancelled else dialect.select_frozen_holds
            asked.append(connection.execute(select, parameters))
        due = [Reservation(*row) for cursor in asked for row in cursor.fetchall()]
        return due[:DUE_MAX], next_expiry.fetchall()[0][0] if next_expiry else None

    def _of_partners(
        self,
        connection: Connection,
        event_id: str,
        commands: Sequence[Command],
        by_id: dict[str, Reservation],
    ) -> tuple[dict[tuple[str, str], LedgerEntry], dict[str, PartnerTotals], frozenset[str]]:
        """The entries of the commands' keys, the totals of the partners, and who is frozen."""
        partner_ids, keys = _partners_and_keys(commands, by_id)
        keys_cursor = None
        if keys:
            parameters = {"event_id": event_id, "keys": self._dialect.as_list(keys)}
            keys_cursor = connection.execute(self._dialect.select_keys, parameters)
        partners = connection.execute(
            self._dialect.select_partners,
            {"event_id": event_id, "partner_ids": self._dialect.as_list(partner_ids)},
        ).fetchall()
        entries = [rows.entry(row) for row in keys_cursor.fetchall()] if keys_cursor else []
        return (
            {(entry.actor, entry.idempotency_key or ""): entry for entry in entries},
            {row[0]: PartnerTotals(row[1], row[2]) for row in partners},
            frozenset(row[0] for row in partners if row[3]),
        )


def _partners_and_keys(
    commands: Sequence[Command], by_id: dict[str, Reservation]
) -> tuple[set[str], list[list[str]]]:
    """Whose totals the commands need, and which [actor, idempotency key] they bring."""
    partner_ids = {reservation.partner_id for reservation in by_id.values()}
    keys = []
    for command in commands:
        partner_id = command.partner_among(by_id)
        if partner_id is not None:
            partner_ids.add(partner_id)
        actor = command.actor_among(by_id)
        if actor is not None and command.idempotency_key is not None:
            keys.append([actor, command.idempotency_key])
    return partner_ids, keys
