"""What one partner may have of an event, and orders that take what is left."""

import pytest

from tests.unit.examples import (
    NOW,
    OPERATOR,
    accepted,
    after,
    cancel,
    change,
    change_event,
    confirm,
    create_event,
    event_of,
    hold,
    reserve,
    then,
)
from ticketboss.domain.commands import Command
from ticketboss.domain.decide import decide
from ticketboss.domain.ledger import EventState
from ticketboss.domain.refusals import NotEnoughSeats, PartnerLimitReached, TooManySeats
from ticketboss.domain.reservations import PartnerTotals

HELD_FOR_LONG = 600


def _limited() -> EventState:
    """At most five seats and two open holds a partner."""
    return after(create_event(20, seats_per_partner_max=5, open_holds_per_partner_max=2))


def _seats_limit(taken: int) -> PartnerLimitReached:
    return PartnerLimitReached("seats_per_partner", 5, taken)


def _holds_limit(taken: int) -> PartnerLimitReached:
    return PartnerLimitReached("open_holds_per_partner", 2, taken)


def test_a_partner_may_have_as_many_seats_as_its_limit_and_not_one_more() -> None:
    assert accepted(decide(_limited(), reserve(5), NOW)).seats == 5
    assert decide(_limited(), reserve(6), NOW) == _seats_limit(taken=0)


@pytest.mark.parametrize("first", [reserve(3), hold(3)], ids=["reserved", "held"])
@pytest.mark.parametrize("second", [reserve(3, "r2"), hold(3, "r2")], ids=["reserved", "held"])
def test_an_order_split_over_several_requests_does_not_evade_the_limit(
    first: Command, second: Command
) -> None:
    assert decide(then(_limited(), first), second, NOW) == _seats_limit(taken=3)


@pytest.mark.parametrize("first", [reserve(2), hold(2)], ids=["reserved", "held"])
def test_growth_does_not_evade_the_limit(first: Command) -> None:
    state = then(_limited(), first, reserve(2, "r2"))
    assert accepted(decide(state, change("r1", 3), NOW)).seats == 3
    assert decide(state, change("r1", 4), NOW) == _seats_limit(taken=4)
    assert decide(then(state, change("r1", 3)), change("r2", 3), NOW) == _seats_limit(taken=5)


def test_confirming_a_hold_takes_nothing_more_of_the_limit() -> None:
    state = then(_limited(), hold(5), change_event(seats_per_partner_max=1))
    assert accepted(decide(state, confirm(), NOW)).kind == "confirmed"


@pytest.mark.parametrize("ends", [[cancel()], [confirm(), cancel()], [change("r1", 2)]])
def test_what_a_partner_gave_back_it_may_take_again(ends: list[Command]) -> None:
    state = then(_limited(), hold(5), *ends)
    assert accepted(decide(state, reserve(3, "r2"), NOW)).seats == 3


def test_one_partners_seats_do_not_count_for_another() -> None:
    state = then(_limited(), reserve(5))
    assert accepted(decide(state, reserve(5, "r2", partner_id="m"), NOW)).seats == 5


def test_without_a_limit_a_partner_may_take_all() -> None:
    state = after(create_event(20), reserve(10, "r1"))
    assert accepted(decide(state, reserve(10, "r2"), NOW)).available_seats == 0


def test_an_operator_is_bound_by_the_partners_limit_too() -> None:
    assert decide(_limited(), reserve(6, actor=OPERATOR), NOW) == _seats_limit(taken=0)


def test_the_open_holds_of_a_partner_have_a_limit() -> None:
    state = then(_limited(), hold(1, "r1"))
    assert accepted(decide(state, hold(1, "r2"), NOW)).kind == "held"
    state = then(state, hold(1, "r2"))
    assert decide(state, hold(1, "r3"), NOW) == _holds_limit(taken=2)


