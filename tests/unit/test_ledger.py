"""Replaying a ledger, entry by entry."""

import pytest

from tests.unit.examples import NOW, accepted, after, create_event, reserve
from ticketboss.domain.decide import decide
from ticketboss.domain.ledger import EventState, advance, replay


def test_an_empty_ledger_is_no_event() -> None:
    assert replay([]) == EventState()
    assert replay([]).event is None


def test_an_event_is_created_by_its_first_entry_only() -> None:
    event = after(create_event()).event
    assert event is not None
    with pytest.raises(KeyError, match="event_created"):
        advance(event, "event_created", 0, {})


def test_a_replay_remembers_the_keys_by_actor() -> None:
    state = after(create_event())
    entry = accepted(decide(state, reserve(2, key="k"), NOW))
    state.apply(entry)
    assert state.keys == {("partner:abc-corp", "k"): entry}


def test_one_more_entry_leaves_the_event_before_it_alone() -> None:
    before = after(create_event(500)).event
    assert before is not None
    changed = advance(before, "reserved", 4, {})
    assert (before.available_seats, before.version) == (500, 0)
    assert (changed.available_seats, changed.version, changed.reservation_count) == (496, 1, 1)
