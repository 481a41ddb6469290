"""An event as it was at a version, and the versions of many events at once."""

from collections.abc import Collection

import pytest

from tests.contract.backends import write
from tests.contract.lists import hold_long_ago
from tests.unit.examples import (
    EVENT_ID,
    cancel,
    change,
    change_event,
    confirm,
    create_event,
    hold,
    reserve,
    sweep,
)
from ticketboss.domain.events import Event
from ticketboss.domain.ledger import EFFECTS, EVENT_KINDS, event_after, replay
from ticketboss.repository.interface import Repository


@pytest.fixture
def storied(repository: Repository) -> Repository:
    """The event after entries of every kind, its settings changed three times in between."""
    write(repository, reserve(3, "r1"), hold(2, "h2"), change_event(total_seats=600, paused=True))
    write(repository, change("r1", 2), change("h2", 1), change_event(paused=False, name="Renamed"))
    write(repository, hold(1, "h3"), confirm("h2"), cancel("r1"), cancel("h3"))
    hold_long_ago(repository, "h4")
    write(repository, sweep())
    write(repository, change_event(cancelled=True))
    return repository


def _then(repository: Repository, version: int) -> Event:
    """The event of a version, put together from what `event_at` gives."""
    found = repository.event_at(EVENT_ID, version)
    assert found is not None
    entry, settings = found
    return event_after(settings)._replace(
        version=entry.version,
        total_seats=entry.total_seats,
        available_seats=entry.available_seats,
        held_seats=entry.held_seats,
        reservation_count=entry.reservation_count,
    )


def test_at_every_version_the_event_is_what_the_ledger_up_to_it_gives(storied: Repository) -> None:
    ledger = storied.ledger(EVENT_ID, -1, 100)
    assert {entry.kind for entry in ledger} == EVENT_KINDS | set(EFFECTS)
    for entry in ledger:
        assert _then(storied, entry.version) == replay(ledger[: entry.version + 1]).event
    assert _then(storied, ledger[-1].version) == storied.event(EVENT_ID)


def test_the_entries_are_that_of_the_version_and_the_newest_with_settings(
    storied: Repository,
) -> None:
    ledger = storied.ledger(EVENT_ID, -1, 100)
    with_settings = [entry.version for entry in ledger if entry.kind in EVENT_KINDS]
    assert with_settings == [0, 3, 6, len(ledger) - 1]
    for entry in ledger:
        newest = max(version for version in with_settings if version <= entry.version)
        assert storied.event_at(EVENT_ID, entry.version) == (entry, ledger[newest])


def test_a_setting_shows_from_the_version_on_that_changed_it(storied: Repository) -> None:
    assert [_then(storied, version).paused for version in (2, 3, 5, 6)] == [
        False,
        True,
        True,
        False,
    ]
    assert [_then(storied, version).name for version in (5, 6)] == ["The drop", "Renamed"]
    assert [_then(storied, version).total_seats for version in (2, 3)] == [500, 600]


@pytest.mark.parametrize("version", [-1, 14, 2**63 - 1])
def test_a_version_that_is_not_there_is_none(storied: Repository, version: int) -> None:
    assert len(storied.ledger(EVENT_ID, -1, 100)) == 14
    assert storied.event_at(EVENT_ID, version) is None


def test_the_past_of_another_event_is_its_own(storied: Repository) -> None:
    write(storied, create_event(7, event_id="another"))
    (entry,) = storied.ledger("another", -1, 10)
    assert storied.event_at("another", 0) == (entry, entry)
    assert storied.event_at("another", 1) is None
    assert storied.event_at("unknown", 0) is None


def test_what_is_written_later_changes_nothing_of_the_past(storied: Repository) -> None:
    before = [storied.event_at(EVENT_ID, version) for version in range(14)]
    write(storied, sweep())
    assert [storied.event_at(EVENT_ID, version) for version in range(14)] == before


@pytest.mark.parametrize("ids", [{EVENT_ID, "b"}, [EVENT_ID, "b", "b"], (EVENT_ID, "b", "none")])
def test_versions_are_those_of_the_named_events_that_exist(
    repository: Repository, ids: Collection[str]
) -> None:
    for event_id in ("a", "b"):
        write(repository, create_event(event_id=event_id))
    write(repository, reserve(1, "r1"), reserve(1, "r2"))
    write(repository, reserve(1, "r1", event_id="b"))
    assert repository.versions(ids) == {EVENT_ID: 2, "b": 1}


def test_no_events_have_no_versions(repository: Repository) -> None:
    assert repository.versions([]) == {}
    assert repository.versions({"unknown"}) == {}


def test_the_versions_of_as_many_events_as_may_be_waited_for_come_at_once(
    repository: Repository,
) -> None:
    ids = {EVENT_ID, *(f"unknown{number}" for number in range(500))}
    assert repository.versions(ids) == {EVENT_ID: 0}


@pytest.mark.parametrize("odd", ["quo'te", 'quo"te', "back\\slash", "null", "1", "[]"])
def test_an_odd_id_is_never_mistaken_for_something_else(repository: Repository, odd: str) -> None:
    write(repository, create_event(event_id=odd))
    assert repository.versions({odd}) == {odd: 0}


def test_a_version_is_seen_as_soon_as_it_is_committed_by_somebody_else(
    repository: Repository, second: Repository
) -> None:
    assert second.versions({EVENT_ID}) == {EVENT_ID: 0}
    write(repository, reserve(1, "r1"))
    assert second.versions({EVENT_ID}) == {EVENT_ID: 1}
