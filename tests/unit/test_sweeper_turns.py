"""The sweeper's thread, turn by turn: when it sweeps, how long it pauses, and what it logs."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.rig import Hook, Rig, raising
from ticketboss.engine import sweeper as sweeper_module
from ticketboss.engine.sweeper import SWEEP_SECONDS, SWEEPS_IN_A_ROW_MAX, Sweeper
from ticketboss.repository.interface import StorageUnavailable


class Turns:
    """In place of the event by which the thread is stopped: after so many pauses it is."""

    def __init__(self, done: list[str], pauses: int, sweeps: int = 1_000) -> None:
        """`sweeps` more sweeps, and it is stopped as well."""
        self._done = done
        self._pauses = pauses
        self._sweeps = sweeps

    def wait(self, seconds: float) -> bool:
        assert SWEEP_SECONDS * 0.75 <= seconds <= SWEEP_SECONDS * 1.25
        if self._pauses == 0 or self.is_set():
            return True
        self._pauses -= 1
        self._done.append("pause")
        return False

    def is_set(self) -> bool:
        return self._done.count("sweep") >= self._sweeps


class Turned(Sweeper):
    """A sweeper whose sweeps find as many events as the test says, and then none."""

    def __init__(self, rig: Rig, done: list[str], found: Iterator[int]) -> None:
        super().__init__(rig.repository, rig.committer)
        self._done = done
        self._found = found

    def sweep(self) -> int:
        self._done.append("sweep")
        return next(self._found, 0)


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


@pytest.fixture
def done(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done, in order."""
    done: list[str] = []
    monkeypatch.setattr(rig.repository, "tidy", lambda: done.append("tidy"))
    monkeypatch.setattr(rig.committer, "tell_queue", lambda: done.append("tell"))
    return done


def _turn(sweeper: Sweeper, turns: Turns) -> None:
    sweeper._stopped = turns  # type: ignore[assignment]
    sweeper._run()


def test_it_sweeps_until_nothing_is_due_then_tidies_and_pauses(rig: Rig, done: list[str]) -> None:
    _turn(Turned(rig, done, iter([3, 1, 0, 0, 2, 0])), Turns(done, pauses=3))
    assert " ".join(done) == (
        "pause tell sweep sweep sweep tidy pause tell sweep tidy pause tell sweep sweep tidy"
    )


def test_what_never_ends_does_not_keep_it_from_tidying(rig: Rig, done: list[str]) -> None:
    _turn(Turned(rig, done, iter(lambda: 1, 0)), Turns(done, pauses=1))
    assert done == ["pause", "tell", *["sweep"] * SWEEPS_IN_A_ROW_MAX, "tidy"]


def test_it_stops_after_the_sweep_that_is_under_way(rig: Rig, done: list[str]) -> None:
    _turn(Turned(rig, done, iter(lambda: 1, 0)), Turns(done, pauses=9, sweeps=2))
    assert done == ["pause", "tell", "sweep", "sweep", "tidy"]


@pytest.mark.parametrize(
    ("error", "logged"),
    [
        (StorageUnavailable("no disk"), "The sweep found no storage: no disk"),
        (ValueError("a bug"), "A sweep failed; the next one comes soon."),
    ],
    ids=["storage", "bug"],
)
def test_a_turn_that_fails_is_logged_and_another_follows(
    rig: Rig,
    done: list[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    logged: str,
) -> None:
    hooks: list[Hook] = [raising(error), lambda: None]
    monkeypatch.setattr(rig.repository, "tidy", lambda: hooks.pop(0)())
    _turn(Turned(rig, done, iter(())), Turns(done, pauses=2))
    assert done == ["pause", "tell", "sweep"] * 2
    assert [record.getMessage() for record in caplog.records] == [logged]


@pytest.mark.parametrize(("chance", "share"), [(0.0, 0.75), (0.5, 1.0), (1.0, 1.25)])
def test_the_pause_is_about_half_a_second_so_that_workers_do_not_meet_every_time(
    monkeypatch: pytest.MonkeyPatch, chance: float, share: float
) -> None:
    monkeypatch.setattr(random, "random", lambda: chance)
    assert sweeper_module._pause_seconds() == pytest.approx(SWEEP_SECONDS * share)
