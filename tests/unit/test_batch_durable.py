"""Who is told that something was done before is told so only of what can no longer be lost."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.rig import EVENT_ID, Rig, cancel, confirm, raising, reserve
from ticketboss.domain.commands import Command
from ticketboss.engine.answers import CommandRefused, Overloaded
from ticketboss.repository.interface import LockTimeout, OutcomeUnknown, StorageUnavailable

KEYED = replace(reserve(1), idempotency_key="k1")


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    rig = Rig(tmp_path)
    rig.committer.submit(KEYED)
    return rig


@pytest.mark.parametrize("command", [KEYED, confirm(1)], ids=["a replay", "already so"])
def test_a_repeated_answer_is_made_durable_first(rig: Rig, command: Command) -> None:
    assert rig.committer.submit(command).entry.version == 1
    assert rig.repository.durable_asked == 1


def test_what_is_written_waits_for_what_was_written_before(rig: Rig) -> None:
    rig.committer.submit(reserve(2))
    assert rig.repository.durable_asked == 0


def test_a_refusal_promises_nothing(rig: Rig) -> None:
    with pytest.raises(CommandRefused):
        rig.committer.submit(cancel(99))
    assert rig.repository.durable_asked == 0


@pytest.mark.parametrize(
    "error",
    [StorageUnavailable("gone"), LockTimeout(), OutcomeUnknown("no answer")],
    ids=["unavailable", "locked", "unknown"],
)
def test_what_may_still_be_lost_is_not_told(rig: Rig, error: Exception) -> None:
    rig.repository.before_durable.append(raising(error))
    with pytest.raises(OutcomeUnknown, match=r"no answer|not known to be durable"):
        rig.committer.submit(KEYED)
    assert rig.committer.submit(KEYED).replayed


@pytest.mark.parametrize(
    "error",
    [StorageUnavailable("gone"), LockTimeout(), OutcomeUnknown("no answer")],
    ids=["unavailable", "locked", "unknown"],
)
def test_what_may_still_be_lost_is_not_told_of_a_contended_event_either(
    rig: Rig, error: Exception
) -> None:
    rig.committer._runner._remember_contended(EVENT_ID)
    rig.repository.before_exclusive_ends.append(raising(error))
    with pytest.raises(OutcomeUnknown, match=r"no answer|not known to be durable"):
        rig.committer.submit(KEYED)
    assert rig.repository.exclusive_uses == 1
    assert rig.committer.submit(KEYED).replayed


def test_a_refusal_under_the_lock_needs_no_certainty(rig: Rig) -> None:
    rig.committer._runner._remember_contended(EVENT_ID)
    rig.repository.before_exclusive_ends.append(raising(OutcomeUnknown("no answer")))
    with pytest.raises(CommandRefused):
        rig.committer.submit(cancel(99))
    assert rig.repository.exclusive_uses == 1


@pytest.mark.parametrize(
    ("error", "told"),
    [(LockTimeout(), Overloaded), (StorageUnavailable("gone"), StorageUnavailable)],
    ids=["locked", "unavailable"],
)
def test_whoever_waits_for_the_lock_in_vain_is_told_that_nothing_happened(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, error: Exception, told: type[Exception]
) -> None:
    def fail(*_: object) -> None:
        raise error

    rig.committer._runner._remember_contended(EVENT_ID)
    monkeypatch.setattr(rig.repository, "exclusive", fail)
    with pytest.raises(told):
        rig.committer.submit(reserve(2))
    assert rig.event().version == 1


def test_whoever_is_to_plan_beside_others_and_is_stopped_before_it_is_told_so(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise OutcomeUnknown("stopped before the outcome was known")

    rig.committer._runner._remember_contended(EVENT_ID)
    monkeypatch.setattr(rig.repository, "exclusive", stop)
    with pytest.raises(OutcomeUnknown, match="stopped"):
        rig.committer.submit(reserve(2))
    assert rig.event().version == 1
