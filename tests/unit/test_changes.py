"""Changing a reservation: fewer seats, more seats, more time for a hold."""

import pytest

from tests.unit.examples import (
    NOW,
    accepted,
    after,
    cancel,
    change,
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
    HoldExpired,
    HoldTooLong,
    IdempotencyKeyReused,
    NotAHold,
    NotEnoughSeats,
    PreconditionFailed,
    ReservationEnded,
    TooManySeats,
)
from ticketboss.domain.reservations import PartnerTotals


def _reserved() -> EventState:
    """Ten seats at most five a reservation, three of them reserved at version 1."""
    return after(create_event(10, seats_per_reservation_max=5), reserve(3, reference="PO 4711"))


def _held() -> EventState:
    """The same held for 60 seconds of at most 100."""
    event = create_event(10, seats_per_reservation_max=5, hold_seconds_total_max=100)
    return after(event, hold(3, hold_seconds=60))


def test_fewer_seats_give_the_others_back() -> None:
    state = _reserved()
    entry = accepted(decide(state, change(seats=1), NOW + 5))
    assert (entry.kind, entry.actor, entry.seats) == ("changed", "partner:abc-corp", 1)
    assert entry.detail == {"created_at": NOW, "reference": "PO 4711", "seats_before": 3}
    assert (entry.available_seats, entry.held_seats, entry.reservation_count) == (9, 0, 1)
    state.apply(entry)
    assert (one(state).status, one(state).seats, one(state).version) == ("confirmed", 1, 2)
    assert (one(state).created_version, one(state).reference) == (1, "PO 4711")
    assert state.partners == {"abc-corp": PartnerTotals(1, open_holds=0)}


def test_more_seats_take_only_those_that_are_added() -> None:
    state = then(_reserved(), change(seats=5))
    event = event_of(state)
    assert (event.available_seats, event.held_seats, event.reservation_count) == (5, 0, 1)
    assert state.partners == {"abc-corp": PartnerTotals(5, open_holds=0)}


def test_the_seats_of_a_hold_change_as_held_seats() -> None:
    state = then(_held(), change(seats=5), change(seats=2))
    event = event_of(state)
    assert (event.available_seats, event.held_seats, event.reservation_count) == (8, 2, 0)
    assert (one(state).status, one(state).expires_at) == ("held", NOW + 60_000)
    assert state.partners == {"abc-corp": PartnerTotals(2, open_holds=1)}


def test_a_changed_reservation_gives_back_what_it_has_at_its_end() -> None:
    assert event_of(then(_reserved(), change(seats=5), cancel())).available_seats == 10
    assert event_of(then(_reserved(), change(seats=1), cancel())).available_seats == 10
    state = then(_held(), change(seats=5), confirm())
    assert (event_of(state).held_seats, event_of(state).reserved_seats) == (0, 5)


def test_growth_may_take_the_last_seats_and_not_one_more() -> None:
    state = then(_reserved(), reserve(5, "r2", partner_id="m"))
    assert accepted(decide(state, change(seats=5), NOW)).available_seats == 0
    state = then(state, reserve(1, "r3", partner_id="m"))
    assert decide(state, change(seats=5), NOW) == NotEnoughSeats(
        requested_seats=2, available_seats=1, held_seats=0
    )


def test_growth_stops_at_the_seats_of_one_reservation() -> None:
    assert accepted(decide(_reserved(), change(seats=5), NOW)).seats == 5
    assert decide(_reserved(), change(seats=6), NOW) == TooManySeats(6, 5)


def test_shrinking_asks_for_no_limit_that_was_lowered_meanwhile() -> None:
    lowered = change_event(seats_per_reservation_max=1, seats_per_partner_max=1)
    state = then(_reserved(), lowered)
    assert accepted(decide(state, change(seats=2), NOW)).seats == 2


def test_as_many_seats_as_before_is_already_so() -> None:
    state = then(_reserved(), reserve(1, "r2"))
    assert decide(state, change(seats=3), NOW) == Unchanged(version=1)
    assert decide(state, change(), NOW) == Unchanged(version=1)


def test_with_a_key_it_is_written_all_the_same_so_that_a_late_retry_changes_nothing() -> None:
    state = then(_reserved(), change(seats=3, key="k"))
    event = event_of(state)
    assert (event.version, event.available_seats, one(state).seats) == (2, 7, 3)
    state = then(state, change(seats=5))
    assert isinstance(decide(state, change(seats=3, key="k"), NOW), Replay)