def test_the_limit_of_open_holds_binds_neither_reservations_nor_changes_of_holds() -> None:
    state = then(_limited(), hold(1, "r1"), hold(1, "r2"))
    assert accepted(decide(state, reserve(1, "r3"), NOW)).kind == "reserved"
    assert accepted(decide(state, change("r1", 2), NOW)).kind == "hold_changed"
    assert accepted(decide(state, change("r1", hold_seconds=90), NOW)).kind == "hold_changed"
    other = decide(state, hold(1, "r3", partner_id="m"), NOW)
    assert accepted(other).partner_id == "m"


@pytest.mark.parametrize("end", [confirm("r1"), cancel("r1")], ids=["confirmed", "released"])
def test_a_hold_that_ended_makes_room_for_another(end: Command) -> None:
    state = then(_limited(), hold(1, "r1"), hold(1, "r2"), end)
    assert state.partners["abc-corp"].open_holds == 1
    assert accepted(decide(state, hold(1, "r3"), NOW)).kind == "held"


def test_an_event_may_allow_no_holds_at_all() -> None:
    state = after(create_event(20, open_holds_per_partner_max=0))
    assert decide(state, hold(), NOW) == PartnerLimitReached("open_holds_per_partner", 0, 0)
    assert accepted(decide(state, reserve(), NOW)).kind == "reserved"


def test_the_partners_limit_is_told_before_the_want_of_seats() -> None:
    state = then(_limited(), *(reserve(5, f"m{n}", partner_id=f"m{n}") for n in range(4)))
    assert event_of(state).available_seats == 0
    assert decide(state, reserve(6), NOW) == _seats_limit(taken=0)


def _with_left(seats: int) -> EventState:
    """An event of which so many of twelve seats are left."""
    return after(create_event(12), reserve(6, "m1"), reserve(6 - seats, "m2"))


@pytest.mark.parametrize(
    ("left", "given"), [(2, 2), (3, 3), (4, 4), (5, 4)], ids=["least", "some", "just", "plenty"]
)
def test_a_partial_fill_gives_as_many_as_there_are_up_to_what_was_asked(
    left: int, given: int
) -> None:
    entry = accepted(decide(_with_left(left), reserve(4, min_seats=2), NOW))
    assert (entry.seats, entry.available_seats) == (given, left - given)


@pytest.mark.parametrize("left", [0, 1])
def test_a_partial_fill_below_its_least_is_refused(left: int) -> None:
    state = _with_left(left) if left else then(_with_left(1), reserve(1, "m3"))
    assert decide(state, reserve(4, min_seats=2), NOW) == NotEnoughSeats(4, left, 0)


def test_a_hold_can_be_filled_in_part() -> None:
    state = then(_with_left(3), hold(4, "r1", min_seats=1))
    assert (event_of(state).held_seats, event_of(state).available_seats) == (3, 0)


def test_a_least_that_is_all_that_was_asked_is_an_order_without_partial_fill() -> None:
    assert decide(_with_left(3), reserve(4, min_seats=4), NOW) == NotEnoughSeats(4, 3, 0)
    assert accepted(decide(_with_left(4), reserve(4, min_seats=4), NOW)).seats == 4


def test_a_partial_fill_may_not_ask_for_more_than_one_reservation_may_have() -> None:
    assert decide(_with_left(3), reserve(11, min_seats=1), NOW) == TooManySeats(11, 10)


def test_a_partial_fill_gives_no_more_than_the_partner_may_still_have() -> None:
    state = then(_limited(), reserve(3), reserve(5, "m1", partner_id="m"))
    assert accepted(decide(state, reserve(4, "r2", min_seats=1), NOW)).seats == 2
    assert decide(state, reserve(4, "r2", min_seats=3), NOW) == _seats_limit(taken=3)


def test_only_the_seats_that_were_given_count_for_the_partners_limit() -> None:
    state = after(create_event(7, seats_per_partner_max=5), reserve(5, "m1", partner_id="m"))
    state = then(state, reserve(5, "r1", min_seats=1))
    assert state.partners["abc-corp"] == PartnerTotals(2, open_holds=0)
