"""The failure rules of group commit: whatever goes wrong, everybody gets a true answer."""

from pathlib import Path

import pytest

from tests.unit.rig import (
    EVENT_ID,
    WAIT_SECONDS_MAX,
    Gate,
    Killed,
    Rig,
    raising,
    reserve,
    until,
)
from ticketboss.domain.commands import Reserve
from ticketboss.engine.answers import Overloaded
from ticketboss.repository.interface import LockTimeout, OutcomeUnknown, StorageUnavailable

SHORT_SECONDS = 0.3


class GuiltyReserve(Reserve):
    """A command that nothing can decide: the stand-in for a bug that one request triggers."""

    def _asked(self) -> list[str | int | None]:
        raise ZeroDivisionError("a bug")


def guilty(number: int) -> GuiltyReserve:
    return GuiltyReserve(
        event_id=EVENT_ID,
        reservation_id=f"r{number}",
        partner_id=f"p{number}",
        seats=1,
        idempotency_key="key",
    )


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def test_only_the_guilty_member_of_a_batch_fails(rig: Rig) -> None:
    gate = Gate()
    rig.repository.before_snapshot.append(gate)
    first = rig.submit_later(reserve(0))
    members = rig.submit_behind(gate, [reserve(1), guilty(2), reserve(3)])
    gate.open()
    first.result(WAIT_SECONDS_MAX)
    errors = [future.exception(WAIT_SECONDS_MAX) for future in members]
    assert errors[0] is None
    assert isinstance(errors[1], ZeroDivisionError)
    assert errors[2] is None
    assert rig.event().available_seats == 97
    assert rig.is_idle()