def test_a_hold_is_extended_from_now_on() -> None:
    state = _held()
    entry = accepted(decide(state, change(hold_seconds=50), NOW + 20_000))
    assert (entry.kind, entry.seats) == ("hold_changed", 3)
    assert entry.detail == {"created_at": NOW, "seats_before": 3, "expires_at": NOW + 70_000}
    assert (entry.available_seats, entry.held_seats) == (7, 3)
    state.apply(entry)
    assert (one(state).status, one(state).expires_at) == ("held", NOW + 70_000)
    assert state.partners == {"abc-corp": PartnerTotals(3, open_holds=1)}


def test_extensions_end_at_the_total_that_the_event_allows_to_the_millisecond() -> None:
    assert accepted(decide(_held(), change(hold_seconds=80), NOW + 20_000)).kind == "hold_changed"
    assert decide(_held(), change(hold_seconds=80), NOW + 20_001) == HoldTooLong(100)
    assert decide(_held(), change(hold_seconds=81), NOW + 20_000) == HoldTooLong(100)


def test_many_small_extensions_do_not_last_longer_than_the_total() -> None:
    state = then(_held(), change(hold_seconds=60), now=NOW + 30_000)
    state = then(state, change(hold_seconds=20), now=NOW + 80_000)
    assert one(state).expires_at == NOW + 100_000
    assert decide(state, change(hold_seconds=2), NOW + 99_000) == HoldTooLong(100)
    assert decide(state, change(hold_seconds=1), NOW + 99_000) == Unchanged(version=3)


def test_a_hold_may_be_made_shorter() -> None:
    state = then(_held(), change(hold_seconds=1))
    assert one(state).expires_at == NOW + 1_000


def test_seats_and_time_of_a_hold_change_in_one_entry() -> None:
    state = then(_held(), change(seats=5, hold_seconds=90))
    assert (one(state).seats, one(state).expires_at, one(state).version) == (5, NOW + 90_000, 2)
    assert event_of(state).held_seats == 5


def test_nothing_of_a_change_happens_when_half_of_it_is_refused() -> None:
    assert decide(_held(), change(seats=6, hold_seconds=90), NOW) == TooManySeats(6, 5)
    assert decide(_held(), change(seats=1, hold_seconds=101), NOW) == HoldTooLong(100)


def test_a_confirmed_reservation_has_no_hold_to_extend() -> None:
    assert decide(_reserved(), change(hold_seconds=60), NOW) == NotAHold()
    assert decide(_reserved(), change(seats=2, hold_seconds=60), NOW) == NotAHold()
    assert decide(then(_held(), confirm()), change(hold_seconds=60), NOW) == NotAHold()


WISHES = [change(seats=1), change(seats=5), change(hold_seconds=30), change(seats=3)]


@pytest.mark.parametrize("wish", WISHES)
def test_a_hold_cannot_be_changed_from_its_expiry_on(wish: Command) -> None:
    last = decide(_held(), wish, NOW + 59_999)
    assert last == Unchanged(version=1) if wish is WISHES[-1] else accepted(last)
    assert decide(_held(), wish, NOW + 60_000) == HoldExpired()


@pytest.mark.parametrize("wish", WISHES)
def test_an_ended_reservation_cannot_be_changed(wish: Command) -> None:
    assert decide(then(_reserved(), cancel()), wish, NOW) == ReservationEnded()
    assert decide(then(_held(), cancel()), wish, NOW) == ReservationEnded()
    expired = _held()
    entry = decide_due(expired, "r1", NOW + 60_000)
    assert entry is not None
    expired.apply(entry)
    assert decide(expired, wish, NOW) == HoldExpired()


def test_a_change_compares_the_reservations_version_not_the_events() -> None:
    state = then(_reserved(), reserve(1, "r2"))
    fresh, stale = frozenset({1}), frozenset({2})
    assert accepted(decide(state, change(seats=1, expected_versions=fresh), NOW)).version == 3
    assert decide(state, change(seats=1, expected_versions=stale), NOW) == PreconditionFailed(1)


def test_a_change_is_remembered_with_its_key() -> None:
    state = then(_reserved(), change(seats=5, key="k"))
    decision = decide(state, change(seats=5, key="k"), NOW)
    assert isinstance(decision, Replay)
    assert (decision.entry.version, decision.entry.seats) == (2, 5)
    assert decide(state, change(seats=4, key="k"), NOW) == IdempotencyKeyReused()
