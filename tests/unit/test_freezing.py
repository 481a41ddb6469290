"""Who may touch what: frozen partners, operators, and other partners' reservations."""

import dataclasses
from typing import Any

import pytest

from tests.unit.examples import (
    NOW,
    OPERATOR,
    PARTNER_ID,
    accepted,
    after,
    cancel,
    change,
    confirm,
    create_event,
    hold,
    reserve,
    then,
)
from ticketboss.domain.commands import Command, Reserve, partner_actor
from ticketboss.domain.decide import decide, decide_due
from ticketboss.domain.decisions import Replay
from ticketboss.domain.ledger import EventState
from ticketboss.domain.refusals import (
    IdempotencyKeyReused,
    PartnerFrozen,
    ReservationNotFound,
)

TOUCHES: dict[str, Command] = {
    "reserve": reserve(1, "r9"),
    "hold": hold(1, "r9"),
    "confirm": confirm("held"),
    "release": cancel("held"),
    "cancel": cancel("reserved"),
    "grow": change("reserved", 3),
    "shrink": change("held", 1),
    "extend": change("held", hold_seconds=90),
}
EXISTING = {name: touch for name, touch in TOUCHES.items() if not isinstance(touch, Reserve)}
touches = pytest.mark.parametrize("command", TOUCHES.values(), ids=TOUCHES.keys())
on_what_exists = pytest.mark.parametrize("command", EXISTING.values(), ids=EXISTING.keys())


def _state() -> EventState:
    """A reservation and a hold of the partner's, two seats each."""
    return after(create_event(10), reserve(2, "reserved"), hold(2, "held"))


def _frozen() -> EventState:
    state = _state()
    state.frozen = frozenset({PARTNER_ID})
    return state


@touches
def test_a_frozen_partner_changes_nothing(command: Command) -> None:
    assert decide(_frozen(), command, NOW) == PartnerFrozen()
    named = dataclasses.replace(command, actor=partner_actor(PARTNER_ID))
    assert decide(_frozen(), named, NOW) == PartnerFrozen()


@touches
def test_an_operator_may_act_for_a_frozen_partner(command: Command) -> None:
    by_operator = dataclasses.replace(command, actor=OPERATOR)
    entry = accepted(decide(_frozen(), by_operator, NOW))
    assert (entry.actor, entry.partner_id) == (OPERATOR, PARTNER_ID)


@touches
def test_another_partners_freezing_does_not_matter(command: Command) -> None:
    state = _state()
    state.frozen = frozenset({"m"})
    assert accepted(decide(state, command, NOW)).actor == partner_actor(PARTNER_ID)


def test_a_frozen_partners_holds_still_expire() -> None:
    entry = decide_due(_frozen(), "held", NOW + 60_000)
    assert entry is not None
    assert entry.kind == "expired"


def test_a_frozen_partner_still_hears_what_it_did_before() -> None:
    state = then(_state(), cancel("reserved", key="k"))
    state.frozen = frozenset({PARTNER_ID})
    assert isinstance(decide(state, cancel("reserved", key="k"), NOW), Replay)


@on_what_exists
def test_another_partners_reservation_is_not_found(command: Command) -> None:
    theirs = dataclasses.replace(command, partner_id="m")  # type: ignore[call-arg]
    assert decide(_state(), theirs, NOW) == ReservationNotFound()
    # The order of the checks must not tell that it is there.
    stale = dataclasses.replace(theirs, expected_versions=frozenset({77}))
    assert decide(_state(), stale, NOW) == ReservationNotFound()
    assert decide(_frozen(), theirs, NOW) == ReservationNotFound()


@on_what_exists
def test_ones_own_reservation_is_found(command: Command) -> None:
    own = dataclasses.replace(command, partner_id=PARTNER_ID)  # type: ignore[call-arg]
    assert accepted(decide(_state(), own, NOW)).partner_id == PARTNER_ID


def test_another_partners_reservation_is_not_found_by_its_key_either() -> None:
    state = then(_state(), cancel("reserved", key="k"))
    theirs = cancel("reserved", key="k", partner_id="m", actor=partner_actor("m"))
    assert decide(state, theirs, NOW) == ReservationNotFound()


@on_what_exists
def test_another_partners_reservation_is_decided_exactly_as_an_unknown_one(
    command: Command,
) -> None:
    """Whatever the asker has to do with it: a used key, a precondition, a freeze of either."""
    state = then(_state(), reserve(1, "r5", partner_id="m", key="k"))
    asked = dataclasses.replace(command, partner_id="m", actor=partner_actor("m"))  # type: ignore[call-arg]
    unknown = dataclasses.replace(asked, reservation_id="unknown")  # type: ignore[call-arg]
    more: dict[str, Any]
    for more in ({}, {"idempotency_key": "k"}, {"expected_versions": frozenset({77})}):
        for frozen in (frozenset[str](), frozenset({"m"}), frozenset({PARTNER_ID})):
            state.frozen = frozen
            answers = [
                decide(state, dataclasses.replace(each, **more), NOW) for each in (asked, unknown)
            ]
            assert answers == [ReservationNotFound(), ReservationNotFound()]


def test_an_operators_key_is_not_the_partners() -> None:
    state = then(_state(), cancel("reserved", key="k", actor=OPERATOR))
    assert accepted(decide(state, cancel("held", key="k"), NOW)).actor == partner_actor(PARTNER_ID)
    assert decide(state, cancel("held", key="k", actor=OPERATOR), NOW) == IdempotencyKeyReused()
