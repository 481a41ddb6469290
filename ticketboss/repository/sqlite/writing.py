"""One commit's changes to rows, inside a write transaction of the caller."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from ticketboss.domain.events import Event
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.domain.reservations import PartnerTotals, Reservation
from ticketboss.repository.interface import Changes, Conflict, ReservationChange
from ticketboss.repository.sqlite import statements


def write(connection: sqlite3.Connection, changes: Changes) -> None:
    """Write all of `changes`. Raises Conflict when the event has moved on."""
    event_id = changes.event.event_id
    _write_event(connection, changes)
    _write_reservations(connection, event_id, changes.reservations)
    connection.executemany(
        statements.INSERT_ENTRY,
        [_entry_row(entry, changes.commit_id) for entry in changes.entries],
    )
    connection.executemany(
        statements.UPSERT_PARTNER_TOTALS,
        [
            _columns(totals) | {"event_id": event_id, "partner_id": partner_id}
            for partner_id, totals in changes.partners.items()
        ],
    )


def _write_event(connection: sqlite3.Connection, changes: Changes) -> None:
    row = _columns(changes.event) | {"version_read": changes.version_read}
    statement = statements.INSERT_EVENT if changes.version_read is None else statements.UPDATE_EVENT
    if connection.execute(statement, row).rowcount != 1:
        raise Conflict


def _write_reservations(
    connection: sqlite3.Connection, event_id: str, changes: Sequence[ReservationChange]
) -> None:
    rows = [
        _columns(change.reservation) | {"event_id": event_id, "version_read": change.version_read}
        for change in changes
    ]
    connection.executemany(
        statements.INSERT_RESERVATION, [row for row in rows if row["version_read"] is None]
    )
    for row in rows:
        if row["version_read"] is not None:
            changed = connection.execute(statements.UPDATE_RESERVATION, row).rowcount
            if changed != 1:
                raise Conflict


def _entry_row(entry: LedgerEntry, commit_id: int) -> dict[str, Any]:
    detail = json.dumps(entry.detail, ensure_ascii=False) if entry.detail else None
    return _columns(entry) | {"detail": detail, "commit_id": commit_id}


def _columns(row: Event | Reservation | LedgerEntry | PartnerTotals) -> dict[str, Any]:
    # dataclasses.asdict() copies deeply, which costs more than the INSERT.
    return {name: getattr(row, name) for name in row.__slots__}
