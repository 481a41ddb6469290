"""The sweeper ends what is due, once, however many of them there are and whatever happens."""

import dataclasses
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.database import repository_at
from tests.unit.examples import NOW, OPERATOR
from tests.unit.rig import EVENT_ID, Gate, Rig, hold, raising, reserve, until
from ticketboss.domain.access import Holds
from ticketboss.domain.commands import ChangeEvent, Command, CreateEvent
from ticketboss.engine import sweeper as sweeper_module
from ticketboss.engine.administration import Administration
from ticketboss.engine.committer import Committer
from ticketboss.engine.sweeper import Sweeper
from ticketboss.engine.verifier import Verifier
from ticketboss.repository.interface import DUE_MAX, OutcomeUnknown, StorageUnavailable

SWEEPERS = 4
HOUR_MS = 3_600_000


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    """Twenty seats held by twenty partners until an hour ago, and five reserved."""
    rig = Rig(tmp_path, seats=30)
    rig.repository._clock = lambda: NOW - HOUR_MS
    for number in range(20):
        rig.committer.submit(hold(number, hold_seconds=60))
    rig.committer.submit(reserve(100, seats=5))
    rig.repository._clock = lambda: NOW
    rig.repository.batch_sizes.clear()
    return rig


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeper_module, "SWEEP_SECONDS", 0.01)


def _kinds(rig: Rig, event_id: str = EVENT_ID) -> Counter[str]:
    return Counter(entry.kind for entry in rig.repository.ledger(event_id, 0, 1_000))


def _is_clean(rig: Rig) -> bool:
    verification = Verifier(rig.repository, EVENT_ID).verify()
    return verification is not None and verification.differences == []


def _another(rig: Rig) -> Sweeper:
    """The sweeper of another process: a repository and a committer of its own."""
    repository = repository_at(rig.database.url, clock=lambda: NOW)
    return Sweeper(repository, Committer(repository, 5.0, 10))


def _freeze(rig: Rig, partner_id: str, holds: Holds) -> None:
    Administration(rig.repository).freeze(OPERATOR, partner_id, holds)


@pytest.fixture
def sweeper(rig: Rig) -> Iterator[Sweeper]:
    sweeper = Sweeper(rig.repository, rig.committer)
    yield sweeper
    sweeper.stop()


def test_a_sweep_ends_overdue_holds_and_nothing_else(rig: Rig, sweeper: Sweeper) -> None:
    assert sweeper.sweep() == 1
    assert _kinds(rig) == {"held": 20, "reserved": 1, "expired": 20}
    assert (rig.event().available_seats, rig.event().held_seats) == (25, 0)
    assert _is_clean(rig)


def test_a_sweep_with_nothing_due_writes_nothing(rig: Rig, sweeper: Sweeper) -> None:
    sweeper.sweep()
    version = rig.event().version
    assert sweeper.sweep() == 0
    assert rig.event().version == version


