"""One idempotency key and one precondition for the whole of a bulk."""

from dataclasses import replace

import pytest

from tests.unit.bulks import bulk, item, made_by
from tests.unit.examples import (
    NOW,
    OPERATOR,
    accepted,
    after,
    cancel,
    change_event,
    create_event,
    reserve,
    then,
)
from ticketboss.domain.commands import ReserveMany
from ticketboss.domain.decide import decide
from ticketboss.domain.decisions import Replay
from ticketboss.domain.ledger import EventState, LedgerEntry
from ticketboss.domain.refusals import BulkRefused, IdempotencyKeyReused, PreconditionFailed

ASKED = bulk(
    item(0, 2, reference="PO 1"), item(1, 3, hold_seconds=60, min_seats=1), idempotency_key="k"
)


def _apply(state: EventState, command: ReserveMany) -> tuple[LedgerEntry, ...]:
    entries = made_by(state, command)
    for entry in entries:
        state.apply(entry)
    return entries


@pytest.fixture
def state() -> EventState:
    return after(create_event(10))


def test_the_key_and_the_hash_stand_in_the_first_entry_alone(state: EventState) -> None:
    first, second = made_by(state, ASKED)
    assert (first.idempotency_key, first.request_hash) == ("k", ASKED.request_hash())
    assert (second.idempotency_key, second.request_hash) == (None, None)


def test_without_a_key_there_is_no_hash(state: EventState) -> None:
    entries = made_by(state, replace(ASKED, idempotency_key=None))
    assert [entry.request_hash for entry in entries] == [None, None]


def test_a_retry_with_newly_minted_ids_is_told_of_the_first_entry(state: EventState) -> None:
    first, _ = _apply(state, ASKED)
    items = tuple(replace(each, reservation_id=f"again{n}") for n, each in enumerate(ASKED.items))
    assert decide(state, replace(ASKED, items=items), NOW + 5) == Replay(first)


def test_a_retry_is_answered_whatever_happened_since(state: EventState) -> None:
    first, _ = _apply(state, ASKED)
    then(state, cancel("b0"), cancel("b1"), change_event(cancelled=True))
    state.frozen = frozenset({"abc-corp"})
    assert decide(state, ASKED, NOW + 10**9) == Replay(first)


OTHER_BODIES = {
    "other seats": replace(ASKED, items=(replace(ASKED.items[0], seats=1), ASKED.items[1])),
    "another reference": replace(
        ASKED, items=(replace(ASKED.items[0], reference="PO 2"), ASKED.items[1])
    ),
    "no reference": replace(ASKED, items=(replace(ASKED.items[0], reference=None), ASKED.items[1])),
    "another minimum": replace(ASKED, items=(ASKED.items[0], replace(ASKED.items[1], min_seats=2))),
    "another time": replace(
        ASKED, items=(ASKED.items[0], replace(ASKED.items[1], hold_seconds=61))
    ),
    "no hold": replace(ASKED, items=(ASKED.items[0], replace(ASKED.items[1], hold_seconds=None))),
    "another order": replace(ASKED, items=ASKED.items[::-1]),
    "fewer items": replace(ASKED, items=ASKED.items[:1]),
    "more items": replace(ASKED, items=(*ASKED.items, item(2))),
    "atomic": replace(ASKED, atomic=True),
}


@pytest.mark.parametrize("other", OTHER_BODIES.values(), ids=OTHER_BODIES.keys())
def test_the_key_cannot_stand_for_another_bulk(state: EventState, other: ReserveMany) -> None:
    _apply(state, ASKED)
    assert decide(state, other, NOW) == IdempotencyKeyReused()
    assert isinstance(decide(state, replace(other, idempotency_key="k2"), NOW), tuple)


def test_a_bulk_and_a_single_reservation_cannot_share_a_key(state: EventState) -> None:
    single = reserve(2, "r1", key="k")
    of_one = bulk(item(0, 2), idempotency_key="k")
    assert decide(then(after(create_event(10)), single), of_one, NOW) == IdempotencyKeyReused()
    _apply(state, of_one)
    assert decide(state, single, NOW) == IdempotencyKeyReused()


def test_a_key_is_that_of_whoever_acts(state: EventState) -> None:
    _apply(state, ASKED)
    theirs = bulk(1, partner_id="m", idempotency_key="k")
    assert [entry.partner_id for entry in made_by(state, theirs)] == ["m"]
    by_operator = bulk(1, actor=OPERATOR, idempotency_key="k")
    assert [entry.actor for entry in made_by(state, by_operator)] == [OPERATOR]


@pytest.mark.parametrize("atomic", [True, False])
def test_a_refused_bulk_leaves_its_key_free(state: EventState, atomic: bool) -> None:
    sold_out = then(state, reserve(10, "r1", partner_id="m"))
    asked = replace(ASKED, atomic=atomic)
    assert isinstance(decide(sold_out, asked, NOW), BulkRefused)
    first, _ = made_by(then(sold_out, cancel("r1")), asked)
    assert first.idempotency_key == "k"


def test_a_bulk_that_was_accepted_in_part_is_settled_and_a_retry_takes_no_more(
    state: EventState,
) -> None:
    asked = bulk(8, 8, idempotency_key="k")
    (first,) = _apply(state, asked)
    then(state, cancel("b0"))
    assert decide(state, asked, NOW) == Replay(first)


def test_the_precondition_is_on_the_version_of_the_event_before_all_items(
    state: EventState,
) -> None:
    then(state, reserve(1, "r1"))
    assert len(made_by(state, replace(ASKED, expected_versions=frozenset({1})))) == 2
    stale = replace(ASKED, expected_versions=frozenset({0, 2, 3}))
    assert decide(state, stale, NOW) == PreconditionFailed(1)


def test_a_retry_is_answered_before_its_precondition_is_looked_at(state: EventState) -> None:
    asked = replace(ASKED, expected_versions=frozenset({0}))
    first, _ = _apply(state, asked)
    assert decide(state, asked, NOW) == Replay(first)


def test_the_hash_knows_the_partner_and_the_event() -> None:
    assert bulk(1).request_hash() != bulk(1, partner_id="m").request_hash()
    assert bulk(1).request_hash() != bulk(1, event_id="another").request_hash()
    assert bulk(1).request_hash() == bulk(1, idempotency_key="k").request_hash()


def test_a_single_entry_says_nothing_of_a_bulk(state: EventState) -> None:
    assert "bulk" not in accepted(decide(state, reserve(1, key="k"), NOW)).detail
