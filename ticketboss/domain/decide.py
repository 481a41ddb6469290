"""`decide(state, command, now)`: the rules of the sale, as a pure function."""

from ticketboss.domain.commands import (
    Cancel,
    Change,
    ChangeEvent,
    Command,
    Confirm,
    CreateEvent,
    ReservationCommand,
    Reserve,
    ReserveMany,
    Sweep,
)
from ticketboss.domain.decisions import Decision, Replay, Unchanged
from ticketboss.domain.events import Event
from ticketboss.domain.ledger import EventState, LedgerEntry
from ticketboss.domain.refusals import (
    EventExists,
    EventNotFound,
    IdempotencyKeyReused,
    PreconditionFailed,
    Refusal,
    ReservationNotFound,
    WrongKeyMode,
)
from ticketboss.domain.reservations import Reservation
from ticketboss.domain.rules import bulk, endings, event_changes, growth


def decide(state: EventState, command: Command, now: int) -> Decision:
    """Decide one command on one state.

    `now` is in milliseconds since 1970, UTC. Gives the ledger entries that the command
    causes, the earlier entry that it repeats, word that all is already so, or the reason why it
    is refused. The order is: look the idempotency key up, compare the precondition, apply the
    rules.
    """
    event = state.event
    if event is not None and command.for_test not in (None, event.is_test):
        return WrongKeyMode(event.is_test)
    if isinstance(command, CreateEvent):
        return _created(state, command, now)
    if event is None:
        return EventNotFound()
    if isinstance(command, Sweep):
        return Unchanged(event.version)
    reservation = None
    if isinstance(command, ReservationCommand):
        reservation = state.reservations.get(command.reservation_id)
        if reservation is None or command.partner_id not in (None, reservation.partner_id):
            return ReservationNotFound()
    current_version = event.version if reservation is None else reservation.version
    answered = _answered(state, command, current_version)
    if answered is not None:
        return answered
    return _by_rule(state, event, reservation, command, now)


def _created(state: EventState, command: CreateEvent, now: int) -> Decision:
    """Entry 0, once; whoever asks again with the same key is told of that entry."""
    if command.for_test not in (None, command.is_test):
        return WrongKeyMode(command.is_test)
    if state.event is None:
        return event_changes.create(command, now)
    return _under_key(state, command) or EventExists()


def decide_due(state: EventState, reservation_id: str, now: int) -> LedgerEntry | None:
    """The entry that ends a claim whose end is due; None if it has ended already."""
    event = state.event
    reservation = state.reservations.get(reservation_id)
    if event is None or reservation is None or not reservation.is_live:
        return None
    return endings.due(event, reservation, now)


def _by_rule(
    state: EventState,
    event: Event,
    reservation: Reservation | None,
    command: Command,
    now: int,
) -> Decision:
    match command:
        case Reserve():
            return growth.reserve(state, event, command, now)
        case ReserveMany():
            return bulk.reserve_many(state, event, command, now)
        case ChangeEvent():
            return event_changes.change(event, command, now)
        case Confirm() if reservation:
            return endings.confirm(state, event, reservation, command, now)
        case Cancel() if reservation:
            return endings.cancel(state, event, reservation, command, now)
        case Change() if reservation:
            return growth.change(state, event, reservation, command, now)
        case _:
            raise TypeError(f"Nothing decides a {type(command).__name__}.")


def _answered(state: EventState, command: Command, current_version: int) -> Replay | Refusal | None:
    """The answer that the key or the precondition gives before any rule is asked."""
    under_key = _under_key(state, command)
    if under_key is not None:
        return under_key
    if command.expected_versions is not None and current_version not in command.expected_versions:
        return PreconditionFailed(current_version)
    return None


def _under_key(state: EventState, command: Command) -> Replay | Refusal | None:
    """What an earlier request under the same idempotency key means for this one."""
    if command.idempotency_key is None:
        return None
    actor = command.actor_among(state.reservations)
    earlier = state.keys.get((actor or "", command.idempotency_key))
    if earlier is None:
        return None
    same = earlier.request_hash == command.request_hash()
    return Replay(earlier) if same else IdempotencyKeyReused()
