"""What a commit writes, and when it writes nothing."""

import dataclasses
from typing import Any

import pytest

from tests.contract.backends import plan, within, write
from tests.unit.examples import EVENT_ID, cancel, create_event, reserve
from ticketboss.domain.decide import decide
from ticketboss.domain.decisions import Replay
from ticketboss.domain.ledger import replay
from ticketboss.domain.reservations import PartnerTotals
from ticketboss.engine.answers import CommandRefused
from ticketboss.repository.interface import (
    Conflict,
    LockTimeout,
    OutcomeUnknown,
    Repository,
    ReservationChange,
    StorageUnavailable,
)

NO_BUGS = (Conflict, LockTimeout, OutcomeUnknown, StorageUnavailable, CommandRefused)


def _all_rows(repository: Repository) -> tuple[Any, ...]:
    """All that the tests' event consists of."""
    return (
        repository.totals(EVENT_ID),
        repository.ledger(EVENT_ID, -1, 1000),
        sorted(
            repository.reservations(EVENT_ID, [f"r{number}" for number in range(10)]),
            key=lambda row: row.reservation_id,
        ),
    )


def test_a_created_event_is_there_with_its_first_entry(repository: Repository) -> None:
    changes = plan(repository, create_event(100, event_id="another", name="Ünïcode ☃ 'n' \"q\""))
    repository.commit(changes, within())
    assert repository.event("another") == changes.event
    assert repository.ledger("another", -1, 10) == list(changes.entries)


def test_a_commit_writes_event_entries_reservations_and_partner_totals(
    repository: Repository,
) -> None:
    changes = plan(
        repository,
        reserve(3, "r1", reference="PO ☃ 'x' \\ \"y\"", key="k"),
        reserve(2, "r2", partner_id="xyz-corp"),
    )
    repository.commit(changes, within())
    assert repository.totals(EVENT_ID) == (
        changes.event,
        {"abc-corp": PartnerTotals(3, 0), "xyz-corp": PartnerTotals(2, 0)},
    )
    assert repository.ledger(EVENT_ID, 0, 10) == list(changes.entries)
    for change in changes.reservations:
        reservation_id = change.reservation.reservation_id
        assert repository.reservation(EVENT_ID, reservation_id) == change.reservation


def test_what_was_read_back_continues_where_the_ledger_ends(repository: Repository) -> None:
    write(repository, reserve(3, "r1"), reserve(2, "r2", key="k"))
    write(repository, cancel("r1"))
    state = replay(repository.ledger(EVENT_ID, -1, 100))
    assert repository.totals(EVENT_ID) == (state.event, {"abc-corp": PartnerTotals(2, 0)})
    assert repository.reservation(EVENT_ID, "r1") == state.reservations["r1"]
    assert repository.reservation(EVENT_ID, "r2") == state.reservations["r2"]


def test_a_reservation_made_and_cancelled_in_one_commit_is_stored_as_cancelled(
    repository: Repository,
) -> None:
    write(repository, reserve(3, "r1"), cancel("r1"))
    stored = repository.reservation(EVENT_ID, "r1")
    assert stored is not None
    assert (stored.status, stored.created_version, stored.version) == ("cancelled", 1, 2)


def test_a_batch_of_the_greatest_size_is_written(repository: Repository) -> None:
    write(repository, *(reserve(1, f"r{number}", key=f"k{number}") for number in range(256)))
    assert len(repository.ledger(EVENT_ID, 0, 1000)) == 256
    assert repository.reservations_created(EVENT_ID, 256) == 256


def test_changes_planned_on_a_version_that_moved_are_not_written(
    repository: Repository, second: Repository
) -> None:
    overtaken = plan(repository, reserve(3, "r1"))
    write(second, reserve(2, "r2"))
    before = _all_rows(repository)
    with pytest.raises(Conflict):
        repository.commit(overtaken, within())
    assert _all_rows(repository) == before == _all_rows(second)


def test_the_same_changes_are_not_written_twice(repository: Repository) -> None:
    changes = write(repository, reserve(3, "r1"))
    before = _all_rows(repository)
    with pytest.raises(Conflict):
        repository.commit(changes, within())
    assert _all_rows(repository) == before


def test_an_event_is_created_by_one_of_two(repository: Repository, second: Repository) -> None:
    first = plan(repository, create_event(10, event_id="another"))
    late = plan(second, create_event(20, event_id="another"))
    repository.commit(first, within())
    with pytest.raises(Conflict):
        second.commit(late, within())
    assert second.event("another") == first.event
    assert len(second.ledger("another", -1, 10)) == 1


