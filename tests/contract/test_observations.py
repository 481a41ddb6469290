"""What a database tells of itself for metrics: waits for its write lock, the size of its log."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.contract.backends import PATIENCE_SECONDS, plan, sqlite_path, within, write
from tests.unit.examples import EVENT_ID, reserve
from ticketboss.repository.interface import Conflict, LockTimeout, Repository, Transaction

HELD_SECONDS = 0.3


@pytest.fixture
def waits(repository: Repository) -> list[float]:
    """The seconds that the repository tells of, from now on."""
    seconds: list[float] = []
    repository.observe_lock_waits(seconds.append)
    return seconds


def test_each_writer_is_told_of_once(repository: Repository, waits: list[float]) -> None:
    write(repository, reserve(1, "r1"))
    late = plan(repository, reserve(1, "r2"))
    repository.exclusive(EVENT_ID, lambda it: it.commit(late, within()), within())
    assert len(waits) == 2
    assert all(0 <= seconds < PATIENCE_SECONDS for seconds in waits)


def test_a_writer_that_loses_its_race_has_waited_too(
    repository: Repository, waits: list[float]
) -> None:
    late = plan(repository, reserve(1, "r1"))
    write(repository, reserve(1, "r2"))
    with pytest.raises(Conflict):
        repository.commit(late, within())
    assert len(waits) == 2


def test_readers_do_not_wait_for_the_write_lock(repository: Repository, waits: list[float]) -> None:
    repository.snapshot(EVENT_ID, [reserve()])
    repository.event(EVENT_ID)
    repository.ledger(EVENT_ID, -1, 10)
    assert waits == []


@pytest.mark.parametrize("holder", ["the same process", "another process"])
def test_the_wait_behind_another_writer_is_told_in_seconds(
    repository: Repository, second: Repository, waits: list[float], holder: str
) -> None:
    changes = plan(repository, reserve(1, "r1"))
    about_to_wait = threading.Event()

    def commit() -> None:
        about_to_wait.set()
        repository.commit(changes, within())

    writer = threading.Thread(target=commit)

    def hold(_: Transaction) -> None:
        waits.clear()
        writer.start()
        assert about_to_wait.wait(PATIENCE_SECONDS)
        time.sleep(HELD_SECONDS)

    # Another repository object stands for another process: it shares no lock with the first.
    holding = repository if holder == "the same process" else second
    holding.exclusive(EVENT_ID, hold, within())
    writer.join(PATIENCE_SECONDS)
    (seconds,) = waits
    # Half of it, because on a busy machine the writer may come late to the lock.
    assert HELD_SECONDS / 2 < seconds < PATIENCE_SECONDS


@pytest.mark.parametrize("holder", ["the same process", "another process"])
def test_a_wait_in_vain_is_told_too(
    repository: Repository, second: Repository, waits: list[float], holder: str
) -> None:
    changes = plan(repository, reserve(1, "late"))

    def hold(_: Transaction) -> None:
        waits.clear()
        with ThreadPoolExecutor() as threads:
            lost = threads.submit(repository.commit, changes, within(HELD_SECONDS))
            assert isinstance(lost.exception(PATIENCE_SECONDS), LockTimeout)

    holding = repository if holder == "the same process" else second
    holding.exclusive(EVENT_ID, hold, within())
    (seconds,) = waits
    assert HELD_SECONDS / 2 < seconds < PATIENCE_SECONDS


def test_the_log_has_the_size_of_its_file_and_there_may_be_none(
    repository: Repository, backend: str, tmp_path: Path
) -> None:
    log = sqlite_path(tmp_path).with_name(sqlite_path(tmp_path).name + "-wal")
    before = repository.log_bytes()
    for number in range(5):
        write(repository, reserve(1, f"r{number}"))
    if backend == "sqlite-wal":
        assert repository.log_bytes() == log.stat().st_size > before > 0
    else:
        assert repository.log_bytes() == before == 0


def test_where_there_is_no_database_there_is_no_log(unmigrated: Repository) -> None:
    assert unmigrated.log_bytes() == 0
