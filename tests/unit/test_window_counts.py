"""Counts in fixed windows: when a window ends, and that nothing is kept behind it."""

import threading
import time

import pytest

from ticketboss.api.window_counts import SWEEP_SECONDS, WindowCounts


class Clock:
    """The time of day, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "time", clock.time)
    return clock


def test_each_key_is_counted_by_itself() -> None:
    counts = WindowCounts()
    assert [counts.incr(key, 60) for key in ("a", "a", "b")] == [1, 2, 1]
    assert [counts.get(key) for key in ("a", "b", "c")] == [2, 1, 0]


def test_a_window_begins_with_its_first_count(clock: Clock) -> None:
    counts = WindowCounts()
    counts.incr("a", 60)
    clock.now += 59
    assert counts.incr("a", 60) == 2
    assert counts.get_expiry("a") == clock.now + 1
    clock.now += 1
    assert counts.get("a") == 0
    assert counts.incr("a", 60) == 1
    assert counts.get_expiry("a") == clock.now + 60


def test_a_key_without_a_count_expires_now(clock: Clock) -> None:
    assert WindowCounts().get_expiry("a") == clock.now


def test_cleared_keys_begin_anew() -> None:
    counts = WindowCounts()
    for key in ("a", "b"):
        counts.incr(key, 60)
    counts.clear("a")
    assert (counts.get("a"), counts.get("b")) == (0, 1)
    assert counts.reset() == 1
    assert counts.get("b") == 0


def test_what_has_expired_is_not_kept(clock: Clock) -> None:
    counts = WindowCounts()
    for number in range(100):
        counts.incr(f"address {number}", 1)
    clock.now += SWEEP_SECONDS + 1
    counts.incr("late", 1)
    assert counts.reset() == 1


def test_a_clock_that_went_back_does_not_put_the_sweep_off(clock: Clock) -> None:
    counts = WindowCounts()
    counts.incr("first", 1)
    clock.now -= 3_600
    counts.incr("second", 1)
    clock.now += SWEEP_SECONDS + 1
    counts.incr("third", 3_600)
    # The first one's window lies in the future again, and the rate limits clear such ones.
    assert (counts.get("first"), counts.get("second")) == (1, 0)
    assert counts.reset() == 2


def test_counting_starts_no_thread() -> None:
    before = threading.active_count()
    WindowCounts().incr("a", 60)
    assert threading.active_count() == before


def test_threads_lose_no_count() -> None:
    counts = WindowCounts()
    threads = [
        threading.Thread(target=lambda: [counts.incr("a", 60) for _ in range(1_000)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts.get("a") == 4_000
