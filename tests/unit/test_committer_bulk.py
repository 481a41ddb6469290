"""Bulks in batches: never split, in their turn, and bounded in entries."""

from concurrent.futures import Future
from pathlib import Path

import pytest

from tests.unit.bulks import bulk, item
from tests.unit.history import check_history
from tests.unit.rig import EVENT_ID, WAIT_SECONDS_MAX, Gate, Rig, cancel, raising, reserve
from ticketboss.domain.commands import Command, ReserveMany
from ticketboss.domain.refusals import BulkRefused
from ticketboss.engine import committer
from ticketboss.engine.answers import Accepted, CommandRefused
from ticketboss.engine.committer import BATCH_ENTRIES_MAX
from ticketboss.repository.interface import Conflict

ITEMS_MAX = 100


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path, seats=2_000, command_seconds_max=20.0)


def many(number: int, count: int, *, seats: int = 1, key: str | None = None) -> ReserveMany:
    """A bulk of so many items of partner `p<number>`, their ids made from both numbers."""
    partner_id = f"p{number}"
    items = [
        item(number * 1_000 + n, seats, partner_id=partner_id, event_id=EVENT_ID)
        for n in range(count)
    ]
    return bulk(*items, partner_id=partner_id, event_id=EVENT_ID, idempotency_key=key)


def behind_one(rig: Rig, *commands: Command) -> list[Accepted]:
    """Have these commands wait while a single one leads; their answers in order."""
    gate = Gate()
    rig.repository.before_snapshot.append(gate)
    first = rig.submit_later(reserve(0))
    futures: list[Future[Accepted]] = rig.submit_behind(gate, commands)
    gate.open()
    first.result(WAIT_SECONDS_MAX)
    return [future.result(WAIT_SECONDS_MAX) for future in futures]


def test_bulks_and_single_commands_share_a_commit_in_the_order_of_arrival(rig: Rig) -> None:
    answers = behind_one(rig, reserve(1), many(2, 3), reserve(3), many(4, 2), cancel(1))
    assert rig.repository.batch_sizes == [1, 1 + 3 + 1 + 2 + 1]
    assert [answer.entry.version for answer in answers] == [2, 3, 6, 7, 9]
    partners = [entry.partner_id for entry in rig.repository.ledger(EVENT_ID, 0, 100)]
    assert partners == ["p0", "p1", "p2", "p2", "p2", "p3", "p4", "p4", "p1"]


def test_a_commit_has_no_more_than_its_entries_and_a_bulk_is_never_split(rig: Rig) -> None:
    bulks = [many(number, ITEMS_MAX) for number in (1, 2, 3, 4, 5)]
    answers = behind_one(rig, *bulks)
    assert rig.repository.batch_sizes == [1, 200, 200, 100]
    assert [answer.entry.version for answer in answers] == [2, 102, 202, 302, 402]


def test_a_bulk_that_does_not_fit_waits_and_nobody_behind_it_overtakes(rig: Rig) -> None:
    rest = BATCH_ENTRIES_MAX - 2 * ITEMS_MAX
    behind_one(rig, many(1, 100), many(2, 100), many(3, rest + 1), reserve(4), reserve(5))
    assert rig.repository.batch_sizes == [1, 200, rest + 1 + 2]
    last = [entry.partner_id for entry in rig.repository.ledger(EVENT_ID, -1, 1_000)][-3:]
    assert last == ["p3", "p4", "p5"]


def test_a_batch_is_filled_to_the_last_entry(rig: Rig) -> None:
    rest = BATCH_ENTRIES_MAX - 2 * ITEMS_MAX
    behind_one(rig, many(1, 100), many(2, 100), many(3, rest), reserve(4))
    assert rig.repository.batch_sizes == [1, BATCH_ENTRIES_MAX, 1]


