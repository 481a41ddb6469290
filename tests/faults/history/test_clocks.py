"""Servers whose clock is not that of the clients: the checker allows for as much as it is told."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.faults.history.checker import check
from tests.faults.history.record import History, read_history, write_history
from tests.faults.history.test_checker import BEGINNING, Wish, history_of, wishes
from tests.faults.history.violations import told

SECOND_MS = 1_000


def _seen_by_a_clock_that_is_late(asked: list[Wish], late_ms: int) -> History:
    history = history_of(asked)
    for operation in history.operations:
        operation.called_at -= late_ms
        if operation.answered_at is not None:
            operation.answered_at -= late_ms
    return history


@given(wishes, st.integers(-1_000 * SECOND_MS, 1_000 * SECOND_MS))
def test_clocks_that_are_apart_by_what_is_allowed_raise_no_alarm(
    asked: list[Wish], late_ms: int
) -> None:
    history = _seen_by_a_clock_that_is_late(asked, late_ms)
    history.slack_ms = abs(late_ms)
    violations = check(history).violations
    assert not violations, told(violations)


def test_clocks_that_are_apart_by_more_than_that_raise_one() -> None:
    history = _seen_by_a_clock_that_is_late(BEGINNING, 10 * SECOND_MS)
    assert check(history).violations
    history.slack_ms = 9 * SECOND_MS
    assert check(history).violations


def test_whatever_the_clocks_a_lost_reservation_is_missed() -> None:
    history = _seen_by_a_clock_that_is_late(BEGINNING, 10 * SECOND_MS)
    history.slack_ms = 10 * SECOND_MS
    del history.ending.reservations[0]
    assert {each.check for each in check(history).violations} == {"ending"}


def test_a_file_says_how_far_the_clocks_were_apart(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    history = history_of(BEGINNING)
    history.slack_ms = 7 * SECOND_MS
    write_history(path, history)
    assert read_history(path).slack_ms == 7 * SECOND_MS
