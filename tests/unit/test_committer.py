"""Group commit: who leads, what a batch is, and its limits."""

from pathlib import Path

import pytest

from tests.unit.rig import EVENT_ID, WAIT_SECONDS_MAX, Gate, Rig, cancel, reserve
from ticketboss.domain.commands import Reserve
from ticketboss.engine.answers import CommandRefused, Overloaded
from ticketboss.engine.committer import BATCH_ENTRIES_MAX


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def test_commands_that_wait_together_share_one_commit(rig: Rig) -> None:
    gate = Gate()
    rig.repository.before_snapshot.append(gate)
    first = rig.submit_later(reserve(0))
    others = rig.submit_behind(gate, [reserve(number) for number in range(1, 21)])
    gate.open()
    versions = [future.result(WAIT_SECONDS_MAX).entry.version for future in [first, *others]]
    assert rig.repository.batch_sizes == [1, 20]
    assert versions == list(range(1, 22)), "the order of arrival is the order of the ledger"
    assert rig.is_idle()


def test_a_batch_has_a_limit_and_the_rest_follows_under_the_next_leader(tmp_path: Path) -> None:
    rig = Rig(tmp_path, seats=1_000, command_seconds_max=20.0)
    gate = Gate()
    rig.repository.before_snapshot.append(gate)
    first = rig.submit_later(reserve(0))
    others = rig.submit_behind(
        gate, [reserve(number) for number in range(1, BATCH_ENTRIES_MAX + 4)]
    )
    gate.open()
    for future in [first, *others]:
        future.result(WAIT_SECONDS_MAX)
    assert rig.repository.batch_sizes == [1, BATCH_ENTRIES_MAX, 3]


def test_a_full_queue_refuses_at_once_and_without_effect(tmp_path: Path) -> None:
    rig = Rig(tmp_path, queue_length_max=3)
    gate = Gate()
    rig.repository.before_snapshot.append(gate)
    first = rig.submit_later(reserve(0))
    others = rig.submit_behind(gate, [reserve(number) for number in (1, 2, 3)])
    with pytest.raises(Overloaded, match=r"^too many requests are waiting for this event$"):
        rig.committer.submit(reserve(4))
    gate.open()
    for future in [first, *others]:
        future.result(WAIT_SECONDS_MAX)
    assert rig.repository.reservation(EVENT_ID, "r4") is None
    assert rig.event().version == 4


def test_later_commands_of_a_batch_see_the_earlier_ones(tmp_path: Path) -> None:
    rig = Rig(tmp_path, seats=10)
    gate = Gate()
    rig.repository.before_snapshot.append(gate)
    first = rig.submit_later(reserve(0, seats=1))
    second, third, fourth = rig.submit_behind(
        gate, [reserve(1, seats=9), reserve(2, seats=1), reserve(3, seats=1)]
    )
    gate.open()
    assert first.result(WAIT_SECONDS_MAX).entry.available_seats == 9
    assert second.result(WAIT_SECONDS_MAX).entry.available_seats == 0
    for refused in (third, fourth):
        with pytest.raises(CommandRefused) as refusal:
            refused.result(WAIT_SECONDS_MAX)
        assert refusal.value.refusal.code == "not_enough_seats"
        assert refusal.value.version == 2


def test_one_cancellation_of_many_in_a_batch_wins(rig: Rig) -> None:
    rig.committer.submit(reserve(1, seats=5))
    gate = Gate()
    rig.repository.before_snapshot.append(gate)
    first = rig.submit_later(reserve(2))
    cancels = rig.submit_behind(gate, [cancel(1) for _ in range(5)])
    gate.open()
    first.result(WAIT_SECONDS_MAX)
    outcomes = [future.exception(WAIT_SECONDS_MAX) for future in cancels]
    assert outcomes[0] is None
    assert [str(error) for error in outcomes[1:]] == ["already_cancelled"] * 4
    assert rig.event().available_seats == 99


def test_the_same_key_twice_in_a_batch_has_one_effect(rig: Rig) -> None:
    gate = Gate()
    rig.repository.before_snapshot.append(gate)
    first = rig.submit_later(reserve(1))

    def same_intent(reservation_id: str) -> Reserve:
        return Reserve(
            event_id=EVENT_ID,
            reservation_id=reservation_id,
            partner_id="p",
            seats=2,
            idempotency_key="k",
        )

    tries = rig.submit_behind(gate, [same_intent(id_) for id_ in ("a", "b", "c")])
    gate.open()
    first.result(WAIT_SECONDS_MAX)
    answers = [future.result(WAIT_SECONDS_MAX) for future in tries]
    assert [answer.entry.reservation_id for answer in answers] == ["a", "a", "a"]
    assert [answer.replayed for answer in answers] == [False, True, True]
    assert rig.event().available_seats == 97


def test_an_unknown_event_leaves_nothing_behind(rig: Rig) -> None:
    with pytest.raises(CommandRefused) as refusal:
        rig.committer.submit(
            Reserve(event_id="nowhere", reservation_id="r", partner_id="p", seats=1)
        )
    assert refusal.value.refusal.code == "event_not_found"
    assert refusal.value.version is None
    assert rig.is_idle()