def test_a_reservation_that_moved_is_a_conflict_too(repository: Repository) -> None:
    write(repository, reserve(3, "r1"))
    changes = plan(repository, cancel("r1"))
    (change,) = changes.reservations
    stale = dataclasses.replace(
        changes, reservations=[ReservationChange(change.reservation, version_read=0)]
    )
    before = _all_rows(repository)
    with pytest.raises(Conflict):
        repository.commit(stale, within())
    assert _all_rows(repository) == before


def test_an_event_that_vanished_is_a_conflict(repository: Repository) -> None:
    changes = plan(repository, reserve(1))
    unknown = dataclasses.replace(changes, event=changes.event._replace(event_id="unknown"))
    with pytest.raises(Conflict):
        repository.commit(unknown, within())


def test_a_key_is_stored_once_and_breaking_that_is_a_bug_not_a_conflict(
    repository: Repository,
) -> None:
    write(repository, reserve(3, "r1", key="k"))
    changes = plan(repository, reserve(2, "r2"))
    (entry,) = changes.entries
    again = entry._replace(idempotency_key="k", request_hash="0")
    before = _all_rows(repository)
    with pytest.raises(Exception, match=r"(?i)unique") as raised:
        repository.commit(dataclasses.replace(changes, entries=[again]), within())
    assert not isinstance(raised.value, NO_BUGS)
    assert _all_rows(repository) == before


def test_a_counter_below_zero_is_refused_by_the_database_itself(repository: Repository) -> None:
    changes = plan(repository, reserve(1))
    oversold = dataclasses.replace(changes, event=changes.event._replace(available_seats=-1))
    before = _all_rows(repository)
    with pytest.raises(Exception, match=r"(?i)check (constraint|stopped)") as raised:
        repository.commit(oversold, within())
    assert not isinstance(raised.value, NO_BUGS)
    assert _all_rows(repository) == before


def test_a_repository_goes_on_after_a_commit_that_failed(repository: Repository) -> None:
    changes = plan(repository, reserve(1, "r1"))
    write(repository, reserve(1, "r2"))
    with pytest.raises(Conflict):
        repository.commit(changes, within())
    assert write(repository, reserve(1, "r1")).event.version == 2


def test_the_same_key_may_be_used_by_another_partner_and_for_another_event(
    repository: Repository,
) -> None:
    write(repository, reserve(1, "r1", key="k"), reserve(1, "r2", partner_id="m", key="k"))
    write(repository, create_event(5, event_id="another"))
    write(repository, reserve(1, "r1", event_id="another", key="k"))
    assert repository.reservation("another", "r1") != repository.reservation(EVENT_ID, "r1")


def test_events_do_not_stand_in_each_others_way(repository: Repository) -> None:
    write(repository, create_event(5, event_id="another"))
    changes = plan(repository, reserve(3, "r1"))
    write(repository, reserve(1, "r1", event_id="another"))
    repository.commit(changes, within())
    assert repository.totals("another") is not None
    assert repository.totals(EVENT_ID) == (changes.event, {"abc-corp": PartnerTotals(3, 0)})


def test_a_commit_is_recognised_by_its_id(repository: Repository) -> None:
    first = write(repository, reserve(1, "r1"), reserve(1, "r2"))
    later = write(repository, reserve(1, "r3"))
    assert [repository.commit_id(EVENT_ID, version) for version in (1, 2)] == [first.commit_id] * 2
    assert repository.commit_id(EVENT_ID, 3) == later.commit_id != first.commit_id
    assert repository.commit_id(EVENT_ID, 4) is None
    assert repository.commit_id("unknown", 0) is None


def test_the_greatest_commit_id_can_be_stored(repository: Repository) -> None:
    changes = dataclasses.replace(plan(repository, reserve(1)), commit_id=2**63 - 1)
    repository.commit(changes, within())
    assert repository.commit_id(EVENT_ID, 1) == 2**63 - 1


def test_a_stored_key_gives_a_replay_of_an_equal_entry(repository: Repository) -> None:
    (entry,) = write(repository, reserve(3, "r1", reference="PO 4711", key="k")).entries
    retry = reserve(3, "r2", reference="PO 4711", key="k")
    snapshot = repository.snapshot(EVENT_ID, [retry])
    assert decide(snapshot.state, retry, snapshot.now) == Replay(entry)
