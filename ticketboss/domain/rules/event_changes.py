"""Creating an event and changing its settings."""

from ticketboss.domain.commands import SYSTEM_ACTOR, ChangeEvent, CreateEvent
from ticketboss.domain.decisions import Decision, Unchanged, next_entry
from ticketboss.domain.events import SETTING_NAMES, Event
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.domain.refusals import CapacityInUse, EventCancelled, InvalidSaleWindow


def create(command: CreateEvent, now: int) -> Decision:
    """Entry 0 of a new event."""
    if has_empty_window(command.on_sale_from, command.on_sale_until):
        return InvalidSaleWindow()
    unset = {"paused": False, "cancelled": False}
    entry = LedgerEntry(
        event_id=command.event_id,
        version=0,
        kind="event_created",
        actor=command.actor or SYSTEM_ACTOR,
        reservation_id=None,
        partner_id=None,
        seats=0,
        total_seats=command.total_seats,
        available_seats=command.total_seats,
        held_seats=0,
        reservation_count=0,
        at=now,
        idempotency_key=command.idempotency_key,
        request_hash=command.request_hash() if command.idempotency_key else None,
        detail={name: getattr(command, name, unset.get(name)) for name in SETTING_NAMES},
    )
    return (entry,)


def change(event: Event, command: ChangeEvent, now: int) -> Decision:
    """Settings after the change, all of them, in one entry; a cancelled event stays as it is."""
    wanted = event._replace(**command.settings)
    # With a key it is written all the same: a late retry must find it and change nothing either.
    # Of a cancelled event nothing can change any more, so there it need not be.
    if wanted == event and (event.cancelled or not command.idempotency_key):
        return Unchanged(event.version)
    if event.cancelled:
        return EventCancelled()
    taken_seats = event.total_seats - event.available_seats
    if wanted.total_seats < taken_seats:
        return CapacityInUse(wanted.total_seats, taken_seats)
    if has_empty_window(wanted.on_sale_from, wanted.on_sale_until):
        return InvalidSaleWindow()
    detail = wanted.settings() | {"total_seats": wanted.total_seats}
    return (next_entry(event, "event_changed", command, now, detail=detail, actor=command.actor),)


def has_empty_window(on_sale_from: int | None, on_sale_until: int | None) -> bool:
    """Whether a sale window ends before or when it begins."""
    return on_sale_from is not None and on_sale_until is not None and on_sale_until <= on_sale_from
