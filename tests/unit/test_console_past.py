"""Looking back along ledgers by time: what is found, and how little is read for it."""

from collections.abc import Collection
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketboss.console.past import points, seats_per_minute, versions_at
from ticketboss.domain.events import Event
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.repository.interface import Repository

MINUTE = 60_000


class Ledgers:
    """Ledgers of events, by the times of their entries; each entry takes one seat of 1,000,000."""

    def __init__(self, **times: list[int]) -> None:
        self.times = times
        self.statements = 0

    def entries_at(self, places: Collection[tuple[str, int]]) -> list[LedgerEntry]:
        self.statements += 1
        return [
            self.entry(event_id, version)
            for event_id, version in places
            if 0 <= version < len(self.times[event_id])
        ]

    def entry(self, event_id: str, version: int) -> LedgerEntry:
        numbers = [1, 1_000_000, 1_000_000 - version, 0, version]
        at = self.times[event_id][version]
        names: list[Any] = [event_id, version, "reserved", "system", None, None]
        rest: list[Any] = [*numbers, at, None, None, {}]
        return LedgerEntry(*names, *rest)

    def event(self, event_id: str) -> Event:
        version = len(self.times[event_id]) - 1
        return Event(event_id, event_id, 1_000_000, 1_000_000 - version, 0, version, version, 10)

    @property
    def repository(self) -> Repository:
        return cast(Repository, self)


@given(times=st.lists(st.integers(0, 50), min_size=1), at=st.integers(-1, 51))
def test_found_is_the_last_entry_that_is_not_later(times: list[int], at: int) -> None:
    times = sorted(times)
    ledgers = Ledgers(a=times)

    found = versions_at(ledgers.repository, {"a": len(times) - 1}, at)["a"]

    earlier = [version for version, each in enumerate(times) if each <= at]
    assert (found and found.version) == (earlier[-1] if earlier else None)


@given(times=st.lists(st.integers(0, 50), min_size=1, max_size=300), at=st.integers(-1, 51))
def test_clock_that_went_back_ends_the_search_all_the_same(times: list[int], at: int) -> None:
    found = versions_at(Ledgers(a=times).repository, {"a": len(times) - 1}, at)["a"]

    assert found is None or found.at <= at


def test_events_are_searched_side_by_side_and_quiet_ones_once() -> None:
    ledgers = Ledgers(
        busy=list(range(100_000)), other=list(range(50_000, 60_000)), quiet=[0] * 10_000
    )
    versions = {event_id: len(times) - 1 for event_id, times in ledgers.times.items()}

    found = versions_at(ledgers.repository, versions, 55_000)

    assert {name: entry and entry.at for name, entry in found.items()} == {
        "busy": 55_000,
        "other": 55_000,
        "quiet": 0,
    }
    # One look at the newest, and one for each halving of the longest.
    assert ledgers.statements <= 19
    ledgers.statements = 0
    versions_at(ledgers.repository, {"quiet": 9_999}, 55_000)
    assert ledgers.statements == 1


def test_an_entry_that_is_missing_ends_the_search() -> None:
    assert versions_at(Ledgers(a=[1]).repository, {"a": 500}, 0) == {"a": None}


def test_pace_is_what_was_taken_in_the_last_minute() -> None:
    ledgers = Ledgers(
        a=[0, 1_000, MINUTE, MINUTE + 1, MINUTE + 2], b=[0, 1, 2], new=[MINUTE, MINUTE]
    )
    events = [ledgers.event(name) for name in ledgers.times]

    assert seats_per_minute(ledgers.repository, events, MINUTE + 1_000) == {
        "a": 3,
        "b": 0,
        "new": 1,
    }


@pytest.mark.parametrize(
    ("count", "points_max", "expected"),
    [
        (1, 5, [0]),
        (3, 5, [0, 1, 2]),
        (5, 5, [0, 1, 2, 3, 4]),
        (101, 5, [0, 25, 50, 75, 100]),
    ],
)
def test_points_are_at_even_distances_with_both_ends(
    count: int, points_max: int, expected: list[int]
) -> None:
    ledgers = Ledgers(a=list(range(count)))

    found = points(ledgers.repository, ledgers.event("a"), None, points_max)

    assert [entry.version for entry in found] == expected


def test_points_begin_with_the_entry_before_the_window() -> None:
    ledgers = Ledgers(a=list(range(0, 1_000, 10)))

    found = points(ledgers.repository, ledgers.event("a"), 955, 100)

    assert [entry.at for entry in found] == [950, 960, 970, 980, 990]