def test_several_sweepers_at_once_give_each_seat_back_once(rig: Rig) -> None:
    sweepers = [_another(rig) for _ in range(SWEEPERS)]
    line = threading.Barrier(SWEEPERS)

    def sweep(sweeper: Sweeper) -> None:
        line.wait()
        sweeper.sweep()

    threads = [threading.Thread(target=sweep, args=(sweeper,)) for sweeper in sweepers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _kinds(rig)["expired"] == 20
    assert rig.event().available_seats == 25
    assert _is_clean(rig)


def test_a_sweep_that_another_overtook_finds_nothing_left_to_do(rig: Rig, sweeper: Sweeper) -> None:
    def overtake() -> None:
        assert _another(rig).sweep() == 1

    rig.repository.before_commit.append(overtake)
    assert sweeper.sweep() == 1
    assert rig.repository.before_commit == []
    assert rig.repository.batch_sizes == []
    assert _kinds(rig)["expired"] == 20
    assert _is_clean(rig)


def test_a_cancelled_event_is_emptied(rig: Rig, sweeper: Sweeper) -> None:
    rig.committer.submit(reserve(101))
    rig.committer.submit(ChangeEvent(event_id=EVENT_ID, settings={"cancelled": True}))
    assert sweeper.sweep() == 1
    event = rig.event()
    assert (event.available_seats, event.held_seats, event.reservation_count) == (30, 0, 0)
    assert sweeper.sweep() == 0
    assert _is_clean(rig)


def test_the_holds_of_a_frozen_partner_are_released_and_its_reservations_stay(
    rig: Rig, sweeper: Sweeper
) -> None:
    sweeper.sweep()
    for partner_id in ("f1", "f2"):
        for command in (hold(1), reserve(1)):
            id_ = f"{partner_id}-{command.hold_seconds}"
            rig.committer.submit(
                dataclasses.replace(command, partner_id=partner_id, reservation_id=id_)
            )
    _freeze(rig, "f1", "release")
    _freeze(rig, "f2", "keep")
    assert sweeper.sweep() == 1
    assert _kinds(rig)["released"] == 1
    totals = rig.repository.totals(EVENT_ID)
    assert totals is not None
    assert (totals[1]["f1"].seats_taken, totals[1]["f1"].open_holds) == (1, 0)
    assert (totals[1]["f2"].seats_taken, totals[1]["f2"].open_holds) == (2, 1)
    assert sweeper.sweep() == 0


def _second_event(rig: Rig, event_id: str) -> None:
    """One more event with an overdue hold."""
    rig.repository._clock = lambda: NOW - HOUR_MS
    rig.committer.submit(CreateEvent(event_id=event_id, name="Second", total_seats=1))
    rig.committer.submit(dataclasses.replace(hold(0), event_id=event_id))
    rig.repository._clock = lambda: NOW


@pytest.mark.parametrize(
    ("error", "logged"),
    [
        (OutcomeUnknown("no answer"), "was not finished: OutcomeUnknown('no answer')"),
        (ValueError("a bug"), "failed; the others go on."),
    ],
    ids=["unknown", "bug"],
)
def test_an_event_that_cannot_be_swept_does_not_keep_the_others_from_it(
    rig: Rig,
    sweeper: Sweeper,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    logged: str,
) -> None:
    for event_id in ("a-first", "z-last"):
        _second_event(rig, event_id)
    submit = rig.committer.submit

    def fail_for_one(command: Command) -> object:
        if command.event_id == "a-first":
            raise error
        return submit(command)

    monkeypatch.setattr(rig.committer, "submit", fail_for_one)
    sweeper.sweep()
    assert _kinds(rig)["expired"] == 20
    assert _kinds(rig, "z-last")["expired"] == 1
    (record,) = caplog.records
    assert record.getMessage() == f"The sweep of event a-first {logged}"


@pytest.mark.usefixtures("fast")
def test_in_the_background_it_sweeps_until_it_is_stopped(rig: Rig, sweeper: Sweeper) -> None:
    sweeper.start()
    (thread,) = _sweeping()
    assert thread.daemon, "it does not keep a process from ending"
    until(lambda: rig.event().held_seats == 0)
    sweeper.stop()
    until(lambda: not _sweeping())
    assert _kinds(rig)["expired"] == 20


def _sweeping() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "sweeper"]


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize(
    "error",
    [StorageUnavailable("no disk"), OutcomeUnknown("no answer"), ValueError("a bug")],
    ids=["storage", "unknown", "bug"],
)
def test_an_error_does_not_end_it(
    rig: Rig, sweeper: Sweeper, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    rig.repository.before_snapshot += [raising(error)] * 3
    sweeper.start()
    until(lambda: rig.event().held_seats == 0)
    assert rig.repository.before_snapshot == []
    assert "sweep" in caplog.text


@pytest.mark.usefixtures("fast")
def test_a_storage_that_is_away_and_comes_back_is_swept_again(
    rig: Rig, sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    events_due, asked = rig.repository.events_due, Gate()
    asked.open()

    def away(now: int, limit: int) -> list[str]:
        asked()
        raise StorageUnavailable("away")

    monkeypatch.setattr(rig.repository, "events_due", away)
    sweeper.start()
    asked.wait_until_reached()
    assert rig.event().held_seats == 20
    monkeypatch.setattr(rig.repository, "events_due", events_due)
    until(lambda: rig.event().held_seats == 0)


def test_no_event_waits_for_the_thousands_of_another(rig: Rig) -> None:
    rig.repository._clock = lambda: NOW - HOUR_MS
    others = CreateEvent(event_id="a-large-one", name="Large", total_seats=600)
    rig.committer.submit(others)
    for number in range(600):
        rig.committer.submit(
            dataclasses.replace(hold(1_000 + number, hold_seconds=60), event_id="a-large-one")
        )
    rig.repository._clock = lambda: NOW
    sweeper = Sweeper(rig.repository, rig.committer)
    assert sweeper.sweep() == 2
    assert _kinds(rig)["expired"] == 20
    assert _kinds(rig, "a-large-one")["expired"] == DUE_MAX
