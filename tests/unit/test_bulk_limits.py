"""No limit is evaded by splitting a wish into items."""

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.bulks import bulk, codes_of, item, made_by, outcomes_of
from tests.unit.examples import (
    NOW,
    OPERATOR,
    after,
    cancel,
    change_event,
    confirm,
    create_event,
    hold,
    reserve,
    then,
)
from ticketboss.domain.decide import decide
from ticketboss.domain.ledger import EventState
from ticketboss.domain.refusals import (
    BulkRefused,
    EventCancelled,
    PartnerFrozen,
    Refusal,
    SaleClosed,
    SaleNotOpen,
    SalePaused,
    WrongKeyMode,
)

LIMITED, FREE = "partner_limit_reached", None


def _event(**settings: Any) -> EventState:
    return after(create_event(100, **settings))


def test_the_seats_of_a_partner_are_counted_over_the_items() -> None:
    state = _event(seats_per_partner_max=5)
    assert codes_of(state, bulk(2, 2, 2, 1, 1)) == [FREE, FREE, LIMITED, FREE, LIMITED]
    (refused,) = [outcome for outcome in outcomes_of(state, bulk(4, 2)) if outcome]
    assert refused["facts"] == {"limit": "seats_per_partner", "limit_max": 5, "taken": 4}


def test_what_the_partner_had_before_counts_too_and_what_others_have_does_not() -> None:
    state = then(
        _event(seats_per_partner_max=5), reserve(3, "r1"), reserve(5, "r2", partner_id="m")
    )
    assert codes_of(state, bulk(1, 1, 1)) == [FREE, FREE, LIMITED]


def test_held_and_reserved_seats_of_one_bulk_count_together() -> None:
    state = _event(seats_per_partner_max=4)
    command = bulk(item(0, 2, hold_seconds=60), item(1, 2), item(2, 1, hold_seconds=60))
    assert codes_of(state, command) == [FREE, FREE, LIMITED]


def test_open_holds_are_counted_over_the_items_and_reservations_are_not() -> None:
    state = _event(open_holds_per_partner_max=2)
    holds = [item(number, hold_seconds=60) for number in range(4)]
    assert codes_of(state, bulk(*holds)) == [FREE, FREE, LIMITED, LIMITED]
    mixed = bulk(holds[0], item(1), holds[2], item(3), replace(holds[3], reservation_id="b4"))
    assert codes_of(state, mixed) == [FREE, FREE, FREE, FREE, LIMITED]
    (*_, last) = outcomes_of(state, mixed)
    assert last is not None
    assert last["facts"] == {"limit": "open_holds_per_partner", "limit_max": 2, "taken": 2}


def test_holds_that_ended_before_give_their_places_back_to_a_bulk() -> None:
    state = then(_event(open_holds_per_partner_max=2), hold(1, "h1"), hold(1, "h2"), confirm("h1"))
    command = bulk(item(0, hold_seconds=60), item(1, hold_seconds=60))
    assert codes_of(state, command) == [FREE, LIMITED]


def test_the_most_seats_of_a_reservation_bound_each_item_and_not_their_sum() -> None:
    state = _event(seats_per_reservation_max=4)
    assert codes_of(state, bulk(4, 5, 4)) == [FREE, "too_many_seats", FREE]


def test_the_longest_hold_bounds_each_item() -> None:
    state = _event(hold_seconds_total_max=60)
    command = bulk(item(0, hold_seconds=61), item(1, hold_seconds=60))
    assert codes_of(state, command) == ["hold_too_long", FREE]


def test_an_atomic_bulk_over_a_limit_leaves_the_partner_as_it_was() -> None:
    state = _event(seats_per_partner_max=5)
    decision = decide(state, bulk(3, 3, atomic=True), NOW)
    assert isinstance(decision, BulkRefused)
    assert state.partners == {}
    assert [entry.seats for entry in made_by(state, bulk(3, 2, atomic=True))] == [3, 2]


def test_a_frozen_partner_gets_no_item_but_an_operator_may_act_for_it() -> None:
    state = _event()
    state.frozen = frozenset({"abc-corp"})
    for actor in (None, "partner:abc-corp"):
        assert decide(state, bulk(1, 1, actor=actor), NOW) == PartnerFrozen()
    entries = made_by(state, bulk(1, 1, actor=OPERATOR))
    assert [entry.actor for entry in entries] == [OPERATOR] * 2
    assert [entry.partner_id for entry in entries] == ["abc-corp"] * 2


CLOSED: list[tuple[dict[str, Any], Refusal]] = [
    ({"cancelled": True}, EventCancelled()),
    ({"paused": True}, SalePaused()),
    ({"on_sale_from": NOW + 1}, SaleNotOpen(NOW + 1, 1)),
    ({"on_sale_until": NOW}, SaleClosed()),
]


@pytest.mark.parametrize(("settings", "refusal"), CLOSED)
@pytest.mark.parametrize("atomic", [True, False])
def test_where_nothing_is_on_sale_a_bulk_is_refused_as_a_reservation_is(
    settings: dict[str, Any], refusal: Refusal, atomic: bool
) -> None:
    state = then(_event(), change_event(**settings))
    assert decide(state, bulk(1, item(1, hold_seconds=60), atomic=atomic), NOW) == refusal
    assert decide(state, reserve(1), NOW) == refusal


def test_what_concerns_the_whole_bulk_is_told_before_what_is_wrong_with_an_item() -> None:
    state = then(_event(seats_per_reservation_max=4), change_event(paused=True))
    assert decide(state, bulk(5, item(1, hold_seconds=3_601)), NOW) == SalePaused()


@pytest.mark.parametrize("is_test", [True, False])
def test_a_key_of_the_other_mode_is_refused_as_a_whole(is_test: bool) -> None:
    state = _event(is_test=is_test)
    assert decide(state, bulk(1, 1, for_test=not is_test), NOW) == WrongKeyMode(is_test)
    assert len(made_by(state, bulk(1, 1, for_test=is_test))) == 2


def test_seats_that_came_back_before_are_there_for_a_bulk() -> None:
    state = then(
        after(create_event(4)), reserve(4, "r1"), cancel("r1"), reserve(1, "r2", partner_id="m")
    )
    assert codes_of(state, bulk(2, 1, 1)) == [FREE, FREE, "not_enough_seats"]
