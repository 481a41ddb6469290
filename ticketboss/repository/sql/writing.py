"""One commit's changes to rows, inside a write transaction of the caller."""

from collections.abc import Sequence

from ticketboss.repository.interface import Changes, Conflict, ReservationChange
from ticketboss.repository.sql import statements
from ticketboss.repository.sql.connection import Connection
from ticketboss.repository.sql.rows import entry_row


def write(connection: Connection, changes: Changes) -> None:
    """Write all of `changes`. Raises Conflict when the event has moved on."""
    event_id = changes.event.event_id
    _write_event(connection, changes)
    _write_reservations(connection, event_id, changes.reservations)
    connection.executemany(
        statements.INSERT_ENTRY,
        [entry_row(entry, changes.commit_id) for entry in changes.entries],
    )
    totals = [
        (event_id, partner_id, *partner) for partner_id, partner in sorted(changes.partners.items())
    ]
    if totals:
        connection.executemany(statements.UPSERT_PARTNER_TOTALS, totals)


def _write_event(connection: Connection, changes: Changes) -> None:
    row = changes.event._asdict() | {"version_read": changes.version_read}
    statement = statements.INSERT_EVENT if changes.version_read is None else statements.UPDATE_EVENT
    if not connection.execute(statement, row).fetchall():
        raise Conflict


def _write_reservations(
    connection: Connection, event_id: str, changes: Sequence[ReservationChange]
) -> None:
    new = [(event_id, *change.reservation) for change in changes if change.version_read is None]
    if new:
        connection.executemany(statements.INSERT_RESERVATION, new)
    # All are sent before the first answer is asked for: one round trip, where there is a network.
    updates = [
        connection.execute(
            statements.UPDATE_RESERVATION,
            change.reservation._asdict()
            | {"event_id": event_id, "version_read": change.version_read},
        )
        for change in changes
        if change.version_read is not None
    ]
    if not all(update.fetchall() for update in updates):
        raise Conflict
