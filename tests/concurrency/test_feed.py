"""Waiting for the ledger on a real server: quick, cheap, bounded, and over when the worker ends."""

import signal
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.concurrency.clients import Client, reserve_surely, summary_of
from tests.concurrency.waiting import (
    AT_ONCE_SECONDS,
    Page,
    Waiter,
    pages_to_the_end,
    who_still_wait,
)
from tests.concurrency.watching import DEFAULT_EVENT, wait_until
from tests.server import Server
from ticketboss.domain.commands import Reserve
from ticketboss.engine.committer import Committer
from ticketboss.engine.feed import FEED_WAITERS_MAX
from ticketboss.engine.ids import new_id
from ticketboss.repository import open_repository

ROUNDS = 7
# A poll takes place every 0.1 seconds.
TOLD_SECONDS_MAX = 0.3
MANY = 120
EXIT_SECONDS_MAX = 8.0


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of one gevent worker, which these tests share."""
    with Server(tmp_path_factory.mktemp("feed"), WEB_CONCURRENCY=1) as server:
        yield server


def _wait_all(stack: ExitStack, server: Server, count: int, after: int) -> list[Waiter]:
    """So many requests that a worker has in hand."""
    waiters = [stack.enter_context(Waiter(server, after)) for _ in range(count)]
    for waiter in waiters:
        waiter.wait_until_read()
    return waiters


def _version(server: Server) -> int:
    version: int = summary_of(server)["version"]
    return version


def test_commit_of_another_process_is_told_within_a_moment(shared: Server) -> None:
    version, delays, reads = _version(shared), [], []
    with (
        closing(open_repository(shared.environment["DATABASE_URL"])) as repository,
        Client(shared.url) as client,
        Waiter(shared, version) as waiter,
    ):
        committer = Committer(repository, command_seconds_max=5, queue_length_max=10)
        for _ in range(ROUNDS):
            waiter.wait_until_read()
            command = Reserve(
                event_id=DEFAULT_EVENT, reservation_id=new_id(), partner_id="abc-corp", seats=1
            )
            version = committer.submit(command).entry.version
            committed_at = time.monotonic()
            assert waiter.page() == Page([version], version, is_kept=True)
            answered_at = time.monotonic()
            delays.append(answered_at - committed_at)
            assert client.get("/reservations").status_code == 200
            reads.append(time.monotonic() - answered_at)
            waiter.ask(version)

    # Who is told is woken and reads, as slowly as anybody just then: that is the machine's share.
    assert statistics.median(delays) < TOLD_SECONDS_MAX + 2 * statistics.median(reads)


def test_many_who_wait_are_all_told_by_one_worker_that_goes_on_serving(shared: Server) -> None:
    version = _version(shared)
    with ExitStack() as stack, Client(shared.url) as client:
        waiters = _wait_all(stack, shared, MANY, version)
        assert client.get("/readyz").status_code == 200
        started = time.monotonic()
        made = client.reserve(1).json()["version"]

        assert [waiter.page().versions for waiter in waiters] == [[made]] * MANY
        assert time.monotonic() - started < AT_ONCE_SECONDS


def test_who_comes_over_the_bound_is_answered_at_once_and_the_others_wait(shared: Server) -> None:
    version = _version(shared)
    with ExitStack() as stack:
        asking = _wait_all(stack, shared, FEED_WAITERS_MAX + 1, version)

        waiters = who_still_wait(asking, 1)
        assert len(waiters) == FEED_WAITERS_MAX
        (over,) = set(asking) - set(waiters)
        assert over.page() == Page([], version, is_kept=True)
        reserve_surely(shared, 1)
        assert {tuple(waiter.page().versions) for waiter in waiters} == {(version + 1,)}


def test_places_of_those_who_were_answered_are_free_again(shared: Server) -> None:
    with Waiter(shared, _version(shared)) as waiter:
        assert not waiter.is_answered_in(0.5)
        reserve_surely(shared, 1)
        assert waiter.page().versions == [_version(shared)]


def test_sync_workers_answer_at_once(tmp_path: Path) -> None:
    with (
        Server(tmp_path, TICKETBOSS_WORKER_CLASS="sync", WEB_CONCURRENCY=1) as server,
        Waiter(server, 0) as waiter,
    ):
        assert waiter.is_answered_in(AT_ONCE_SECONDS)
        assert waiter.page() == Page([], 0, is_kept=False)


def test_half_of_the_threads_are_kept_for_those_who_do_not_wait(tmp_path: Path) -> None:
    with (
        Server(
            tmp_path,
            TICKETBOSS_WORKER_CLASS="gthread",
            TICKETBOSS_WORKER_THREADS=6,
            WEB_CONCURRENCY=1,
        ) as server,
        ExitStack() as stack,
        Client(server.url) as client,
    ):
        asking = [stack.enter_context(Waiter(server, 0)) for _ in range(3 + 6)]
        waiters = who_still_wait(asking, 6)
        assert len(waiters) == 3
        assert client.reserve(1).json()["version"] == 1
        assert [waiter.page().versions for waiter in waiters] == [[1]] * 3


@pytest.mark.parametrize(("worker_class", "count"), [("gevent", 40), ("gthread", 6)])
def test_stopping_server_releases_all_who_wait(
    tmp_path: Path, worker_class: str, count: int
) -> None:
    with (
        Server(tmp_path, TICKETBOSS_WORKER_CLASS=worker_class) as server,
        ExitStack() as stack,
    ):
        waiters = _wait_all(stack, server, count, after=0)
        stopped_at = time.monotonic()
        server.signal(signal.SIGTERM)

        pages = pages_to_the_end(waiters)
        assert len(pages) >= len(waiters)
        assert {(tuple(page.versions), page.next) for page in pages} == {((), 0)}
        assert server.wait_for_exit() == 0
        # The time-out for what is still in hand would be 20 seconds, the waits 25.
        assert time.monotonic() - stopped_at < EXIT_SECONDS_MAX
        assert server.differences() == []


def test_reloading_server_releases_all_who_wait_and_takes_them_again(tmp_path: Path) -> None:
    with Server(tmp_path) as server, ExitStack() as stack:
        waiters = _wait_all(stack, server, 20, after=0)
        before = set(server.worker_pids())
        started = time.monotonic()
        server.signal(signal.SIGHUP)

        pages = pages_to_the_end(waiters)
        assert len(pages) >= len(waiters)
        assert {tuple(page.versions) for page in pages} == {()}
        assert time.monotonic() - started < AT_ONCE_SECONDS
        wait_until(lambda: not before & set(server.worker_pids()), "the old workers stayed")
        server.wait_until_ready()
        again = _wait_all(stack, server, 20, after=0)
        reserve_surely(server, 1)
        assert {tuple(waiter.page().versions) for waiter in again} == {(1,)}
