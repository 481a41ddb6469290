"""Replaying a ledger, entry by entry."""

from typing import Any

import pytest

from tests.unit.examples import (
    NOW,
    accepted,
    after,
    change_event,
    create_event,
    hold,
    reserve,
    then,
)
from ticketboss.domain.decide import decide
from ticketboss.domain.events import SETTING_NAMES
from ticketboss.domain.ledger import EventState, LedgerEntry, advance, event_after, replay


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


def _entry_of(state: EventState, **settings: Any) -> LedgerEntry:
    return accepted(decide(state, change_event(**settings), NOW))


def test_the_entry_that_created_an_event_gives_the_event_as_it_was_then() -> None:
    wish = create_event(20, is_test=True, seats_per_partner_max=9, on_sale_from=5)
    entry = accepted(decide(EventState(), wish, NOW))
    state = after(wish)
    assert event_after(entry) == state.event
    then(state, reserve(3), change_event(name="Renamed"))
    assert event_after(entry).name == "The drop"
    assert event_after(entry).available_seats == 20


def test_the_entry_of_a_change_gives_the_event_as_the_change_left_it() -> None:
    state = after(create_event(20), reserve(3, "r1"), hold(2, "r2"))
    entry = _entry_of(state, total_seats=9, paused=True, cancelled=True, on_sale_until=7)
    state.apply(entry)
    assert event_after(entry) == state.event
    assert (event_after(entry).available_seats, event_after(entry).reserved_seats) == (4, 3)


def test_settings_that_an_entry_of_the_first_release_did_not_have_are_the_defaults() -> None:
    entry = accepted(decide(EventState(), create_event(20), NOW))
    for name in set(SETTING_NAMES) - {"name", "seats_per_reservation_max"}:
        del entry.detail[name]
    assert event_after(entry) == after(create_event(20)).event
