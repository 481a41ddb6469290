"""Rows to domain objects, inside a transaction of the caller."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from ticketboss.domain.commands import Command
from ticketboss.domain.events import Event
from ticketboss.domain.ledger import EventState, LedgerEntry, partner_actor
from ticketboss.domain.reservations import Reservation
from ticketboss.repository.interface import Snapshot
from ticketboss.repository.sqlite import statements


def event(connection: sqlite3.Connection, event_id: str) -> Event | None:
    rows = connection.execute(statements.SELECT_EVENT, {"event_id": event_id}).fetchall()
    return Event(*rows[0]) if rows else None


def reservations(
    connection: sqlite3.Connection, event_id: str, reservation_ids: Sequence[str]
) -> list[Reservation]:
    rows = connection.execute(
        statements.SELECT_RESERVATIONS,
        {"event_id": event_id, "reservation_ids": json.dumps(reservation_ids)},
    ).fetchall()
    return [Reservation(*row) for row in rows]


def entry(row: Sequence[Any]) -> LedgerEntry:
    detail = json.loads(row[-1]) if row[-1] else {}
    return LedgerEntry(*row[:-1], detail)  # type: ignore[call-arg] # its length is the columns'


def snapshot(
    connection: sqlite3.Connection, event_id: str, commands: Sequence[Command], now: int
) -> Snapshot:
    """What `commands` need of one event; the connection is in a transaction."""
    found = event(connection, event_id)
    if found is None:
        return Snapshot(EventState(), now)
    wanted = [id_ for command in commands if (id_ := command.existing_reservation_id)]
    by_id = {
        reservation.reservation_id: reservation
        for reservation in (reservations(connection, event_id, wanted) if wanted else ())
    }
    partner_ids = set()
    keys = []
    for command in commands:
        partner_id = command.partner_among(by_id)
        if partner_id is not None:
            partner_ids.add(partner_id)
            if command.idempotency_key is not None:
                keys.append((partner_actor(partner_id), command.idempotency_key))
    state = EventState(
        event=found,
        reservations=by_id,
        keys=_keys(connection, event_id, keys) if keys else {},
        partner_seats=_partner_seats(connection, event_id, partner_ids),
    )
    return Snapshot(state, now)


def _keys(
    connection: sqlite3.Connection, event_id: str, keys: list[tuple[str, str]]
) -> dict[tuple[str, str], LedgerEntry]:
    rows = connection.execute(
        statements.SELECT_KEYS, {"event_id": event_id, "keys": json.dumps(keys)}
    ).fetchall()
    entries = [entry(row) for row in rows]
    return {(found.actor, found.idempotency_key or ""): found for found in entries}


def _partner_seats(
    connection: sqlite3.Connection, event_id: str, partner_ids: set[str]
) -> dict[str, int]:
    rows = connection.execute(
        statements.SELECT_PARTNER_SEATS,
        {"event_id": event_id, "partner_ids": json.dumps(list(partner_ids))},
    ).fetchall()
    return dict(rows)
