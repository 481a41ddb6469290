"""Single ledger entries of many events at once."""

import pytest

from tests.contract.backends import write
from tests.unit.examples import EVENT_ID, create_event, hold, reserve
from ticketboss.repository.interface import Repository


@pytest.fixture
def two_events(repository: Repository) -> Repository:
    """The event with four entries, and another one with its first alone."""
    write(repository, reserve(3, "r1"), hold(2, "h2"), reserve(1, "r3"))
    write(repository, create_event(7, event_id="another"))
    return repository


def test_entries_are_those_of_the_ledger(two_events: Repository) -> None:
    ledger = two_events.ledger(EVENT_ID, -1, 100)

    found = two_events.entries_at([(EVENT_ID, 3), (EVENT_ID, 0), (EVENT_ID, 1)])

    assert sorted(found, key=lambda entry: entry.version) == [ledger[0], ledger[1], ledger[3]]


def test_each_event_has_its_own(two_events: Repository) -> None:
    found = two_events.entries_at([(EVENT_ID, 0), ("another", 0)])

    assert {(entry.event_id, entry.total_seats) for entry in found} == {
        (EVENT_ID, 500),
        ("another", 7),
    }


@pytest.mark.parametrize(
    "places", [[], [("none", 0)], [(EVENT_ID, 4)], [(EVENT_ID, -1)], [(EVENT_ID, 2**63 - 1)]]
)
def test_where_there_is_no_entry_there_is_none(
    two_events: Repository, places: list[tuple[str, int]]
) -> None:
    assert two_events.entries_at(places) == []
