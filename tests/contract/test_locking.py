"""The write lock: who waits for it, for how long, and what a holder leaves behind."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.contract.backends import PATIENCE_SECONDS, plan, within, write
from tests.contract.process import finish, let_go, started
from tests.unit.examples import EVENT_ID, reserve
from ticketboss.domain.ledger import EventState
from ticketboss.domain.reservations import PartnerTotals
from ticketboss.repository.interface import (
    Changes,
    Conflict,
    LockTimeout,
    Repository,
    Transaction,
)

WAIT_SECONDS = 0.3
# A deadline may be kept a little late on a busy machine, but not by SQLite's or a pool's own wait.
LATE_SECONDS_MAX = 2.0


def test_an_exclusive_transaction_plans_and_commits(repository: Repository) -> None:
    written: list[Changes] = []
    repository.exclusive(
        EVENT_ID, lambda it: written.append(write(it, reserve(3, "r1", key="k"))), within()
    )
    (changes,) = written
    assert repository.totals(EVENT_ID) == (changes.event, {"abc-corp": PartnerTotals(3, 0)})
    assert repository.ledger(EVENT_ID, 0, 10) == list(changes.entries)


def test_an_exclusive_transaction_need_not_write(repository: Repository) -> None:
    def only_read(transaction: Transaction) -> None:
        assert transaction.snapshot(EVENT_ID, []).state.event == repository.event(EVENT_ID)

    repository.exclusive(EVENT_ID, only_read, within())
    assert write(repository, reserve(1)).event.version == 1


def test_an_exclusive_transaction_sees_what_was_written_before_it(
    repository: Repository, second: Repository
) -> None:
    write(second, reserve(1, "r1"))
    seen: list[EventState] = []
    repository.exclusive(
        EVENT_ID, lambda it: seen.append(it.snapshot(EVENT_ID, []).state), within()
    )
    assert [state.event and state.event.version for state in seen] == [1]


def test_nothing_of_it_is_seen_before_it_ends_and_all_of_it_afterwards(
    repository: Repository, second: Repository
) -> None:
    before = second.totals(EVENT_ID)
    written: list[Changes] = []

    def write_and_look(transaction: Transaction) -> None:
        written.append(write(transaction, reserve(3, "r1")))
        # Over a network what was written may still be on its way: asking brings it there.
        seen_inside = transaction.snapshot(EVENT_ID, []).state.event
        assert seen_inside is not None
        assert seen_inside.version == 1
        assert second.totals(EVENT_ID) == before
        assert second.reservation(EVENT_ID, "r1") is None
        assert second.ledger(EVENT_ID, 0, 10) == []

    repository.exclusive(EVENT_ID, write_and_look, within())
    (changes,) = written
    assert changes.event.version == 1
    assert second.totals(EVENT_ID) == (changes.event, {"abc-corp": PartnerTotals(3, 0)})
    assert second.reservation(EVENT_ID, "r1") == changes.reservations[0].reservation
    assert second.ledger(EVENT_ID, 0, 10) == list(changes.entries)


def test_an_exception_in_it_takes_everything_back_and_frees_the_lock(
    repository: Repository, second: Repository
) -> None:
    def fail_after_writing(transaction: Transaction) -> None:
        write(transaction, reserve(3, "r1"))
        raise KeyError("a bug")

    before = repository.totals(EVENT_ID)
    with pytest.raises(KeyError):
        repository.exclusive(EVENT_ID, fail_after_writing, within())
    assert repository.totals(EVENT_ID) == before
    assert write(second, reserve(1, "r2")).event.version == 1


def test_stale_changes_conflict_inside_it_too(repository: Repository) -> None:
    stale = plan(repository, reserve(1, "r1"))
    write(repository, reserve(1, "r2"))
    before = repository.totals(EVENT_ID)
    with pytest.raises(Conflict):
        repository.exclusive(EVENT_ID, lambda it: it.commit(stale, within()), within())
    assert repository.totals(EVENT_ID) == before


def _never(_: Transaction) -> None:
    pytest.fail("the lock was given twice")


def _refused_in_time(repository: Repository) -> None:
    """Neither kind of writing gets in, and both say so at their deadline."""
    changes = plan(repository, reserve(1, "late"))
    begun = time.monotonic()
    with pytest.raises(LockTimeout):
        repository.commit(changes, within(WAIT_SECONDS))
    assert WAIT_SECONDS <= time.monotonic() - begun < WAIT_SECONDS + LATE_SECONDS_MAX
    begun = time.monotonic()
    with pytest.raises(LockTimeout):
        repository.exclusive(EVENT_ID, _never, within(WAIT_SECONDS))
    assert WAIT_SECONDS <= time.monotonic() - begun < WAIT_SECONDS + LATE_SECONDS_MAX


def test_writers_give_up_at_their_deadline_while_another_process_holds_the_lock(
    repository: Repository, backend: str, tmp_path: Path
) -> None:
    with started(backend, tmp_path, "hold") as holder:
        _refused_in_time(repository)
        finish(holder)
    # The holder's own reservation is there, and nothing of those who gave up.
    assert repository.reservation(EVENT_ID, "held-back") is not None
    assert repository.reservation(EVENT_ID, "late") is None
    assert len(repository.ledger(EVENT_ID, 0, 10)) == 1


def test_writers_give_up_at_their_deadline_while_this_process_holds_the_lock(
    repository: Repository, second: Repository
) -> None:
    def hold(_: Transaction) -> None:
        with ThreadPoolExecutor() as threads:
            threads.submit(_refused_in_time, repository).result(PATIENCE_SECONDS)
            threads.submit(_refused_in_time, second).result(PATIENCE_SECONDS)

    repository.exclusive(EVENT_ID, hold, within())
    assert repository.ledger(EVENT_ID, 0, 10) == []


def test_a_deadline_that_has_passed_still_gets_an_answer_at_once(
    repository: Repository, backend: str, tmp_path: Path
) -> None:
    changes = plan(repository, reserve(1, "late"))
    with started(backend, tmp_path, "hold"):
        begun = time.monotonic()
        with pytest.raises(LockTimeout):
            repository.commit(changes, within(-1))
        assert time.monotonic() - begun < LATE_SECONDS_MAX


def test_a_waiting_writer_gets_in_when_the_holder_ends(
    repository: Repository, backend: str, tmp_path: Path
) -> None:
    changes = plan(repository, reserve(1, "late"))
    with started(backend, tmp_path, "hold") as holder, ThreadPoolExecutor() as threads:
        waiting = threads.submit(repository.commit, changes, within())
        let_go(holder)
        # The holder has moved the event on: waiting must end in a conflict, never in a lost update.
        with pytest.raises(Conflict):
            waiting.result(PATIENCE_SECONDS)
        assert holder.wait(PATIENCE_SECONDS) == 0
    assert write(repository, reserve(1, "late")).event.version == 2


def test_readers_do_not_wait_for_the_holder(
    repository: Repository, backend: str, tmp_path: Path
) -> None:
    with started(backend, tmp_path, "hold"):
        event = repository.event(EVENT_ID)
        assert event is not None
        assert event.version == 0
        assert repository.snapshot(EVENT_ID, [reserve(1)]).state.event == event
        assert repository.ledger(EVENT_ID, 0, 10) == []


def test_a_killed_holder_leaves_neither_the_lock_nor_half_a_commit(
    repository: Repository, backend: str, tmp_path: Path
) -> None:
    with started(backend, tmp_path, "hold") as holder:
        holder.kill()
        holder.wait()
        assert repository.reservation(EVENT_ID, "held-back") is None
        assert write(repository, reserve(1, "r1")).event.version == 1
