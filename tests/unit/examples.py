"""Commands and states for tests, with defaults for what a test does not care about."""

from typing import Any

from ticketboss.domain.commands import (
    Cancel,
    Change,
    ChangeEvent,
    Command,
    Confirm,
    CreateEvent,
    Reserve,
    Sweep,
)
from ticketboss.domain.decide import decide
from ticketboss.domain.decisions import Decision
from ticketboss.domain.events import Event
from ticketboss.domain.ledger import EventState, LedgerEntry
from ticketboss.domain.reservations import Reservation

EVENT_ID = "drop"
PARTNER_ID = "abc-corp"
OPERATOR = "operator:key-1"
NOW = 1_700_000_000_000


def create_event(
    total_seats: int = 500,
    *,
    event_id: str = EVENT_ID,
    name: str = "The drop",
    seats_per_reservation_max: int = 10,
    **settings: Any,
) -> CreateEvent:
    return CreateEvent(
        event_id=event_id,
        name=name,
        total_seats=total_seats,
        seats_per_reservation_max=seats_per_reservation_max,
        **settings,
    )


def reserve(
    seats: int = 1,
    reservation_id: str = "r1",
    *,
    event_id: str = EVENT_ID,
    partner_id: str = PARTNER_ID,
    reference: str | None = None,
    key: str | None = None,
    expected_versions: frozenset[int] | None = None,
    **more: Any,
) -> Reserve:
    return Reserve(
        event_id=event_id,
        reservation_id=reservation_id,
        partner_id=partner_id,
        seats=seats,
        reference=reference,
        idempotency_key=key,
        expected_versions=expected_versions,
        **more,
    )


def hold(
    seats: int = 1, reservation_id: str = "r1", *, hold_seconds: int = 60, **more: Any
) -> Reserve:
    return reserve(seats, reservation_id, hold_seconds=hold_seconds, **more)


def cancel(
    reservation_id: str = "r1",
    *,
    event_id: str = EVENT_ID,
    key: str | None = None,
    expected_versions: frozenset[int] | None = None,
    **more: Any,
) -> Cancel:
    return Cancel(
        event_id=event_id,
        reservation_id=reservation_id,
        idempotency_key=key,
        expected_versions=expected_versions,
        **more,
    )


def confirm(reservation_id: str = "r1", *, key: str | None = None, **more: Any) -> Confirm:
    return Confirm(event_id=EVENT_ID, reservation_id=reservation_id, idempotency_key=key, **more)


def change(
    reservation_id: str = "r1",
    seats: int | None = None,
    *,
    hold_seconds: int | None = None,
    key: str | None = None,
    **more: Any,
) -> Change:
    return Change(
        event_id=EVENT_ID,
        reservation_id=reservation_id,
        seats=seats,
        hold_seconds=hold_seconds,
        idempotency_key=key,
        **more,
    )


def change_event(actor: str | None = OPERATOR, key: str | None = None, **settings: Any) -> Command:
    return ChangeEvent(event_id=EVENT_ID, settings=settings, actor=actor, idempotency_key=key)


def sweep(event_id: str = EVENT_ID) -> Sweep:
    return Sweep(event_id=event_id)


def after(*commands: Command) -> EventState:
    """The state that these commands leave; each of them must be accepted."""
    return then(EventState(), *commands)


def then(state: EventState, *commands: Command, now: int = NOW) -> EventState:
    """The same state, moved on by these commands; each of them must be accepted."""
    for command in commands:
        state.apply(accepted(decide(state, command, now)))
    return state


def event_of(state: EventState) -> Event:
    assert state.event is not None
    return state.event


def one(state: EventState, reservation_id: str = "r1") -> Reservation:
    return state.reservations[reservation_id]


def accepted(decision: Decision) -> LedgerEntry:
    """The one entry of a decision that accepted a command."""
    assert isinstance(decision, tuple), decision
    assert len(decision) == 1
    return decision[0]
