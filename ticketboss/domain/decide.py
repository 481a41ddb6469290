"""`decide(state, command, now)`: the rules of the sale, as a pure function."""

from dataclasses import dataclass
from typing import Any

from ticketboss.domain.commands import Cancel, Command, CreateEvent, Reserve
from ticketboss.domain.events import Event
from ticketboss.domain.ledger import (
    SYSTEM_ACTOR,
    EventState,
    Kind,
    LedgerEntry,
    advance,
    partner_actor,
)
from ticketboss.domain.refusals import (
    AlreadyCancelled,
    EventExists,
    EventNotFound,
    IdempotencyKeyReused,
    NotEnoughSeats,
    PreconditionFailed,
    Refusal,
    ReservationNotFound,
    TooManySeats,
)


@dataclass(frozen=True, slots=True)
class Replay:
    """The key was used for this very request before: `entry` is what it did."""

    entry: LedgerEntry


Decision = tuple[LedgerEntry, ...] | Replay | Refusal


def decide(state: EventState, command: Command, now: int) -> Decision:
    """Decide one command on one state.

    `now` is in milliseconds since 1970, UTC. Gives the ledger entries that the command
    causes, the earlier entry that it repeats, or the reason why it is refused. The order is:
    look the idempotency key up, compare the precondition, apply the rules.
    """
    match command:
        case CreateEvent():
            return _create(state, command, now)
        case Reserve():
            return _reserve(state, command, now)
        case Cancel():
            return _cancel(state, command, now)
        case _:
            raise TypeError(f"Nothing decides a {type(command).__name__}.")


def _create(state: EventState, command: CreateEvent, now: int) -> Decision:
    if state.event is not None:
        return EventExists()
    return (
        LedgerEntry(
            event_id=command.event_id,
            version=0,
            kind="event_created",
            actor=SYSTEM_ACTOR,
            reservation_id=None,
            partner_id=None,
            seats=0,
            total_seats=command.total_seats,
            available_seats=command.total_seats,
            held_seats=0,
            reservation_count=0,
            at=now,
            detail={
                "name": command.name,
                "seats_per_reservation_max": command.seats_per_reservation_max,
            },
        ),
    )


def _reserve(state: EventState, command: Reserve, now: int) -> Decision:
    event = state.event
    if event is None:
        return EventNotFound()
    answered = _answered(state, command, command.partner_id, event.version)
    if answered is not None:
        return answered
    if command.seats > event.seats_per_reservation_max:
        return TooManySeats(command.seats, event.seats_per_reservation_max)
    if command.seats > event.available_seats:
        return NotEnoughSeats(command.seats, event.available_seats, event.held_seats)
    detail = {} if command.reference is None else {"reference": command.reference}
    return (_entry(event, "reserved", command, command.partner_id, command.seats, now, detail),)


def _cancel(state: EventState, command: Cancel, now: int) -> Decision:
    event = state.event
    if event is None:
        return EventNotFound()
    reservation = state.reservations.get(command.reservation_id)
    if reservation is None:
        return ReservationNotFound()
    partner_id = reservation.partner_id
    answered = _answered(state, command, partner_id, reservation.version)
    if answered is not None:
        return answered
    if not reservation.is_live:
        return AlreadyCancelled()
    return (_entry(event, "cancelled", command, partner_id, reservation.seats, now, {}),)


def _answered(
    state: EventState, command: Command, partner_id: str, current_version: int
) -> Replay | Refusal | None:
    """The answer that the key or the precondition gives before any rule is asked."""
    if command.idempotency_key is not None:
        earlier = state.keys.get((partner_actor(partner_id), command.idempotency_key))
        if earlier is not None:
            same = earlier.request_hash == command.request_hash()
            return Replay(earlier) if same else IdempotencyKeyReused()
    if command.expected_versions is not None and current_version not in command.expected_versions:
        return PreconditionFailed(current_version)
    return None


def _entry(
    event: Event,
    kind: Kind,
    command: Reserve | Cancel,
    partner_id: str,
    seats: int,
    now: int,
    detail: dict[str, Any],
) -> LedgerEntry:
    after = advance(event, kind, seats)
    return LedgerEntry(
        event_id=event.event_id,
        version=after.version,
        kind=kind,
        actor=partner_actor(partner_id),
        reservation_id=command.reservation_id,
        partner_id=partner_id,
        seats=seats,
        total_seats=after.total_seats,
        available_seats=after.available_seats,
        held_seats=after.held_seats,
        reservation_count=after.reservation_count,
        at=now,
        idempotency_key=command.idempotency_key,
        request_hash=command.request_hash() if command.idempotency_key else None,
        detail=detail,
    )
