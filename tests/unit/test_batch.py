"""The conflict policy, and the COMMIT whose outcome nobody heard of."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.database import repository_at
from tests.unit.rig import EVENT_ID, Hook, Rig, cancel, raising, reserve
from tests.unit.storage import RealRepository
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.engine import batch
from ticketboss.engine.answers import Accepted, Overloaded
from ticketboss.engine.committer import Committer
from ticketboss.engine.meter import Meter
from ticketboss.repository.interface import (
    Changes,
    OutcomeUnknown,
    StorageUnavailable,
)


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def rival(rig: Rig, numbers: list[int]) -> Hook:
    """A hook by which another writer reserves a seat, faster than us."""
    other = Committer(repository_at(rig.database.url), command_seconds_max=5.0, queue_length_max=10)

    def overtake() -> None:
        other.submit(reserve(numbers.pop(0)))

    return overtake


def test_a_losing_writer_replans_and_still_gets_its_seats(rig: Rig) -> None:
    rig.repository.before_commit += [rival(rig, [100])]
    assert rig.committer.submit(reserve(1)).entry.version == 2
    assert rig.event().available_seats == 98


def test_a_replanned_command_is_decided_on_what_is_left(tmp_path: Path) -> None:
    rig = Rig(tmp_path, seats=1)
    rig.repository.before_commit += [rival(rig, [100])]
    with pytest.raises(Exception, match="not_enough_seats"):
        rig.committer.submit(reserve(1))
    assert rig.event().available_seats == 0


def test_after_a_lost_race_plans_are_made_under_the_lock_while_there_is_something_to_write(
    rig: Rig,
) -> None:
    rig.repository.before_commit += [rival(rig, [100])]
    assert rig.committer.submit(reserve(1)).entry.version == 2
    assert rig.repository.exclusive_uses == 1
    assert rig.committer.submit(reserve(2)).entry.version == 3
    assert rig.repository.exclusive_uses == 2

    for _ in range(2):
        with pytest.raises(Exception, match="reservation_not_found"):
            rig.committer.submit(cancel(999))
    assert rig.repository.exclusive_uses == 3
    rig.committer.submit(reserve(3))
    assert rig.repository.exclusive_uses == 3


def test_only_so_many_contended_events_are_remembered(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "CONTENDED_EVENTS_MAX", 1)
    runner = rig.committer._runner
    runner._remember_contended("other")
    rig.repository.before_commit += [rival(rig, [100])]
    rig.committer.submit(reserve(1))
    assert runner._contended == {EVENT_ID}


def test_losing_until_the_deadline_is_overload_and_no_refusal(tmp_path: Path) -> None:
    rig = Rig(tmp_path, command_seconds_max=0.1)
    overtake = rival(rig, [100])

    def overtake_slowly() -> None:
        time.sleep(0.15)
        overtake()

    rig.repository.before_commit.append(overtake_slowly)
    with pytest.raises(Overloaded):
        rig.committer.submit(reserve(1))


def test_a_commit_that_landed_without_an_answer_is_recognised(rig: Rig) -> None:
    rig.repository.after_commit.append(raising(OutcomeUnknown("no answer")))
    accepted = rig.committer.submit(reserve(1))
    assert accepted.entry.version == rig.event().version == 1


def test_a_commit_that_never_happened_is_written_by_the_settling(rig: Rig) -> None:
    rig.repository.before_commit.append(raising(OutcomeUnknown("no answer")))
    accepted = rig.committer.submit(reserve(1))
    assert accepted.entry.version == rig.event().version == 1


def test_a_commit_that_was_overtaken_is_planned_again(rig: Rig) -> None:
    rig.repository.before_commit += [raising(OutcomeUnknown("no answer")), rival(rig, [100])]
    accepted = rig.committer.submit(reserve(1))
    assert accepted.entry.version == rig.event().version == 2
    assert rig.event().available_seats == 98


def test_a_lost_commit_that_lands_late_counts_once(rig: Rig) -> None:
    commit = RealRepository.commit
    lost: list[Changes] = []

    def lose(changes: Changes, deadline: float) -> None:
        del rig.repository.commit
        lost.append(changes)
        raise OutcomeUnknown("no answer")

    def land_late() -> None:
        commit(rig.repository, lost[0], time.monotonic() + 5)
        raise StorageUnavailable("the settling fails once")

    rig.repository.commit = lose  # type: ignore[method-assign]
    rig.repository.before_commit.append(land_late)
    accepted = rig.committer.submit(reserve(1))
    assert accepted.entry.version == rig.event().version == 1
    assert rig.event().available_seats == 99


def test_another_writers_equal_entry_is_not_taken_for_ours(rig: Rig) -> None:
    """Two cancellations of one reservation can look alike to the letter: only one may succeed."""
    rig.committer.submit(reserve(1))
    frozen_clock = rig.repository.now()
    rig.repository._clock = lambda: frozen_clock

    def rival_cancels() -> None:
        other = repository_at(rig.database.url, clock=lambda: frozen_clock)
        Committer(other, command_seconds_max=5.0, queue_length_max=10).submit(cancel(1))

    rig.repository.before_commit += [raising(OutcomeUnknown("no answer")), rival_cancels]
    with pytest.raises(Exception, match="already_cancelled"):
        rig.committer.submit(cancel(1))


def test_what_cannot_be_settled_in_time_stays_unknown(tmp_path: Path) -> None:
    rig = Rig(tmp_path, command_seconds_max=0.2)
    rig.repository.before_commit += [raising(OutcomeUnknown("no answer"))]
    rig.repository.before_commit += [raising(StorageUnavailable("gone"))] * 100
    with pytest.raises(OutcomeUnknown, match=r"^the storage gave no answer in time$"):
        rig.committer.submit(reserve(1))


@pytest.mark.parametrize("landed", [True, False])
def test_a_commit_under_the_lock_is_settled_too(rig: Rig, landed: bool) -> None:
    repository = rig.repository
    repository.before_commit += [rival(rig, [100])]
    place = repository.after_exclusive if landed else repository.before_exclusive_ends
    place.append(raising(OutcomeUnknown("no answer")))
    accepted: Accepted = rig.committer.submit(reserve(1))
    assert repository.exclusive_uses == 1
    assert accepted.entry.version == rig.event().version == 2


def test_the_storage_is_asked_for_that_event_and_within_the_batchs_deadline(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits for storage without a deadline holds up all who wait behind."""
    asked: list[tuple[str, tuple[Any, ...]]] = []

    def listen(name: str) -> None:
        method = getattr(rig.repository, name)

        def ask(*arguments: Any) -> Any:
            asked.append((name, arguments))
            return method(*arguments)

        monkeypatch.setattr(rig.repository, name, ask)

    keyed = reserve(1, idempotency_key="k")
    overtake = rival(rig, [100])
    for name in ("snapshot", "commit", "commit_id", "exclusive", "make_durable"):
        listen(name)
    deadline = time.monotonic() + 5.0
    run = rig.committer._runner.run
    rig.repository.before_commit += [raising(OutcomeUnknown("no answer")), overtake]
    run(EVENT_ID, [keyed], deadline)
    with pytest.raises(Exception, match="reservation_not_found"):
        rig.committer.submit(cancel(999))
    del asked[-1]
    run(EVENT_ID, [keyed], deadline)
    assert [name for name, _ in asked] == [
        *("snapshot", "commit", "commit", "commit_id", "exclusive"),
        *("snapshot", "make_durable"),
    ]
    assert [arguments[-1] for _, arguments in asked if arguments[-1] != deadline] == []
    assert [each[0] for name, each in asked if name != "commit" and each[0] != EVENT_ID] == []


@pytest.mark.parametrize("contended", [False, True])
def test_the_meter_is_told_how_long_a_commit_took(tmp_path: Path, contended: bool) -> None:
    class Watch(Meter):
        told: list[tuple[float, int]]

        def committed(self, seconds: float, entries: Sequence[LedgerEntry]) -> None:
            self.told.append((seconds, len(entries)))

    watch = Watch()
    watch.told = []
    rig = Rig(tmp_path, meter=watch)
    if contended:
        rig.committer._runner._remember_contended(EVENT_ID)
    began = time.perf_counter()
    rig.committer.submit(reserve(1))
    took = time.perf_counter() - began
    (_, (seconds, entries)) = watch.told
    assert entries == 1
    assert 0 < seconds < took