def test_an_exception_in_the_leader_costs_the_others_nothing(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    gate = Gate()
    rig.repository.before_snapshot += [gate, raising(RuntimeError("once"))]
    first = rig.submit_later(reserve(0))
    members = rig.submit_behind(gate, [reserve(1), reserve(2)])
    gate.open()
    for future in [first, *members]:
        future.result(WAIT_SECONDS_MAX)
    assert rig.event().available_seats == 97
    (record,) = caplog.records
    assert record.getMessage() == "A batch failed; its members run again one by one."
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "once"


@pytest.mark.parametrize("place", ["before_snapshot", "before_commit"])
def test_a_killed_leader_hands_its_batch_to_the_next_one(rig: Rig, place: str) -> None:
    gate = Gate()
    rig.repository.before_snapshot.append(gate)
    first = rig.submit_later(reserve(0))
    members = rig.submit_behind(gate, [reserve(number) for number in (1, 2, 3)])
    second_gate = Gate()
    hooks = getattr(rig.repository, place)
    if place == "before_commit":
        hooks.append(lambda: None)
    hooks += [raising(Killed()), second_gate]
    gate.open()
    first.result(WAIT_SECONDS_MAX)
    assert isinstance(members[0].exception(WAIT_SECONDS_MAX), Killed)
    second_gate.wait_until_reached()
    second_gate.open()
    versions = [future.result(WAIT_SECONDS_MAX).entry.version for future in members[1:]]
    assert versions == [2, 3], "in the order of arrival"
    assert rig.repository.reservation(EVENT_ID, "r1") is None
    assert rig.is_idle()


def test_a_leader_killed_after_its_commit_was_sent_settles_it_first(rig: Rig) -> None:
    rig.repository.after_commit.append(raising(OutcomeUnknown("killed at COMMIT")))
    assert rig.committer.submit(reserve(1)).entry.version == 1
    assert rig.event().version == 1


def test_a_leader_killed_while_settling_tells_everybody_that_it_is_unknown(rig: Rig) -> None:
    gate = Gate()
    rig.repository.before_snapshot.append(gate)
    first = rig.submit_later(reserve(0))
    members = rig.submit_behind(gate, [reserve(1), reserve(2)])
    rig.repository.before_commit += [
        lambda: None,
        raising(OutcomeUnknown("lost")),
        raising(Killed()),
    ]
    gate.open()
    first.result(WAIT_SECONDS_MAX)
    for future in members:
        error = future.exception(WAIT_SECONDS_MAX)
        assert isinstance(error, OutcomeUnknown)
        assert str(error) == "stopped before the outcome was known"
    assert rig.is_idle()


def test_a_member_still_queued_at_its_deadline_had_no_effect(tmp_path: Path) -> None:
    rig = Rig(tmp_path, command_seconds_max=SHORT_SECONDS)
    gate = Gate()
    rig.repository.before_snapshot.append(gate)
    first = rig.submit_later(reserve(0))
    (late,) = rig.submit_behind(gate, [reserve(1)])
    error = late.exception(WAIT_SECONDS_MAX)
    assert isinstance(error, Overloaded)
    assert str(error) == "no turn came in time"
    assert rig.waiting() == 0, "it was taken out of the queue"
    gate.open()
    first.exception(WAIT_SECONDS_MAX)
    until(rig.is_idle)
    assert rig.repository.reservation(EVENT_ID, "r1") is None


def test_a_member_in_flight_at_its_deadline_is_told_that_it_is_unknown(tmp_path: Path) -> None:
    rig = Rig(tmp_path, command_seconds_max=SHORT_SECONDS)
    gate, in_commit = Gate(), Gate()
    rig.repository.before_snapshot.append(gate)
    rig.repository.after_commit += [lambda: None, in_commit]
    first = rig.submit_later(reserve(0))
    leader, follower = rig.submit_behind(gate, [reserve(1), reserve(2)])
    gate.open()
    in_commit.wait_until_reached()
    error = follower.exception(WAIT_SECONDS_MAX)
    assert isinstance(error, OutcomeUnknown)
    assert str(error) == "no answer from the commit in time"
    in_commit.open()
    assert leader.result(WAIT_SECONDS_MAX).entry.version == 2
    first.result(WAIT_SECONDS_MAX)
    assert rig.repository.reservation(EVENT_ID, "r2") is not None, "and it did have its effect"


def test_a_member_handed_the_lead_at_its_deadline_passes_it_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = Rig(tmp_path, command_seconds_max=2.0)
    gate = Gate()
    rig.repository.before_snapshot.append(gate)
    first = rig.submit_later(reserve(0))
    waits_seen = []
    woken_in_time = rig.committer._woken_in_time

    def too_late_once(member: object) -> bool:
        # The wake-up and the deadline fall together: the lead came, and the time is up.
        woken = woken_in_time(member)  # type: ignore[arg-type]
        waits_seen.append(member)
        return woken and len(waits_seen) > 1

    monkeypatch.setattr(rig.committer, "_woken_in_time", too_late_once)
    late, others = rig.submit_behind(gate, [reserve(1), reserve(2)])
    gate.open()
    first.result(WAIT_SECONDS_MAX)
    assert isinstance(late.exception(WAIT_SECONDS_MAX), Overloaded)
    assert others.result(WAIT_SECONDS_MAX).entry.version == 2
    assert rig.is_idle()


def test_a_lock_that_is_not_free_in_time_costs_only_the_leader(rig: Rig) -> None:
    gate = Gate()
    rig.repository.before_snapshot.append(gate)
    first = rig.submit_later(reserve(0))
    leader, follower = rig.submit_behind(gate, [reserve(1), reserve(2)])
    rig.repository.before_commit += [lambda: None, raising(LockTimeout())]
    gate.open()
    first.result(WAIT_SECONDS_MAX)
    error = leader.exception(WAIT_SECONDS_MAX)
    assert isinstance(error, Overloaded)
    assert str(error) == "the write lock was not free in time"
    assert follower.result(WAIT_SECONDS_MAX).entry.version == 2


def test_storage_that_is_gone_answers_the_whole_batch_and_comes_back(rig: Rig) -> None:
    gate = Gate()
    rig.repository.before_snapshot += [gate, raising(StorageUnavailable("gone"))]
    first = rig.submit_later(reserve(0))
    members = rig.submit_behind(gate, [reserve(1), reserve(2)])
    gate.open()
    first.result(WAIT_SECONDS_MAX)
    errors = [future.exception(WAIT_SECONDS_MAX) for future in members]
    assert [type(error) for error in errors] == [StorageUnavailable] * 2
    assert [str(error) for error in errors] == ["gone"] * 2
    assert errors[0] is not errors[1]
    assert rig.committer.submit(reserve(3)).entry.version == 2
