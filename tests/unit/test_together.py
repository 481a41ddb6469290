"""Group commit across events: who shares a transaction, and what each is told."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from tests.unit.gathering import Bug, Gathering, loses_its_race, within
from tests.unit.rig import WAIT_SECONDS_MAX, Killed, raising, until
from ticketboss.repository.interface import Conflict, LockTimeout, OutcomeUnknown
from ticketboss.repository.sqlite import together
from ticketboss.repository.sqlite.together import Work, Writer


@pytest.fixture
def gathering(tmp_path: Path) -> Iterator[Gathering]:
    gathering = Gathering(tmp_path)
    yield gathering
    gathering.close()


def test_who_waits_for_the_lock_shares_one_transaction(gathering: Gathering) -> None:
    told = gathering.gather([(f"e{n}", gathering.writes(n)) for n in range(20)])
    assert told == [None] * 20
    assert gathering.connections.commits == 1
    assert gathering.numbers() == list(range(20))
    assert gathering.is_idle()


def test_who_comes_alone_has_a_transaction_alone(gathering: Gathering) -> None:
    for number in range(3):
        gathering.together.write("e", gathering.writes(number), within())
    assert gathering.connections.commits == 3
    assert gathering.is_idle()


def test_an_event_is_never_twice_in_a_transaction(gathering: Gathering) -> None:
    events = ["a", "b", "a", "c", "b"]
    assert not any(gathering.gather([(e, gathering.writes(n)) for n, e in enumerate(events)]))
    assert gathering.done_in == {0: 0, 1: 0, 2: 1, 3: 1, 4: 1}


@pytest.mark.parametrize("limit", ["WRITERS_TOGETHER_MAX", "ROWS_TOGETHER_MAX"])
def test_a_transaction_has_its_limits(
    gathering: Gathering, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, limit, 3)
    assert not any(gathering.gather([(f"e{n}", gathering.writes(n)) for n in range(10)]))
    sizes = [list(gathering.done_in.values()).count(n) for n in range(4)]
    # Whoever holds the lock at first is one of the writers, and writes no row.
    assert sizes == ([2, 3, 3, 2] if limit.startswith("WRITERS") else [3, 3, 3, 1])


def test_a_lost_race_is_told_to_the_loser_and_costs_the_others_nothing(
    gathering: Gathering,
) -> None:
    works = [gathering.writes(0), loses_its_race, gathering.writes(2)]
    told = gathering.gather([(f"e{n}", work) for n, work in enumerate(works)])
    assert [type(error) for error in told] == [type(None), Conflict, type(None)]
    assert gathering.connections.commits == 1
    assert gathering.numbers() == [0, 2]


@pytest.mark.parametrize("error", [Bug(), Conflict()], ids=["a bug", "a late conflict"])
def test_only_the_guilty_one_gets_the_error_and_the_others_are_written_together_again(
    gathering: Gathering, error: Exception
) -> None:
    others = [0, 1, 2]

    def writes(number: int) -> Work:
        work, times = gathering.writes(number), count()

        def waits_for_the_others(connection: sqlite3.Connection) -> None:
            if next(times):
                until(lambda: gathering.waiting_of("e") + len(again) == len(others) - 1)
                again.append(number)
            work(connection)

        return waits_for_the_others

    again: list[int] = []
    works = [*map(writes, others), gathering.writes(3, error)]
    told = gathering.gather([(f"e{n}", work) for n, work in enumerate(works)])
    assert [error for error in told if error] == [error]
    assert gathering.numbers() == others == sorted(again)
    # The one who held the lock is written again as well, before or beside the others.
    assert gathering.connections.commits <= 2
    assert len({gathering.done_in[number] for number in others}) == 1
    assert gathering.is_idle()


def test_whoever_has_been_taken_back_often_enough_is_written_alone(
    gathering: Gathering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "TRIES_TOGETHER_MAX", 1)
    works = [gathering.writes(0), gathering.writes(1, Bug()), gathering.writes(2)]
    told = gathering.gather([(f"e{n}", work) for n, work in enumerate(works)])
    assert [type(each) for each in told] == [type(None), Bug, type(None)]
    assert gathering.numbers() == [0, 2]
    # The one who held the lock is written again as well.
    assert gathering.connections.commits == 3
    assert gathering.is_idle()


def test_a_commit_without_an_answer_is_unknown_to_each(gathering: Gathering) -> None:
    gathering.connections.after_commit.append(raising(OutcomeUnknown("no answer")))
    works = [gathering.writes(0), gathering.writes(1), loses_its_race]
    told = gathering.gather([(f"e{n}", work) for n, work in enumerate(works)])
    assert [repr(error) for error in told] == ["OutcomeUnknown('no answer')"] * 2 + ["Conflict()"]
    assert repr(gathering.told_to_the_holder) == "OutcomeUnknown('no answer')"
    # A shared exception would collect the tracebacks of all threads.
    assert len({id(error) for error in [*told, gathering.told_to_the_holder]}) == 4
    assert gathering.numbers() == [0, 1]
    assert gathering.is_idle()


def test_a_commit_that_has_certainly_failed_is_tried_by_each_alone(gathering: Gathering) -> None:
    gathering.connections.before_commit.append(raising(LockTimeout()))
    assert not any(gathering.gather([(f"e{n}", gathering.writes(n)) for n in range(3)]))
    assert gathering.numbers() == [0, 1, 2]
    assert gathering.connections.commits == 4


def test_a_leader_that_is_killed_leaves_the_others_unsure_and_nobody_stuck(
    gathering: Gathering,
) -> None:
    gathering.connections.before_commit.append(raising(Killed()))
    told = gathering.gather([("a", gathering.writes(0)), ("b", gathering.writes(1))])
    assert isinstance(gathering.told_to_the_holder, Killed)
    assert [type(error) for error in told] == [OutcomeUnknown] * 2
    assert gathering.numbers() == []
    gathering.together.write("a", gathering.writes(0), within())
    assert gathering.is_idle()


class Stopped(threading.Event):
    """What a writer waits with that is stopped at a moment of the test's."""

    def __init__(self, moment: Callable[[], bool], error: BaseException | None) -> None:
        super().__init__()
        self._moment, self._error = moment, error

    def wait(self, timeout: float | None = None) -> bool:
        if timeout is None:
            return super().wait(WAIT_SECONDS_MAX)
        until(self._moment)
        if self._error is not None:
            raise self._error
        return False


