"""Test keys work on test events only, and other keys on the others only."""

import dataclasses

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
    hold,
    reserve,
    sweep,
    then,
)
from ticketboss.domain.commands import Command
from ticketboss.domain.decide import decide
from ticketboss.domain.decisions import Replay, Unchanged
from ticketboss.domain.ledger import EventState
from ticketboss.domain.refusals import EventNotFound, WrongKeyMode

ACCEPTED: dict[str, Command] = {
    "reserve": reserve(1, "r9"),
    "hold": hold(1, "r9"),
    "confirm": confirm("held"),
    "release": cancel("held"),
    "cancel": cancel("reserved"),
    "grow": change("reserved", 3),
    "extend": change("held", hold_seconds=90),
    "change the event": change_event(paused=True),
}
OTHERWISE_REFUSED: dict[str, Command] = {
    "create again": create_event(10),
    "unknown reservation": cancel("unknown"),
    "another partner's": cancel("held", partner_id="m"),
    "too many seats": reserve(99, "r9"),
    "stale": reserve(1, "r9", expected_versions=frozenset({77})),
    "used key": reserve(1, "r9", key="k"),
    "sweep": sweep(),
}
every_command = pytest.mark.parametrize(
    "command",
    [*ACCEPTED.values(), *OTHERWISE_REFUSED.values()],
    ids=[*ACCEPTED.keys(), *OTHERWISE_REFUSED.keys()],
)
each_accepted = pytest.mark.parametrize("command", ACCEPTED.values(), ids=ACCEPTED.keys())
each_kind = pytest.mark.parametrize("is_test", [True, False], ids=["test event", "live event"])


def _state(*, is_test: bool) -> EventState:
    """A reservation and a hold, two seats each; the key "k" is used."""
    event = create_event(10, is_test=is_test)
    return after(event, reserve(2, "reserved", key="k"), hold(2, "held"))


@each_kind
@every_command
def test_a_key_of_the_other_kind_is_refused_before_anything_else(
    command: Command, is_test: bool
) -> None:
    by_other_key = dataclasses.replace(command, for_test=not is_test)
    assert decide(_state(is_test=is_test), by_other_key, NOW) == WrongKeyMode(is_test)


@each_kind
@each_accepted
def test_a_key_of_the_same_kind_and_whoever_needs_no_key_are_let_through(
    command: Command, is_test: bool
) -> None:
    for for_test in (is_test, None):
        by_right_key = dataclasses.replace(command, for_test=for_test)
        assert accepted(decide(_state(is_test=is_test), by_right_key, NOW)).version == 3


@each_kind
def test_a_sweep_and_a_retry_are_let_through_too(is_test: bool) -> None:
    state = _state(is_test=is_test)
    by_right_key = dataclasses.replace(sweep(), for_test=is_test)
    assert decide(state, by_right_key, NOW) == Unchanged(version=2)
    retry = reserve(2, "minted-again", key="k", for_test=is_test)
    assert isinstance(decide(state, retry, NOW), Replay)


@each_kind
def test_a_key_creates_events_of_its_own_kind_only(is_test: bool) -> None:
    wish = create_event(10, is_test=is_test)
    for for_test in (is_test, None):
        entry = accepted(decide(EventState(), dataclasses.replace(wish, for_test=for_test), NOW))
        assert entry.detail["is_test"] is is_test
    refused = dataclasses.replace(wish, for_test=not is_test)
    assert decide(EventState(), refused, NOW) == WrongKeyMode(is_test)


def test_an_event_of_the_other_kind_that_exists_is_told_by_its_own_kind() -> None:
    # The event is live and so is the key: that the wish is for a test event comes second.
    wish = create_event(10, is_test=True, for_test=False)
    assert decide(_state(is_test=False), wish, NOW) == WrongKeyMode(event_is_test=True)
    wish = create_event(10, is_test=False, for_test=False)
    assert decide(_state(is_test=True), wish, NOW) == WrongKeyMode(event_is_test=True)


@pytest.mark.parametrize("for_test", [True, False, None])
def test_an_event_that_is_not_there_is_of_neither_kind(for_test: bool | None) -> None:
    assert decide(EventState(), reserve(for_test=for_test), NOW) == EventNotFound()


def test_the_kind_of_the_key_is_not_part_of_what_is_asked() -> None:
    # The same operator may be at the command line, without a key, when the retry comes.
    state = then(_state(is_test=True), change_event(key="c", paused=True))
    retry = dataclasses.replace(change_event(key="c", paused=True), for_test=True)
    assert isinstance(decide(state, retry, NOW), Replay)
