"""What others do while a copy is made, and copies that end before they are whole."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path

import pytest

from tests.contract.backends import BACKENDS, PATIENCE_SECONDS, plan, within
from tests.contract.moving import BOTH_WAYS, PAIRS, Bars, Side, filled_pair
from tests.unit.examples import EVENT_ID, reserve
from ticketboss.engine.copying import CopyRefused, copy_everything
from ticketboss.repository.interface import OutcomeUnknown, StorageUnavailable
from ticketboss.repository.postgres.transfer import PostgresTransfer

STAGES = ("Checking the source", "Copying", "Checking the copy", "Comparing")
# Many times as long as a writer takes whom nothing keeps out.
LOOK_SECONDS = 1.0
# The sessions of those who keep all others from writing events, as a copy does.
END_COPIERS = """
SELECT pg_terminate_backend(pid) FROM pg_locks
 WHERE relation = to_regclass('events') AND mode = 'ShareRowExclusiveLock' AND granted
"""


@pytest.fixture(params=PAIRS, ids=" to ".join)
def any_pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Side, Side]]:
    with filled_pair(request.param, tmp_path) as both:
        yield both


@pytest.fixture(params=BOTH_WAYS, ids=" to ".join)
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Side, Side]]:
    with filled_pair(request.param, tmp_path) as both:
        yield both


@pytest.fixture
def to_postgres(tmp_path: Path) -> Iterator[tuple[Side, Side]]:
    with filled_pair(BOTH_WAYS[0], tmp_path) as both:
        yield both


@pytest.fixture
def to_sqlite(tmp_path: Path) -> Iterator[tuple[Side, Side]]:
    with filled_pair(BOTH_WAYS[1], tmp_path) as both:
        yield both


def _end_copy(side: Side) -> Callable[[], None]:
    """Have the server of this side end the copy's session."""

    def end() -> None:
        assert side.database.rows(END_COPIERS) == [(True,)]

    return end


def test_a_writer_waits_until_the_copy_is_made_and_loses_nothing(
    any_pair: tuple[Side, Side],
) -> None:
    source, target = any_pair
    before = source.rows()
    begun = threading.Event()
    sales: list[Future[None]] = []

    def sell() -> None:
        with closing(BACKENDS[source.backend](source.folder)) as repository:
            changes = plan(repository, reserve(1, "meanwhile"))
            begun.set()
            repository.commit(changes, within())

    with ThreadPoolExecutor() as pool:

        def begin_to_sell() -> None:
            sales.append(pool.submit(sell))
            assert begun.wait(PATIENCE_SECONDS)

        def look() -> None:
            assert not wait(sales, LOOK_SECONDS).done

        bars = Bars({"Checking the source": begin_to_sell, "Copying": look})
        copy_everything(source.repository, target.repository, bars)
        sales[0].result(PATIENCE_SECONDS)
    assert target.rows() == before
    assert source.repository.reservation(EVENT_ID, "meanwhile") is not None


def test_a_row_that_somebody_has_locked_holds_no_copy_up(to_sqlite: tuple[Side, Side]) -> None:
    # If it did, the copy and a writer of keys, whose foreign key locks a row, could wait for each
    # other.
    source, target = to_sqlite
    with source.database.writes_locked():
        copy_everything(source.repository, target.repository, Bars())
    assert target.rows() == source.rows()


@pytest.mark.parametrize("stage", STAGES)
def test_ctrl_c_leaves_the_target_empty_and_nothing_locked(
    pair: tuple[Side, Side], stage: str
) -> None:
    source, target = pair

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_everything(source.repository, target.repository, Bars({stage: interrupt}))
    assert target.rows() == {}
    copy_everything(source.repository, target.repository, Bars())
    assert target.rows() == source.rows()


@pytest.mark.parametrize("stage", STAGES[:-1])
def test_a_target_that_is_lost_on_the_way_has_nothing(
    to_postgres: tuple[Side, Side], stage: str
) -> None:
    source, target = to_postgres
    with pytest.raises(StorageUnavailable):
        copy_everything(source.repository, target.repository, Bars({stage: _end_copy(target)}))
    assert target.rows() == {}


@pytest.mark.parametrize("stage", STAGES[:-1])
def test_a_source_that_is_lost_on_the_way_is_not_copied(
    to_sqlite: tuple[Side, Side], stage: str
) -> None:
    source, target = to_sqlite
    with pytest.raises(StorageUnavailable):
        copy_everything(source.repository, target.repository, Bars({stage: _end_copy(source)}))
    assert target.rows() == {}


def test_a_commit_without_an_answer_is_not_called_a_no_and_copying_again_settles_it(
    to_postgres: tuple[Side, Side],
) -> None:
    source, target = to_postgres
    bars = Bars({"Comparing": _end_copy(target)})
    with pytest.raises(OutcomeUnknown, match="Copy again: a target that is then not empty has"):
        copy_everything(source.repository, target.repository, bars)
    copy_everything(source.repository, target.repository, Bars())
    assert target.rows() == source.rows()


def test_a_source_that_is_lost_behind_the_last_comparison_was_copied(
    to_sqlite: tuple[Side, Side],
) -> None:
    source, target = to_sqlite
    bars = Bars({"Comparing": _end_copy(source)})
    with pytest.raises(OutcomeUnknown, match="Copy again: a target that is then not empty has"):
        copy_everything(source.repository, target.repository, bars)
    assert target.rows() == source.rows()
    with pytest.raises(CopyRefused, match="The target is not empty"):
        copy_everything(source.repository, target.repository, Bars())


def test_postgres_does_not_end_a_copy_that_waits_for_the_other_side(
    to_postgres: tuple[Side, Side],
) -> None:
    _, target = to_postgres
    target.repository.migrate()
    with target.repository.transfer(within()) as transfer:
        assert isinstance(transfer, PostgresTransfer)
        shown = transfer._session.execute("SHOW idle_in_transaction_session_timeout").fetchall()
    assert shown == [("0",)]
