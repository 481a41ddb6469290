"""The life of a hold: confirmed, released or expired, each once."""

import pytest

from tests.unit.examples import (
    NOW,
    accepted,
    after,
    cancel,
    change_event,
    confirm,
    create_event,
    event_of,
    hold,
    one,
    reserve,
    then,
)
from ticketboss.domain.commands import Command
from ticketboss.domain.decide import decide, decide_due
from ticketboss.domain.decisions import Replay, Unchanged
from ticketboss.domain.ledger import EventState
from ticketboss.domain.refusals import (
    AlreadyCancelled,
    EventNotFound,
    HoldExpired,
    HoldTooLong,
    NotEnoughSeats,
    ReservationEnded,
    ReservationNotFound,
)
from ticketboss.domain.reservations import PartnerTotals

EXPIRY = NOW + 60_000


def _held() -> EventState:
    """Ten seats, three of them held for a minute."""
    return after(create_event(10), hold(3, hold_seconds=60, reference="PO 4711"))


def _expired() -> EventState:
    state = _held()
    entry = decide_due(state, "r1", EXPIRY)
    assert entry is not None
    state.apply(entry)
    return state


def test_a_hold_takes_seats_away_but_is_no_reservation_yet() -> None:
    state = after(create_event(10))
    entry = accepted(decide(state, hold(3, hold_seconds=60, reference="PO 4711"), NOW))
    assert (entry.kind, entry.actor, entry.seats) == ("held", "partner:abc-corp", 3)
    assert entry.detail == {"reference": "PO 4711", "expires_at": EXPIRY}
    state.apply(entry)
    event = event_of(state)
    assert (event.available_seats, event.held_seats, event.reserved_seats) == (7, 3, 0)
    assert event.reservation_count == 0
    assert (one(state).status, one(state).expires_at) == ("held", EXPIRY)
    assert one(state).is_live
    assert state.partners == {"abc-corp": PartnerTotals(3, open_holds=1)}


def test_a_hold_may_last_as_long_as_its_event_allows_and_no_longer() -> None:
    state = after(create_event(10, hold_seconds_total_max=90))
    assert accepted(decide(state, hold(hold_seconds=90), NOW)).kind == "held"
    assert decide(state, hold(hold_seconds=91), NOW) == HoldTooLong(90)


def test_a_refusal_for_want_of_seats_says_what_is_held_and_until_when() -> None:
    state = _held()
    state.next_hold_expires_at = EXPIRY
    assert decide(state, reserve(8, "r2"), NOW) == NotEnoughSeats(8, 7, 3, EXPIRY)


def test_a_confirmed_hold_keeps_its_seats_for_good() -> None:
    state = _held()
    entry = accepted(decide(state, confirm(), NOW + 5))
    assert (entry.kind, entry.actor, entry.at) == ("confirmed", "partner:abc-corp", NOW + 5)
    state.apply(entry)
    event = event_of(state)
    assert (event.available_seats, event.held_seats, event.reserved_seats) == (7, 0, 3)
    assert event.reservation_count == 1
    reservation = one(state)
    assert (reservation.status, reservation.expires_at) == ("confirmed", None)
    assert (reservation.created_at, reservation.created_version, reservation.version) == (NOW, 1, 2)
    assert reservation.reference == "PO 4711"
    assert state.partners == {"abc-corp": PartnerTotals(3, open_holds=0)}


def test_a_hold_can_be_confirmed_until_its_last_millisecond_and_not_at_its_expiry() -> None:
    assert accepted(decide(_held(), confirm(), EXPIRY - 1)).kind == "confirmed"
    assert decide(_held(), confirm(), EXPIRY) == HoldExpired()


def test_a_hold_can_be_released_until_its_last_millisecond_and_not_at_its_expiry() -> None:
    assert accepted(decide(_held(), cancel(), EXPIRY - 1)).kind == "released"
    assert decide(_held(), cancel(), EXPIRY) == HoldExpired()


def test_confirming_twice_is_already_so_at_the_version_that_confirmed() -> None:
    state = then(_held(), confirm(), reserve(1, "r2"))
    assert decide(state, confirm(), NOW) == Unchanged(version=2)
    assert decide(state, confirm(), EXPIRY + 1) == Unchanged(version=2)


