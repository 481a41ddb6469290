"""Holds that are due end before anything is decided, also when there are very many."""

import time
from collections import Counter
from pathlib import Path

import pytest

from tests.unit.examples import NOW
from tests.unit.rig import EVENT_ID, WAIT_SECONDS_MAX, Gate, Rig, hold, raising, reserve
from ticketboss.domain.commands import ChangeEvent, Confirm, Sweep
from ticketboss.domain.refusals import HoldExpired, NotEnoughSeats
from ticketboss.engine import plan as planning
from ticketboss.engine.answers import CommandRefused, Overloaded
from ticketboss.engine.verifier import Verifier
from ticketboss.repository.interface import DUE_MAX, OutcomeUnknown

HOLD_MS = 10_000


class Clock:
    """Milliseconds since 1970, moved by the test."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _rig(folder: Path, clock: Clock, holds: int, **limits: float) -> Rig:
    """An event without a seat left: so many are held for ten seconds, by one command each."""
    rig = Rig(folder, seats=holds, **limits)
    rig.repository._clock = clock
    for number in range(holds):
        rig.committer.submit(hold(number, hold_seconds=HOLD_MS // 1_000))
    clock.now += HOLD_MS
    rig.repository.batch_sizes.clear()
    return rig


def _kinds(rig: Rig) -> Counter[str]:
    return Counter(entry.kind for entry in rig.repository.ledger(EVENT_ID, 0, 10_000))


def _allow_reservations_of(rig: Rig, clock: Clock, seats: int) -> None:
    """Set the limit while no hold is due yet."""
    clock.now -= HOLD_MS
    settings = {"seats_per_reservation_max": seats}
    rig.committer.submit(ChangeEvent(event_id=EVENT_ID, settings=settings))
    clock.now += HOLD_MS
    rig.repository.batch_sizes.clear()


def _clean(rig: Rig) -> bool:
    verification = Verifier(rig.repository, EVENT_ID).verify()
    return verification is not None and verification.differences == []


def test_the_seat_of_an_overdue_hold_goes_to_the_next_who_asks(
    tmp_path: Path, clock: Clock
) -> None:
    rig = _rig(tmp_path, clock, holds=1)
    assert rig.committer.submit(reserve(100)).entry.version == 3
    assert _kinds(rig) == {"held": 1, "expired": 1, "reserved": 1}


def test_a_hold_is_not_overdue_before_its_last_millisecond(tmp_path: Path, clock: Clock) -> None:
    rig = _rig(tmp_path, clock, holds=1)
    clock.now -= 1
    with pytest.raises(CommandRefused) as refused:
        rig.committer.submit(reserve(100))
    assert refused.value.refusal == NotEnoughSeats(1, 0, 1, clock.now + 1)
    assert _kinds(rig) == {"held": 1}


@pytest.mark.parametrize("holds", [DUE_MAX - 1, DUE_MAX, DUE_MAX + 1, 2 * DUE_MAX + 3])
def test_no_seat_is_refused_while_an_overdue_hold_has_it(
    tmp_path: Path, clock: Clock, holds: int
) -> None:
    rig = _rig(tmp_path, clock, holds, command_seconds_max=30.0)
    _allow_reservations_of(rig, clock, holds)
    assert rig.event().held_seats == holds
    assert rig.committer.submit(reserve(1_000, seats=holds)).entry.available_seats == 0
    assert _kinds(rig)["expired"] == holds
    assert _clean(rig)


def test_each_sweep_ends_one_page_of_very_many_due_holds(tmp_path: Path, clock: Clock) -> None:
    rig = _rig(tmp_path, clock, 2 * DUE_MAX + 3, command_seconds_max=30.0)
    for left in (DUE_MAX + 3, 3, 0):
        rig.committer.submit(Sweep(event_id=EVENT_ID))
        assert rig.event().held_seats == left
    assert rig.repository.batch_sizes == [DUE_MAX, DUE_MAX, 3]
    assert _clean(rig)


def test_whoever_finds_seats_does_not_wait_until_all_due_holds_have_ended(
    tmp_path: Path, clock: Clock
) -> None:
    rig = _rig(tmp_path, clock, 2 * DUE_MAX + 3, command_seconds_max=30.0)
    assert rig.committer.submit(reserve(1_000)).entry.available_seats == DUE_MAX - 1
    assert _kinds(rig)["expired"] == DUE_MAX
    assert _clean(rig)


def test_a_partial_fill_gets_the_seats_of_all_due_holds(tmp_path: Path, clock: Clock) -> None:
    holds = DUE_MAX + 3
    rig = _rig(tmp_path, clock, holds, command_seconds_max=30.0)
    _allow_reservations_of(rig, clock, holds)
    made = rig.committer.submit(reserve(1_000, seats=holds, min_seats=1))
    assert made.entry.seats == holds
    assert _clean(rig)


def test_whoever_waits_until_all_that_is_due_has_ended_keeps_nobody_behind_it_waiting(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = _rig(tmp_path, clock, holds=2)
    clock.now -= HOLD_MS
    gate = Gate()
    rig.repository.after_commit.append(gate)
    first = rig.submit_later(ChangeEvent(event_id=EVENT_ID, settings={"total_seats": 3}))
    patient, prompt = rig.submit_behind(gate, [reserve(100, seats=3, min_seats=1), reserve(101)])
    # As if there might be more than the two that are due.
    monkeypatch.setattr(planning, "DUE_MAX", 2)
    clock.now += HOLD_MS
    gate.open()
    first.result(WAIT_SECONDS_MAX)
    assert prompt.result(WAIT_SECONDS_MAX).entry.version == 6
    assert patient.result(WAIT_SECONDS_MAX).entry.version == 7
    assert patient.result(WAIT_SECONDS_MAX).entry.seats == 2
    assert rig.repository.batch_sizes == [1, 3, 1]
    assert _clean(rig)


def test_commands_keep_their_deadline_behind_very_many_due_holds(
    tmp_path: Path, clock: Clock
) -> None:
    rig = _rig(tmp_path, clock, 2 * DUE_MAX + 3)
    _allow_reservations_of(rig, clock, 2 * DUE_MAX + 3)
    rig.committer._command_seconds_max = 0.05
    # Each batch takes longer than the whole command may take.
    rig.repository.before_commit += [_slow_step] * 3
    with pytest.raises(Overloaded):
        rig.committer.submit(reserve(1_000, seats=2 * DUE_MAX + 3))
    assert rig.repository.reservation(EVENT_ID, "r1000") is None


def _slow_step() -> None:
    time.sleep(0.06)


def test_the_clock_may_go_back_and_a_hold_that_expired_stays_so(
    tmp_path: Path, clock: Clock
) -> None:
    rig = _rig(tmp_path, clock, holds=1)
    rig.committer.submit(Sweep(event_id=EVENT_ID))
    clock.now -= 3_600_000
    with pytest.raises(CommandRefused) as refused:
        rig.committer.submit(Confirm(event_id=EVENT_ID, reservation_id="r0"))
    assert refused.value.refusal == HoldExpired()
    assert rig.event().available_seats == 1


def test_an_expiry_whose_commit_gave_no_answer_counts_once(tmp_path: Path, clock: Clock) -> None:
    rig = _rig(tmp_path, clock, holds=2)
    rig.repository.after_commit.append(raising(OutcomeUnknown("no answer")))
    rig.committer.submit(Sweep(event_id=EVENT_ID))
    assert _kinds(rig) == {"held": 2, "expired": 2}
    assert rig.event().available_seats == 2
    assert _clean(rig)


def test_what_is_already_so_is_answered_with_the_entry_that_made_it_so(
    tmp_path: Path, clock: Clock
) -> None:
    rig = _rig(tmp_path, clock, holds=1)
    clock.now -= 1
    command = Confirm(event_id=EVENT_ID, reservation_id="r0")
    first = rig.committer.submit(command)
    rig.committer.submit(ChangeEvent(event_id=EVENT_ID, settings={"total_seats": 5}))
    again = rig.committer.submit(command)
    assert (again.entry, again.version, again.replayed) == (first.entry, 3, False)
    assert (first.entry.version, first.version) == (2, None)
