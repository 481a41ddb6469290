"""Idempotency keys and preconditions: the key first, then If-Match, then the rules."""

import dataclasses

import pytest

from tests.unit.examples import NOW, accepted, after, cancel, create_event, reserve
from ticketboss.domain.commands import Command
from ticketboss.domain.decide import decide
from ticketboss.domain.decisions import Replay
from ticketboss.domain.ledger import EventState
from ticketboss.domain.refusals import (
    IdempotencyKeyReused,
    NotEnoughSeats,
    PreconditionFailed,
    ReservationNotFound,
)

STALE = frozenset({7})


def test_the_same_key_and_request_give_the_entry_of_the_first_time() -> None:
    state = after(create_event(), reserve(3, "r1", key="k"))
    decision = decide(state, reserve(3, "minted-again", key="k"), NOW + 1)
    assert isinstance(decision, Replay)
    assert (decision.entry.version, decision.entry.reservation_id) == (1, "r1")


@pytest.mark.parametrize(
    "other",
    [
        reserve(4, "r2", key="k"),
        reserve(3, "r2", key="k", reference="PO 4711"),
        cancel("r1", key="k"),
    ],
)
def test_the_same_key_with_another_request_is_refused(other: Command) -> None:
    state = after(create_event(), reserve(3, "r1", key="k"))
    assert decide(state, other, NOW) == IdempotencyKeyReused()


def test_two_partners_may_use_the_same_key() -> None:
    state = after(create_event(), reserve(3, "r1", partner_id="abc-corp", key="k"))
    entry = accepted(decide(state, reserve(3, "r2", partner_id="xyz-corp", key="k"), NOW))
    assert (entry.version, entry.reservation_id) == (2, "r2")


def test_a_repeated_cancellation_with_its_key_succeeds_again() -> None:
    state = after(create_event(), reserve(3, "r1"), cancel("r1", key="k"))
    decision = decide(state, cancel("r1", key="k"), NOW)
    assert isinstance(decision, Replay)
    assert (decision.entry.kind, decision.entry.version) == ("cancelled", 2)


def test_the_key_of_a_cancellation_belongs_to_the_reservations_partner() -> None:
    state = after(
        create_event(),
        reserve(1, "r1", partner_id="abc-corp", key="k"),
        reserve(1, "r2", partner_id="xyz-corp"),
    )
    assert accepted(decide(state, cancel("r2", key="k"), NOW)).actor == "partner:xyz-corp"


def test_a_refusal_does_not_use_its_key_up() -> None:
    state = after(create_event(5), reserve(5, "r1"))
    wish = reserve(2, "r2", key="k")
    assert isinstance(decide(state, wish, NOW), NotEnoughSeats)
    state.apply(accepted(decide(state, cancel("r1"), NOW)))
    assert accepted(decide(state, wish, NOW)).reservation_id == "r2"


def test_an_entry_remembers_the_key_together_with_the_request() -> None:
    wish = reserve(2, key="k")
    entry = accepted(decide(after(create_event()), wish, NOW))
    assert (entry.idempotency_key, entry.request_hash) == ("k", wish.request_hash())


def test_a_reservation_may_demand_the_events_version() -> None:
    state = after(create_event(), reserve(1, "r1"))
    assert accepted(decide(state, reserve(1, "r2", expected_versions=frozenset({1})), NOW))


def test_a_precondition_may_allow_several_versions() -> None:
    state = after(create_event(), reserve(1, "r1"))
    assert accepted(decide(state, reserve(1, "r2", expected_versions=frozenset({1, 9})), NOW))


def test_a_reservation_on_a_stale_version_is_refused_with_the_current_one() -> None:
    state = after(create_event(), reserve(1, "r1"))
    stale = reserve(1, "r2", expected_versions=frozenset({0}))
    assert decide(state, stale, NOW) == PreconditionFailed(current_version=1)


def test_a_precondition_that_allows_no_version_is_always_refused() -> None:
    decision = decide(after(create_event()), reserve(expected_versions=frozenset()), NOW)
    assert decision == PreconditionFailed(current_version=0)


def test_a_cancellation_compares_the_reservations_version_not_the_events() -> None:
    state = after(create_event(), reserve(1, "r1"), reserve(1, "r2"))
    assert accepted(decide(state, cancel("r1", expected_versions=frozenset({1})), NOW))
    assert decide(state, cancel("r1", expected_versions=frozenset({2})), NOW) == (
        PreconditionFailed(current_version=1)
    )


def _sold() -> EventState:
    return after(create_event(5), reserve(5, "r1", key="k"), cancel("r1", key="c"))


def test_the_key_comes_before_the_precondition() -> None:
    repeated = reserve(5, "r2", key="k", expected_versions=STALE)
    assert isinstance(decide(_sold(), repeated, NOW), Replay)
    assert isinstance(decide(_sold(), cancel("r1", key="c", expected_versions=STALE), NOW), Replay)
    other = dataclasses.replace(repeated, seats=4)
    assert decide(_sold(), other, NOW) == IdempotencyKeyReused()


def test_the_precondition_comes_before_the_rules() -> None:
    state = _sold()
    too_many = reserve(11, "r2", expected_versions=STALE)
    assert isinstance(decide(state, too_many, NOW), PreconditionFailed)
    more_than_left = reserve(6, "r2", expected_versions=STALE)
    assert isinstance(decide(state, more_than_left, NOW), PreconditionFailed)
    cancelled_already = cancel("r1", expected_versions=STALE)
    assert isinstance(decide(state, cancelled_already, NOW), PreconditionFailed)


def test_a_precondition_on_an_unknown_reservation_says_that_it_is_unknown() -> None:
    decision = decide(after(create_event()), cancel("r9", expected_versions=STALE), NOW)
    assert decision == ReservationNotFound()
