"""How many commands wait is told also while none of them gets on."""

from pathlib import Path

import pytest

from tests.exposition import Exposition
from tests.unit.rig import EVENT_ID, WAIT_SECONDS_MAX, Gate, Rig, reserve, until
from ticketboss.domain.commands import Sweep
from ticketboss.engine import sweeper
from ticketboss.engine.answers import Overloaded
from ticketboss.metrics import Metrics


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(None)


@pytest.fixture
def rig(tmp_path: Path, metrics: Metrics) -> Rig:
    return Rig(tmp_path, meter=metrics)


def _queue_length(metrics: Metrics) -> float:
    return Exposition(metrics.exposition([]).decode()).value("queue_length")


def test_what_waits_behind_a_batch_that_is_stuck_is_told_while_it_is(
    rig: Rig, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeper, "SWEEP_SECONDS", 0.01)
    gate = Gate()
    rig.repository.before_snapshot.append(gate)
    first = rig.submit_later(reserve(0))
    others = rig.submit_behind(gate, [reserve(number) for number in range(1, 8)])
    assert _queue_length(metrics) == 0, "as the batch left it"
    sweeping = sweeper.Sweeper(rig.repository, rig.committer)
    sweeping.start()
    try:
        until(lambda: _queue_length(metrics) == 7)
        gate.open()
        for future in [first, *others]:
            future.result(WAIT_SECONDS_MAX)
        until(lambda: _queue_length(metrics) == 0)
    finally:
        sweeping.stop()


def test_what_gave_up_waiting_is_told_of_no_longer(tmp_path: Path, metrics: Metrics) -> None:
    rig = Rig(tmp_path, meter=metrics, command_seconds_max=0.3)
    gate = Gate()
    rig.repository.before_snapshot.append(gate)
    first = rig.submit_later(reserve(0))
    (waiting,) = rig.submit_behind(gate, [reserve(1)])
    rig.committer.tell_queue()
    assert _queue_length(metrics) == 1
    assert isinstance(waiting.exception(WAIT_SECONDS_MAX), Overloaded)
    rig.committer.tell_queue()
    assert _queue_length(metrics) == 0
    gate.open()
    first.exception(WAIT_SECONDS_MAX)


def test_a_sweep_that_waits_itself_does_not_keep_the_queue_from_being_told(
    rig: Rig, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[float] = []

    def submit(_: Sweep) -> None:
        told.append(_queue_length(metrics))

    monkeypatch.setattr(rig.repository, "events_due", lambda *_: [EVENT_ID, "another"])
    gate = Gate()
    rig.repository.before_snapshot.append(gate)
    first = rig.submit_later(reserve(0))
    others = rig.submit_behind(gate, [reserve(1), reserve(2)])
    monkeypatch.setattr(rig.committer, "submit", submit)
    sweeper.Sweeper(rig.repository, rig.committer).sweep()
    assert told == [2, 2]
    gate.open()
    for future in [first, *others]:
        future.result(WAIT_SECONDS_MAX)
