"""Bulk decisions: all or nothing, or each item by itself."""

import copy

import pytest

from tests.unit.bulks import bulk, codes_of, item, made_by, outcomes_of
from tests.unit.examples import NOW, accepted, after, create_event, hold, reserve, then
from ticketboss.domain.decide import decide
from ticketboss.domain.ledger import EventState
from ticketboss.domain.refusals import BulkRefused, EventNotFound

SOME = 10


@pytest.fixture
def state() -> EventState:
    """An event of ten seats."""
    return after(create_event(SOME, seats_per_reservation_max=6))


def test_each_item_becomes_an_entry_of_its_own_in_order_and_without_a_gap(
    state: EventState,
) -> None:
    entries = made_by(state, bulk(1, 3, item(2, 2, hold_seconds=60, reference="PO 1")))
    assert [entry.version for entry in entries] == [1, 2, 3]
    assert [entry.reservation_id for entry in entries] == ["b0", "b1", "b2"]
    assert [entry.kind for entry in entries] == ["reserved", "reserved", "held"]
    assert [entry.available_seats for entry in entries] == [9, 6, 4]
    assert [entry.held_seats for entry in entries] == [0, 0, 2]
    assert [entry.reservation_count for entry in entries] == [1, 2, 2]
    assert {entry.actor for entry in entries} == {"partner:abc-corp"}
    assert {entry.at for entry in entries} == {NOW}
    assert entries[2].detail == {"reference": "PO 1", "expires_at": NOW + 60_000}


def test_items_that_find_no_seats_are_told_so_and_the_others_get_theirs(state: EventState) -> None:
    command = bulk(6, 6, 4, 1)
    assert codes_of(state, command) == [None, "not_enough_seats", None, "not_enough_seats"]
    entries = made_by(state, command)
    assert [(entry.reservation_id, entry.version) for entry in entries] == [("b0", 1), ("b2", 2)]
    assert entries[-1].available_seats == 0


def test_the_outcomes_stand_in_the_first_entry_alone_with_their_facts(state: EventState) -> None:
    first, second = made_by(state, bulk(6, 7, 6, 4))
    assert first.detail["bulk"] == [
        None,
        {
            "code": "too_many_seats",
            "facts": {"requested_seats": 7, "seats_per_reservation_max": 6},
        },
        {
            "code": "not_enough_seats",
            "facts": {
                "requested_seats": 6,
                "available_seats": 4,
                "held_seats": 0,
                "next_hold_expires_at": None,
            },
        },
        None,
    ]
    assert second.detail == {}


def test_a_refused_first_item_leaves_the_outcomes_to_the_first_that_is_accepted(
    state: EventState,
) -> None:
    (only,) = made_by(state, bulk(7, 2))
    assert only.reservation_id == "b1"
    assert [outcome and outcome["code"] for outcome in only.detail["bulk"]] == [
        "too_many_seats",
        None,
    ]


def test_the_refusal_for_want_of_seats_knows_of_the_holds_of_the_same_bulk(
    state: EventState,
) -> None:
    outcomes = outcomes_of(state, bulk(item(0, 6, hold_seconds=30), 5))
    assert outcomes[1] is not None
    assert outcomes[1]["facts"] == {
        "requested_seats": 5,
        "available_seats": 4,
        "held_seats": 6,
        "next_hold_expires_at": NOW + 30_000,
    }


def test_a_refused_bulk_tells_nothing_of_holds_that_it_never_made(state: EventState) -> None:
    command = bulk(item(0, 3, hold_seconds=30), item(1, 2, hold_seconds=9), 6, atomic=True)
    (refused,) = [outcome for outcome in outcomes_of(state, command) if outcome]
    facts = {"requested_seats": 6, "available_seats": 5}
    assert refused["facts"] == facts | {"held_seats": 0, "next_hold_expires_at": None}
    (refused,) = [each for each in outcomes_of(then(state, hold(1, "h1")), command) if each]
    facts["available_seats"] = 4
    assert refused["facts"] == facts | {"held_seats": 1, "next_hold_expires_at": NOW + 60_000}


@pytest.mark.parametrize("atomic", [True, False])
def test_with_enough_seats_atomic_or_not_is_the_same(state: EventState, atomic: bool) -> None:
    entries = made_by(state, bulk(1, 2, 3, atomic=atomic))
    assert [entry.seats for entry in entries] == [1, 2, 3]
    assert entries[0].detail["bulk"] == [None, None, None]


def test_an_atomic_bulk_takes_nothing_when_one_item_fails(state: EventState) -> None:
    decision = decide(state, bulk(6, 4, 1, atomic=True), NOW)
    assert isinstance(decision, BulkRefused)
    assert [outcome and outcome["code"] for outcome in decision.outcomes] == [
        None,
        None,
        "not_enough_seats",
    ]


def test_an_atomic_bulk_takes_the_last_seat(state: EventState) -> None:
    assert [entry.available_seats for entry in made_by(state, bulk(6, 4, atomic=True))] == [4, 0]


@pytest.mark.parametrize("atomic", [True, False])
def test_a_bulk_of_which_nothing_is_accepted_is_refused(state: EventState, atomic: bool) -> None:
    sold_out = then(state, reserve(6, "r1"), reserve(4, "r2"))
    decision = decide(sold_out, bulk(1, 2, atomic=atomic), NOW)
    assert isinstance(decision, BulkRefused)
    assert len(decision.outcomes) == 2
    assert all(outcome is not None for outcome in decision.outcomes)


@pytest.mark.parametrize("atomic", [True, False])
def test_deciding_touches_nothing(state: EventState, atomic: bool) -> None:
    busy = then(state, hold(2, "h1"))
    before = copy.deepcopy(busy)
    decide(busy, bulk(6, 6, item(2, 1, hold_seconds=5), atomic=atomic, idempotency_key="k"), NOW)
    assert busy == before


def test_a_bulk_of_one_is_the_reservation_that_it_asks_for(state: EventState) -> None:
    alone = accepted(decide(state, item(0, 3, reference="PO 1"), NOW))
    (entry,) = made_by(state, bulk(item(0, 3, reference="PO 1")))
    assert entry == alone._replace(detail={"reference": "PO 1", "bulk": [None]})


def test_items_with_a_minimum_share_what_the_ones_before_leave(state: EventState) -> None:
    command = bulk(
        item(0, 6, min_seats=2), item(1, 6, min_seats=2), item(2, 6, min_seats=1), item(3, 1)
    )
    assert [entry.seats for entry in made_by(state, command)] == [6, 4]
    assert codes_of(state, command)[2:] == ["not_enough_seats", "not_enough_seats"]


def test_an_item_below_its_minimum_leaves_the_seats_to_the_next(state: EventState) -> None:
    command = bulk(6, item(1, 6, min_seats=5), item(2, 6, min_seats=4))
    assert codes_of(state, command) == [None, "not_enough_seats", None]
    assert [entry.seats for entry in made_by(state, command)] == [6, 4]


def test_an_atomic_bulk_may_be_filled_in_part_where_its_items_allow_it(state: EventState) -> None:
    command = bulk(item(0, 6), item(1, 6, min_seats=1), atomic=True)
    assert [entry.seats for entry in made_by(state, command)] == [6, 4]


def test_an_event_that_is_not_there_refuses_the_bulk_as_a_whole() -> None:
    assert decide(EventState(), bulk(1, 1), NOW) == EventNotFound()
