"""When an event is on sale, and what goes on when it is not."""

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
    event_of,
    hold,
    reserve,
    then,
)
from ticketboss.domain.commands import Command
from ticketboss.domain.decide import decide
from ticketboss.domain.decisions import Replay
from ticketboss.domain.events import SaleState
from ticketboss.domain.ledger import EventState
from ticketboss.domain.refusals import (
    EventCancelled,
    Refusal,
    SaleClosed,
    SaleNotOpen,
    SalePaused,
    TooManySeats,
)

OPENS, CLOSES = NOW + 1_000, NOW + 5_000

# What is new: each of these takes seats that were not taken before.
NEW: dict[str, Command] = {
    "reservation": reserve(1, "r9"),
    "hold": hold(1, "r9"),
    "growth of a reservation": change("reserved", 3),
    "growth of a hold": change("held", 3),
    "partial fill": reserve(3, "r9", min_seats=1),
}
# What goes on with what exists.
OLD: dict[str, Command] = {
    "confirm": confirm("held"),
    "release": cancel("held"),
    "cancel": cancel("reserved"),
    "shrinking of a reservation": change("reserved", 1),
    "shrinking of a hold": change("held", 1),
}
new_claims = pytest.mark.parametrize("command", NEW.values(), ids=NEW.keys())
old_claims = pytest.mark.parametrize("command", OLD.values(), ids=OLD.keys())


def _state(*changes: Command) -> EventState:
    """A reservation and a hold of two seats each, and then these changes."""
    return after(create_event(10), reserve(2, "reserved"), hold(2, "held"), *changes)


WINDOW = change_event(on_sale_from=OPENS, on_sale_until=CLOSES)
PAUSE = change_event(paused=True)
CANCEL = change_event(cancelled=True)


@new_claims
@pytest.mark.parametrize(
    ("now", "refusal"),
    [
        (NOW, SaleNotOpen(OPENS, opens_in_ms=1_000)),
        (OPENS - 1, SaleNotOpen(OPENS, opens_in_ms=1)),
        (OPENS, None),
        (CLOSES - 1, None),
        (CLOSES, SaleClosed()),
        (CLOSES + 1, SaleClosed()),
    ],
    ids=["before", "a moment before", "opening", "last moment", "end", "after"],
)
def test_the_sale_begins_with_its_first_millisecond_and_ends_before_its_last(
    command: Command, now: int, refusal: Refusal | None
) -> None:
    decision = decide(_state(WINDOW), command, now)
    assert accepted(decision) if refusal is None else decision == refusal


@pytest.mark.parametrize("now", [NOW, OPENS, CLOSES])
@old_claims
def test_the_sale_window_does_not_bind_what_exists(command: Command, now: int) -> None:
    assert accepted(decide(_state(WINDOW), command, now))


@new_claims
def test_a_paused_event_takes_nothing_new_until_it_is_resumed(command: Command) -> None:
    assert decide(_state(PAUSE), command, NOW) == SalePaused()
    assert accepted(decide(_state(PAUSE, change_event(paused=False)), command, NOW))


@old_claims
def test_a_pause_does_not_bind_what_exists(command: Command) -> None:
    assert accepted(decide(_state(PAUSE), command, NOW))


@pytest.mark.parametrize("changes", [[WINDOW], [PAUSE]], ids=["window", "pause"])
def test_neither_window_nor_pause_stops_the_extension_of_a_hold(changes: list[Command]) -> None:
    wish = change("held", hold_seconds=90)
    assert accepted(decide(_state(*changes), wish, NOW)).kind == "hold_changed"


@new_claims
def test_a_cancelled_event_takes_nothing_new(command: Command) -> None:
    assert decide(_state(CANCEL), command, NOW) == EventCancelled()


@pytest.mark.parametrize("command", [cancel("held"), cancel("reserved")])
def test_what_a_cancelled_event_still_has_can_be_given_back(command: Command) -> None:
    assert accepted(decide(_state(CANCEL), command, NOW))


def test_a_window_may_be_open_at_either_end() -> None:
    opening = _state(change_event(on_sale_from=OPENS))
    assert isinstance(decide(opening, reserve(1, "r9"), OPENS - 1), SaleNotOpen)
    assert accepted(decide(opening, reserve(1, "r9"), CLOSES * 2))
    closing = _state(change_event(on_sale_until=CLOSES))
    assert accepted(decide(closing, reserve(1, "r9"), 0))
    assert decide(closing, reserve(1, "r9"), CLOSES) == SaleClosed()


def test_an_opening_at_the_beginning_of_time_is_an_opening() -> None:
    state = _state(change_event(on_sale_from=0))
    assert decide(state, reserve(1, "r9"), -1) == SaleNotOpen(0, opens_in_ms=1)


def test_a_replay_is_answered_when_the_sale_is_over() -> None:
    state = _state(reserve(1, "r9", key="k"), CANCEL)
    assert isinstance(decide(state, reserve(1, "again", key="k"), NOW), Replay)


def test_a_request_that_no_sale_would_take_is_told_so_before_the_sale() -> None:
    assert decide(_state(WINDOW), reserve(11, "r9"), NOW) == TooManySeats(11, 10)


@pytest.mark.parametrize(
    ("changes", "now", "sale_state"),
    [
        ([], NOW, "on_sale"),
        ([WINDOW], OPENS - 1, "scheduled"),
        ([WINDOW], OPENS, "on_sale"),
        ([WINDOW], CLOSES - 1, "on_sale"),
        ([WINDOW], CLOSES, "ended"),
        ([WINDOW, PAUSE], OPENS, "paused"),
        ([WINDOW, PAUSE], CLOSES, "ended"),
        ([WINDOW, PAUSE, CANCEL], CLOSES, "cancelled"),
        ([change_event(total_seats=4)], NOW, "sold_out"),
        ([change_event(total_seats=4), WINDOW], NOW, "scheduled"),
        ([change_event(total_seats=4), PAUSE], NOW, "paused"),
        ([change_event(total_seats=4), change_event(total_seats=5)], NOW, "on_sale"),
    ],
)
def test_the_sale_state_is_the_first_reason_that_holds(
    changes: list[Command], now: int, sale_state: SaleState
) -> None:
    assert event_of(_state(*changes)).sale_state(now) == sale_state


def test_seats_that_come_back_put_a_sold_out_event_on_sale_again() -> None:
    state = _state(change_event(total_seats=4))
    assert event_of(then(state, change("held", 1))).sale_state(NOW) == "on_sale"
