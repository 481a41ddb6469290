"""What an operator changes of an event, and which entry that leaves."""

from typing import Any

import pytest

from tests.unit.examples import (
    EVENT_ID,
    NOW,
    OPERATOR,
    accepted,
    after,
    change_event,
    create_event,
    event_of,
    hold,
    reserve,
    sweep,
    then,
)
from ticketboss.domain.commands import ChangeEvent
from ticketboss.domain.decide import decide
from ticketboss.domain.decisions import Replay, Unchanged
from ticketboss.domain.events import SETTING_NAMES
from ticketboss.domain.ledger import EventState, replay
from ticketboss.domain.refusals import (
    CapacityInUse,
    EventCancelled,
    EventNotFound,
    IdempotencyKeyReused,
    InvalidSaleWindow,
    PreconditionFailed,
)

CHANGES: dict[str, Any] = {
    "name": "Another name",
    "total_seats": 30,
    "seats_per_reservation_max": 3,
    "seats_per_partner_max": 9,
    "open_holds_per_partner_max": 0,
    "hold_seconds_total_max": 60,
    "on_sale_from": NOW - 5,
    "on_sale_until": NOW + 5,
    "paused": True,
    "cancelled": True,
}


def _taken() -> EventState:
    """Twenty seats, three of them reserved and two held."""
    return after(create_event(20), reserve(3, "r1"), hold(2, "r2"))


@pytest.mark.parametrize(("setting", "value"), CHANGES.items())
def test_one_setting_changes_and_nothing_else(setting: str, value: Any) -> None:
    state = _taken()
    before = event_of(state)
    entry = accepted(decide(state, change_event(**{setting: value}), NOW + 7))
    assert (entry.kind, entry.actor, entry.version) == ("event_changed", OPERATOR, 3)
    assert (entry.reservation_id, entry.partner_id, entry.seats) == (None, None, 0)
    assert entry.at == NOW + 7
    state.apply(entry)
    after_change = event_of(state)
    changed = {
        name
        for name in (*SETTING_NAMES, "total_seats", "available_seats", "held_seats", "version")
        if getattr(before, name) != getattr(after_change, name)
    }
    moved = {"total_seats", "available_seats"} if setting == "total_seats" else {setting}
    assert changed == moved | {"version"}
    assert getattr(after_change, setting) == value


def test_the_entry_has_all_settings_after_the_change() -> None:
    entry = accepted(decide(_taken(), change_event(paused=True), NOW))
    assert set(entry.detail) == {*SETTING_NAMES, "total_seats"}
    assert (entry.detail["paused"], entry.detail["name"]) == (True, "The drop")
    assert entry.detail["seats_per_reservation_max"] == 10


def test_all_settings_change_in_one_entry() -> None:
    state = then(_taken(), change_event(**CHANGES))
    event = event_of(state)
    assert {name: getattr(event, name) for name in CHANGES} == CHANGES
    assert event.version == 3


def test_a_change_without_an_actor_is_the_systems() -> None:
    entry = accepted(decide(_taken(), change_event(actor=None, paused=True), NOW))
    assert entry.actor == "system"


def test_a_limit_can_be_taken_away_again() -> None:
    state = then(_taken(), change_event(seats_per_partner_max=9, on_sale_until=NOW + 5))
    state = then(state, change_event(seats_per_partner_max=None, on_sale_until=None))
    assert event_of(state).seats_per_partner_max is None
    assert event_of(state).on_sale_until is None


@pytest.mark.parametrize(("total_seats", "available"), [(6, 1), (5, 0), (100, 95)])
def test_the_capacity_moves_what_is_available(total_seats: int, available: int) -> None:
    entry = accepted(decide(_taken(), change_event(total_seats=total_seats), NOW))
    assert (entry.total_seats, entry.available_seats, entry.held_seats) == (
        total_seats,
        available,
        2,
    )


def test_the_capacity_is_not_lowered_below_what_is_reserved_and_held() -> None:
    assert decide(_taken(), change_event(total_seats=4), NOW) == CapacityInUse(
        requested_seats=4, taken_seats=5
    )


def test_seats_that_were_added_are_sold() -> None:
    state = after(create_event(5), reserve(5, "r1"), change_event(total_seats=7))
    assert accepted(decide(state, reserve(2, "r2"), NOW)).available_seats == 0


@pytest.mark.parametrize("settings", [{"paused": False}, {"total_seats": 20, "name": "The drop"}])
def test_settings_that_are_so_already_leave_no_entry(settings: dict[str, Any]) -> None:
    assert decide(_taken(), change_event(**settings), NOW) == Unchanged(version=2)