def test_a_reservation_that_was_never_held_is_confirmed_already() -> None:
    state = after(create_event(10), reserve(3))
    assert decide(state, confirm(), NOW) == Unchanged(version=1)


@pytest.mark.parametrize("command", [confirm(), cancel()])
def test_an_expired_hold_can_be_neither_confirmed_nor_released(command: Command) -> None:
    assert decide(_expired(), command, EXPIRY) == HoldExpired()
    # Not even when the clock goes back to before its expiry.
    assert decide(_expired(), command, NOW) == HoldExpired()


def test_a_released_hold_cannot_be_confirmed_and_is_not_released_again() -> None:
    state = then(_held(), cancel())
    assert decide(state, confirm(), NOW) == ReservationEnded()
    assert decide(state, cancel(), NOW) == AlreadyCancelled()


def test_a_release_gives_the_seats_back_and_is_no_cancelled_reservation() -> None:
    state = then(_held(), cancel(), now=NOW + 1)
    event = event_of(state)
    assert (event.available_seats, event.held_seats, event.reservation_count) == (10, 0, 0)
    assert (one(state).status, one(state).expires_at) == ("cancelled", None)
    assert state.partners == {"abc-corp": PartnerTotals(0, open_holds=0)}


def test_cancelling_a_confirmed_hold_is_a_cancellation() -> None:
    state = then(_held(), confirm())
    entry = accepted(decide(state, cancel(), EXPIRY + 1))
    assert (entry.kind, entry.available_seats, entry.reservation_count) == ("cancelled", 10, 0)
    state.apply(entry)
    assert state.partners == {"abc-corp": PartnerTotals(0, open_holds=0)}
    assert decide(state, confirm(), NOW) == ReservationEnded()


def test_an_expiry_is_the_systems_own_entry_and_gives_the_seats_back() -> None:
    state = _held()
    entry = decide_due(state, "r1", EXPIRY)
    assert entry is not None
    assert (entry.kind, entry.actor, entry.seats, entry.at) == ("expired", "system", 3, EXPIRY)
    assert entry.detail == {"created_at": NOW, "reference": "PO 4711"}
    state.apply(entry)
    event = event_of(state)
    assert (event.available_seats, event.held_seats, event.reservation_count) == (10, 0, 0)
    assert (one(state).status, one(state).expires_at) == ("expired", None)
    assert state.partners == {"abc-corp": PartnerTotals(0, open_holds=0)}


@pytest.mark.parametrize("ended", [_expired(), then(_held(), cancel())])
def test_a_hold_that_has_ended_does_not_expire_again(ended: EventState) -> None:
    assert decide_due(ended, "r1", EXPIRY) is None


def test_what_is_not_known_has_no_end() -> None:
    assert decide_due(_held(), "r9", EXPIRY) is None
    assert decide_due(EventState(), "r1", EXPIRY) is None


@pytest.mark.parametrize(
    ("claim", "kind"), [(hold(3), "released"), (reserve(3), "cancelled")], ids=["hold", "confirmed"]
)
def test_the_system_ends_a_claim_whose_time_is_not_over_as_what_it_is(
    claim: Command, kind: str
) -> None:
    state = after(create_event(10), claim, change_event(cancelled=True))
    entry = decide_due(state, "r1", NOW)
    assert entry is not None
    assert (entry.kind, entry.actor, entry.available_seats) == (kind, "system", 10)


@pytest.mark.parametrize("command", [confirm(), cancel()])
def test_an_unknown_reservation_or_event_has_nothing_to_end(command: Command) -> None:
    assert decide(after(create_event()), command, NOW) == ReservationNotFound()
    assert decide(EventState(), command, NOW) == EventNotFound()


def test_a_repeated_confirmation_with_its_key_is_a_replay() -> None:
    state = then(_held(), confirm(key="k"))
    decision = decide(state, confirm(key="k"), EXPIRY + 1)
    assert isinstance(decision, Replay)
    assert (decision.entry.kind, decision.entry.version) == ("confirmed", 2)