@pytest.mark.parametrize("is_taken", [True, False])
@pytest.mark.parametrize("error", [Killed(), None], ids=["killed", "too late"])
def test_whoever_stops_waiting_is_written_only_if_somebody_has_begun_with_it(
    gathering: Gathering, error: BaseException | None, is_taken: bool
) -> None:
    writer = Writer("a", gathering.writes(0))
    writer.wake = Stopped(lambda: writer.is_taken or not is_taken, error)
    with ThreadPoolExecutor() as pool:

        def come() -> None:
            future = pool.submit(gathering.together._write, writer, within())
            futures.append(future)
            until(lambda: gathering.waiting() == 1 if is_taken else future.done())

        def look() -> None:
            time.sleep(0.1)
            answered_early.append(futures[0].done())

        futures: list[Future[None]] = []
        answered_early: list[bool] = []
        gathering.connections.before_commit.append(look)
        assert not any(gathering.gather([], come))
        told = futures[0].exception(WAIT_SECONDS_MAX)
    if is_taken:
        assert gathering.numbers() == [0]
        assert isinstance(told, OutcomeUnknown if error else type(None))
        assert answered_early == [error is not None]
    else:
        assert gathering.numbers() == []
        assert isinstance(told, Killed if error else LockTimeout)
    assert gathering.is_idle()


def test_a_leader_without_time_passes_the_lead_on(gathering: Gathering) -> None:
    seconds: list[float] = []
    gathering.connections.observe_lock_wait = seconds.append
    with ThreadPoolExecutor() as pool:
        with gathering.connections.writing(within()):
            leader = pool.submit(gathering.together.write, "a", gathering.writes(0), within(0.3))
            until(lambda: gathering.waiting() == 1)
            other = pool.submit(gathering.together.write, "b", gathering.writes(1), within())
            assert isinstance(leader.exception(WAIT_SECONDS_MAX), LockTimeout)
            assert not other.done()
        other.result(WAIT_SECONDS_MAX)
    # Of the one who held the lock, the one who gave up, and the one who got it.
    assert len(seconds) == 3
    assert gathering.numbers() == [1]
    assert gathering.is_idle()


def test_each_one_tells_how_long_it_waited_for_the_lock(gathering: Gathering) -> None:
    seconds: list[float] = []
    gathering.connections.observe_lock_wait = seconds.append
    # The last one leads the second transaction, and has waited for the first.
    works = [(event_id, gathering.writes(n)) for n, event_id in enumerate("aba")]
    gathering.gather(works, lambda: time.sleep(0.2))
    holder, *others = seconds
    assert len(others) == 3
    assert holder < 0.2 <= min(others)
