"""A cancelled event before its claims are swept: nothing is won from it, all may be given back."""

import dataclasses

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
    hold,
    reserve,
    then,
)
from ticketboss.domain.commands import Command
from ticketboss.domain.decide import decide
from ticketboss.domain.decisions import Replay, Unchanged
from ticketboss.domain.ledger import EventState
from ticketboss.domain.refusals import (
    EventCancelled,
    HoldExpired,
    HoldTooLong,
    NotAHold,
    PartnerFrozen,
    PreconditionFailed,
    ReservationEnded,
)

REFUSED: dict[str, Command] = {
    "confirm": confirm("held"),
    "extend": change("held", hold_seconds=90),
    "shorten": change("held", hold_seconds=1),
    "shrink and extend": change("held", 1, hold_seconds=90),
    "grow a hold": change("held", 3),
    "grow a reservation": change("reserved", 3),
    "reserve": reserve(1, "r9"),
    "hold": hold(1, "r9"),
}
ACCEPTED: dict[str, tuple[Command, str]] = {
    "release": (cancel("held"), "released"),
    "cancel": (cancel("reserved"), "cancelled"),
    "shrink a hold": (change("held", 1), "hold_changed"),
    "shrink a reservation": (change("reserved", 1), "changed"),
}


def _sold() -> EventState:
    """A reservation and a hold of a minute, two seats each, at version 2."""
    return after(create_event(10), reserve(2, "reserved"), hold(2, "held"))


def _cancelled() -> EventState:
    return then(_sold(), change_event(cancelled=True))


@pytest.mark.parametrize("actor", [None, OPERATOR])
@pytest.mark.parametrize("command", REFUSED.values(), ids=REFUSED.keys())
def test_nothing_can_be_won_from_a_cancelled_event(command: Command, actor: str | None) -> None:
    asked = dataclasses.replace(command, actor=actor)
    assert accepted(decide(_sold(), asked, NOW)).version == 3
    assert decide(_cancelled(), asked, NOW) == EventCancelled()
    assert decide(_cancelled(), dataclasses.replace(asked, idempotency_key="k"), NOW) == (
        EventCancelled()
    )


@pytest.mark.parametrize(("command", "kind"), ACCEPTED.values(), ids=ACCEPTED.keys())
def test_seats_can_still_be_given_back(command: Command, kind: str) -> None:
    assert accepted(decide(_cancelled(), command, NOW)).kind == kind


def test_what_was_confirmed_before_is_still_confirmed() -> None:
    state = then(_sold(), confirm("held", key="k"), change_event(cancelled=True))
    assert decide(state, confirm("held"), NOW) == Unchanged(version=3)
    assert decide(state, confirm("reserved"), NOW) == Unchanged(version=1)
    assert isinstance(decide(state, confirm("held", key="k"), NOW), Replay)


def test_a_change_to_what_is_so_already_is_still_already_so() -> None:
    assert decide(_cancelled(), change("held", 2, hold_seconds=60), NOW) == Unchanged(version=2)
    assert decide(_cancelled(), change("reserved", 2), NOW) == Unchanged(version=1)


def test_an_extension_of_before_is_still_told_to_its_key() -> None:
    extend = change("held", hold_seconds=90, key="k")
    state = then(_sold(), extend, change_event(cancelled=True))
    assert isinstance(decide(state, extend, NOW), Replay)


def test_what_has_ended_says_so_rather_than_that_the_event_was_cancelled() -> None:
    state = then(_cancelled(), cancel("held"))
    for wish in (confirm("held"), change("held", hold_seconds=30)):
        assert decide(state, wish, NOW) == ReservationEnded()
        assert decide(_cancelled(), wish, NOW + 60_000) == HoldExpired()


def test_what_could_never_be_extended_says_why() -> None:
    assert decide(_cancelled(), change("reserved", hold_seconds=30), NOW) == NotAHold()
    wish = change("held", hold_seconds=3_601)
    assert decide(_cancelled(), wish, NOW) == HoldTooLong(3_600)


def test_freezes_and_preconditions_come_first() -> None:
    state = _cancelled()
    stale = confirm("held", expected_versions=frozenset({77}))
    assert decide(state, stale, NOW) == PreconditionFailed(current_version=2)
    state.frozen = frozenset({"abc-corp"})
    assert decide(state, confirm("held"), NOW) == PartnerFrozen()