def test_a_bulk_larger_than_a_batch_has_a_commit_of_its_own(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committer, "BATCH_ENTRIES_MAX", 4)
    behind_one(rig, reserve(1), reserve(2), many(3, 7), reserve(4), many(5, 4), reserve(6))
    assert rig.repository.batch_sizes == [1, 2, 7, 1, 4, 1]


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 8])
def test_whatever_the_limit_all_are_answered_in_order_within_it(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(committer, "BATCH_ENTRIES_MAX", limit)
    sizes = [3, 1, 1, 4, 2, 6, 1, 5, 1, 1, 2]
    answers = behind_one(rig, *(many(number + 1, size) for number, size in enumerate(sizes)))
    versions = [answer.entry.version for answer in answers]
    assert versions == [2 + sum(sizes[:number]) for number in range(len(sizes))]
    assert rig.repository.batch_sizes[1:] == _packed(sizes, limit)


def _packed(sizes: list[int], limit: int) -> list[int]:
    """The commits that hold these bulks in their order, each as many of them as it may."""
    commits = [sizes[0]]
    for size in sizes[1:]:
        if commits[-1] + size <= limit:
            commits[-1] += size
        else:
            commits.append(size)
    return commits


def test_the_items_of_a_bulk_that_are_refused_leave_no_gap(tmp_path: Path) -> None:
    rig = Rig(tmp_path, seats=10)
    single, in_part = behind_one(rig, reserve(1, 4), many(2, 4, seats=2))
    assert (single.entry.version, in_part.entry.version) == (2, 3)
    assert [outcome is None for outcome in in_part.entry.detail["bulk"]] == [
        True,
        True,
        False,
        False,
    ]
    live = {"r0", "r1", "b2000", "b2001"}
    check_history(rig.repository, EVENT_ID, version=4, live=live)


def test_a_bulk_of_which_nothing_is_accepted_writes_nothing(tmp_path: Path) -> None:
    rig = Rig(tmp_path, seats=1)
    rig.committer.submit(reserve(1))
    with pytest.raises(CommandRefused) as refused:
        rig.committer.submit(many(2, 3))
    assert isinstance(refused.value.refusal, BulkRefused)
    assert refused.value.version == 1
    assert rig.repository.batch_sizes == [1]


def test_a_bulk_that_lost_its_race_is_planned_again_as_a_whole(rig: Rig) -> None:
    rig.repository.before_commit.append(raising(Conflict()))
    answer = rig.committer.submit(many(1, 50))
    assert answer.entry.version == 1
    assert rig.event().version == 50
    check_history(rig.repository, EVENT_ID, 50, live={f"b{1_000 + n}" for n in range(50)})


def test_the_same_bulk_twice_in_a_batch_has_one_effect(rig: Rig) -> None:
    first, retry = behind_one(rig, many(1, 3, key="k"), many(1, 3, key="k"))
    assert (first.replayed, retry.replayed) == (False, True)
    assert first.entry == retry.entry
    assert rig.repository.batch_sizes == [1, 3]


def test_all_entries_are_handed_over_but_of_a_repeated_bulk_the_first_alone(rig: Rig) -> None:
    single, first, retry = behind_one(rig, reserve(1), many(2, 3, key="k"), many(2, 3, key="k"))
    assert single.entries == (single.entry,)
    assert list(first.entries) == rig.repository.ledger(EVENT_ID, 2, 3)
    assert (retry.entry, retry.entries) == (first.entry, ())


def test_a_bulk_is_found_by_its_key_after_a_restart(rig: Rig, tmp_path: Path) -> None:
    rig.committer.submit(many(1, 3, key="k"))
    again = committer.Committer(rig.repository, 5.0, 10).submit(many(1, 3, key="k"))
    assert again.replayed
    (first, *others) = rig.repository.ledger(EVENT_ID, 0, 10)
    assert again.entry == first
    assert first.detail["bulk"] == [None, None, None]
    assert [entry.idempotency_key for entry in others] == [None, None]
