"""Commands and states for tests, with defaults for what a test does not care about."""

from ticketboss.domain.commands import Cancel, Command, CreateEvent, Reserve
from ticketboss.domain.decide import Decision, decide
from ticketboss.domain.ledger import EventState, LedgerEntry

EVENT_ID = "drop"
PARTNER_ID = "abc-corp"
NOW = 1_700_000_000_000


def create_event(
    total_seats: int = 500,
    *,
    event_id: str = EVENT_ID,
    name: str = "The drop",
    seats_per_reservation_max: int = 10,
) -> CreateEvent:
    return CreateEvent(
        event_id=event_id,
        name=name,
        total_seats=total_seats,
        seats_per_reservation_max=seats_per_reservation_max,
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
) -> Reserve:
    return Reserve(
        event_id=event_id,
        reservation_id=reservation_id,
        partner_id=partner_id,
        seats=seats,
        reference=reference,
        idempotency_key=key,
        expected_versions=expected_versions,
    )


def cancel(
    reservation_id: str = "r1",
    *,
    event_id: str = EVENT_ID,
    key: str | None = None,
    expected_versions: frozenset[int] | None = None,
) -> Cancel:
    return Cancel(
        event_id=event_id,
        reservation_id=reservation_id,
        idempotency_key=key,
        expected_versions=expected_versions,
    )


def after(*commands: Command) -> EventState:
    """The state that these commands leave; each of them must be accepted."""
    state = EventState()
    for command in commands:
        state.apply(accepted(decide(state, command, NOW)))
    return state


def accepted(decision: Decision) -> LedgerEntry:
    """The one entry of a decision that accepted a command."""
    assert isinstance(decision, tuple), decision
    assert len(decision) == 1
    return decision[0]
