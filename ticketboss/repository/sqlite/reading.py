"""Rows to domain objects, inside a transaction of the caller."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from ticketboss.domain.commands import Command, Sweep
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
from ticketboss.repository.sqlite import statements


def event(row: Sequence[Any]) -> Event:
    return Event(*row[:-3], *map(bool, row[-3:]))


def reservations(
    connection: sqlite3.Connection, event_id: str, reservation_ids: Sequence[str]
) -> list[Reservation]:
    rows = connection.execute(
        statements.SELECT_RESERVATIONS,
        {"event_id": event_id, "reservation_ids": json.dumps(reservation_ids)},
    ).fetchall()
    return [Reservation(*row) for row in rows]


def reservations_page(
    connection: sqlite3.Connection,
    event_id: str,
    wanted: ReservationFilter,
    after_version: int,
    limit: int,
) -> ReservationPage:
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
    rows = connection.execute(statements.SELECT_RESERVATIONS_PAGE[by], parameters).fetchall()
    found = [Reservation(*row) for row in rows]
    if len(found) > limit:
        return ReservationPage(found[:limit], found[limit - 1].created_version)
    scanned, end = connection.execute(statements.SELECT_STRETCH_END[by], parameters).fetchall()[0]
    return ReservationPage(found, end if scanned == ROWS_SCANNED_MAX else None)


def entry(row: Sequence[Any]) -> LedgerEntry:
    detail = json.loads(row[-1]) if row[-1] else {}
    return LedgerEntry(*row[:-1], detail)  # type: ignore[call-arg] # its length is the columns'


def snapshot(
    connection: sqlite3.Connection, event_id: str, commands: Sequence[Command], now: int
) -> Snapshot:
    """What `commands` need of one event; the connection is in a transaction."""
    rows = connection.execute(statements.SELECT_EVENT, {"event_id": event_id}).fetchall()
    if not rows:
        return Snapshot(EventState(), now)
    found = event(rows[0])
    wanted = [id_ for command in commands if (id_ := command.existing_reservation_id)]
    named = reservations(connection, event_id, wanted) if wanted else []
    due = _due(connection, found, commands, now)
    by_id = {reservation.reservation_id: reservation for reservation in (*named, *due)}
    partner_ids = {reservation.partner_id for reservation in due}
    keys = []
    for command in commands:
        partner_id = command.partner_among(by_id)
        if partner_id is not None:
            partner_ids.add(partner_id)
        actor = command.actor_among(by_id)
        if actor is not None and command.idempotency_key is not None:
            keys.append((actor, command.idempotency_key))
    totals, frozen = _partners(connection, event_id, partner_ids)
    state = EventState(
        event=found,
        reservations=by_id,
        keys=_keys(connection, event_id, keys) if keys else {},
        partners=totals,
        frozen=frozen,
        due=[reservation.reservation_id for reservation in due],
        next_hold_expires_at=_next_hold_expires_at(connection, found, now),
    )
    return Snapshot(state, now)


def _due(
    connection: sqlite3.Connection, found: Event, commands: Sequence[Command], now: int
) -> list[Reservation]:
    """Claims that must end: overdue holds always, the others when a sweep asks for them."""
    wanted = []
    if found.held_seats:
        wanted.append(statements.SELECT_DUE_HOLDS)
    if any(isinstance(command, Sweep) for command in commands):
        wanted.append(statements.SELECT_LIVE if found.cancelled else statements.SELECT_FROZEN_HOLDS)
    parameters = {"event_id": found.event_id, "now": now, "limit": DUE_MAX}
    rows = [row for select in wanted for row in connection.execute(select, parameters).fetchall()]
    return [Reservation(*row) for row in rows[:DUE_MAX]]


def _next_hold_expires_at(connection: sqlite3.Connection, found: Event, now: int) -> int | None:
    if not found.held_seats:
        return None
    rows = connection.execute(
        statements.SELECT_NEXT_HOLD_EXPIRES_AT, {"event_id": found.event_id, "now": now}
    ).fetchall()
    next_expiry: int | None = rows[0][0]
    return next_expiry


def _keys(
    connection: sqlite3.Connection, event_id: str, keys: list[tuple[str, str]]
) -> dict[tuple[str, str], LedgerEntry]:
    rows = connection.execute(
        statements.SELECT_KEYS, {"event_id": event_id, "keys": json.dumps(keys)}
    ).fetchall()
    entries = [entry(row) for row in rows]
    return {(found.actor, found.idempotency_key or ""): found for found in entries}


def _partners(
    connection: sqlite3.Connection, event_id: str, partner_ids: set[str]
) -> tuple[dict[str, PartnerTotals], frozenset[str]]:
    rows = connection.execute(
        statements.SELECT_PARTNERS,
        {"event_id": event_id, "partner_ids": json.dumps(list(partner_ids))},
    ).fetchall()
    totals = {row[0]: PartnerTotals(row[1], row[2]) for row in rows}
    return totals, frozenset(row[0] for row in rows if row[3])
