"""kill -9 of workers and master while the client works: nothing acknowledged is lost or doubled."""

import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from tests.client.operator import Operator
from tests.concurrency.watching import wait_until
from tests.server import Server
from ticketboss.client import Client, LedgerEntry, Reservation

PARTNER_THREADS = 6
WORKER_KILLS = 4
BETWEEN_KILLS = 25
SEATS = 100_000
LAST = "the last one"


class Work:
    """Threads that share a client and make one reservation after the other, each its own."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._stop = threading.Event()
        self._numbers = count(1)
        self.acknowledged: list[Reservation] = []

    def run(self) -> None:
        """Reserve until told to stop."""
        while not self._stop.is_set():
            reference = f"A-{next(self._numbers)}"
            self.acknowledged.append(self._client.reserve(1, reference=reference))

    def stop(self) -> None:
        """Let each thread finish what it has in hand, and no more."""
        self._stop.set()

    def wait_for_more(self) -> None:
        """Return when some more reservations were acknowledged."""
        enough = len(self.acknowledged) + BETWEEN_KILLS
        wait_until(lambda: len(self.acknowledged) >= enough, "the client did not get on")


def _kill_all_workers(server: Server) -> None:
    wait_until(lambda: len(server.worker_pids()) == 2, "the workers did not come back")
    for pid in server.worker_pids():
        os.kill(pid, signal.SIGKILL)


def _kill_the_master_and_start_again(server: Server) -> None:
    starts = server.log().count("Listening at")
    server.kill_master()
    server.start()
    # The workers of the killed master may still answer: look for the new one's line instead.
    wait_until(lambda: server.log().count("Listening at") > starts, "the new master got no port")


def _assert_each_is_there_once(client: Client, work: Work) -> None:
    there = list(client.reservations())
    acknowledged = {row.reference: row.reservation_id for row in work.acknowledged}
    assert len(acknowledged) == len(work.acknowledged)
    assert Counter(row.reference for row in there).most_common(1)[0][1] == 1
    assert {row.reference: row.reservation_id for row in there} == acknowledged
    assert client.event().reserved_seats == len(there)


def _follow(entries: Iterator[LedgerEntry]) -> list[int]:
    versions = []
    for entry in entries:
        versions.append(entry.version)
        if entry.reference == LAST:
            break
    return versions


def _kill_again_and_again(server: Server, work: Work) -> None:
    for _ in range(WORKER_KILLS):
        work.wait_for_more()
        _kill_all_workers(server)
    work.wait_for_more()
    _kill_the_master_and_start_again(server)
    work.wait_for_more()


def test_acknowledged_reservations_are_there_once_and_a_follower_misses_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "ticketboss.client")
    with Server(tmp_path, TICKETBOSS_AUTH="keys") as server:
        operator = Operator(server)
        event_id = operator.new_event(SEATS)
        with (
            operator.client(event_id, attempts_max=None, backoff_seconds_max=0.2) as client,
            ThreadPoolExecutor(PARTNER_THREADS + 1) as threads,
        ):
            work = Work(client)
            runs = [threads.submit(work.run) for _ in range(PARTNER_THREADS)]
            follower = threads.submit(_follow, client.follow_ledger(0, wait_seconds=5))
            try:
                _kill_again_and_again(server, work)
            finally:
                work.stop()
                for run in runs:
                    run.exception()
                last = client.reserve(1, reference=LAST)
            work.acknowledged.append(last)

            assert [run.exception() for run in runs] == [None] * PARTNER_THREADS
            assert follower.result() == list(range(1, last.version + 1))
            _assert_each_is_there_once(client, work)
        assert "outcome_unknown; again in" in caplog.text, "no kill met a request"
        assert server.differences() == []