@pytest.mark.parametrize(
    "settings",
    [
        {"on_sale_from": NOW, "on_sale_until": NOW},
        {"on_sale_from": NOW, "on_sale_until": NOW - 1},
        {"on_sale_until": NOW + 999},
        {"on_sale_until": NOW + 1_000},
    ],
)
def test_a_sale_must_end_after_it_begins(settings: dict[str, Any]) -> None:
    state = then(_taken(), change_event(on_sale_from=NOW + 1_000))
    assert decide(state, change_event(**settings), NOW) == InvalidSaleWindow()


def test_a_sale_may_last_a_millisecond() -> None:
    wish = change_event(on_sale_from=NOW, on_sale_until=NOW + 1)
    assert accepted(decide(_taken(), wish, NOW)).detail["on_sale_until"] == NOW + 1


@pytest.mark.parametrize("on_sale_until", [NOW, NOW - 1])
def test_no_event_is_created_with_a_sale_that_ends_before_it_begins(on_sale_until: int) -> None:
    wish = create_event(20, on_sale_from=NOW, on_sale_until=on_sale_until)
    assert decide(EventState(), wish, NOW) == InvalidSaleWindow()


def test_an_event_is_created_with_all_its_settings() -> None:
    settings = CHANGES | {"is_test": True}
    for name in ("name", "total_seats", "paused", "cancelled"):
        del settings[name]
    state = after(create_event(20, **settings))
    event = event_of(state)
    assert {name: getattr(event, name) for name in settings} == settings
    assert not event.paused
    assert not event.cancelled


def test_a_cancelled_event_stays_as_it_is() -> None:
    state = then(_taken(), change_event(cancelled=True))
    for settings in ({"cancelled": False}, {"name": "Alive"}, {"total_seats": 4}):
        assert decide(state, change_event(**settings), NOW) == EventCancelled()
    # With a key as without one: nothing can change any more that a late retry could undo.
    for key in (None, "k"):
        assert decide(state, change_event(cancelled=True, key=key), NOW) == Unchanged(version=3)


def test_what_is_so_already_is_written_with_a_key_for_the_sake_of_a_late_retry() -> None:
    resume = change_event(key="k", paused=False)
    state = then(_taken(), resume, change_event(paused=True))
    assert isinstance(decide(state, resume, NOW), Replay)
    assert event_of(state).paused


def test_cancelling_an_event_touches_no_reservation_by_itself() -> None:
    state = then(_taken(), change_event(cancelled=True))
    assert [row.status for row in state.reservations.values()] == ["confirmed", "held"]
    assert event_of(state).available_seats == 15


def test_a_change_may_demand_the_events_version() -> None:
    def wish(version: int) -> ChangeEvent:
        return ChangeEvent(
            event_id=EVENT_ID, settings={"paused": True}, expected_versions=frozenset({version})
        )

    assert accepted(decide(_taken(), wish(2), NOW)).version == 3
    assert decide(_taken(), wish(1), NOW) == PreconditionFailed(current_version=2)


@pytest.mark.parametrize("actor", [OPERATOR, None])
def test_a_change_is_remembered_with_its_key(actor: str | None) -> None:
    state = then(_taken(), change_event(actor, "k", paused=True))
    decision = decide(state, change_event(actor, "k", paused=True), NOW)
    assert isinstance(decision, Replay)
    assert decision.entry.version == 3
    assert decide(state, change_event(actor, "k", paused=False), NOW) == IdempotencyKeyReused()


def test_a_sweep_asks_for_nothing() -> None:
    assert decide(_taken(), sweep(), NOW) == Unchanged(version=2)


@pytest.mark.parametrize("command", [change_event(paused=True), sweep()])
def test_an_unknown_event_has_nothing_to_change_or_sweep(command: ChangeEvent) -> None:
    assert decide(EventState(), command, NOW) == EventNotFound()


def test_changes_of_an_event_are_replayed_as_they_were_decided() -> None:
    state = EventState()
    entries = []
    for command in (
        create_event(20, hold_seconds_total_max=90),
        reserve(3, "r1"),
        change_event(total_seats=9, paused=True),
        change_event(paused=False, on_sale_from=5),
        reserve(1, "r2"),
    ):
        entry = accepted(decide(state, command, NOW))
        state.apply(entry)
        entries.append(entry)
    assert replay(entries) == state
