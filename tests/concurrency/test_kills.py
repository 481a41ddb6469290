"""kill -9 under load: what was acknowledged stays, and no key has two effects."""

import os
import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.concurrency.clients import Client, reserve_surely, summary_of
from tests.concurrency.killing import kill_a_worker
from tests.concurrency.load import SEATS, Load
from tests.concurrency.pending import statuses_of_requests_in_flight
from tests.concurrency.watching import ledger_of, wait_until
from tests.server import Server

SEATS_ENOUGH_FOR_ALL = 1_000_000
CLIENTS = 8
WORKER_KILLS = 6
MASTER_KILLS = 2


def _assert_settled_once(server: Server, load: Load) -> None:
    """Every key has one entry in the ledger, the one that its client was told of."""
    changes = ledger_of(server)[1:]
    written = {
        entry.idempotency_key: (entry.kind, entry.reservation_id, entry.version)
        for entry in changes
    }
    told = {s.key: (s.kind, s.reservation_id, s.version) for s in load.settled}
    kinds = Counter(entry.kind for entry in changes)
    live = kinds["reserved"] - kinds["cancelled"]
    summary = summary_of(server)

    assert len(changes) == len(load.settled)
    assert written == told
    assert (summary["reservationCount"], summary["reservedSeats"]) == (live, live * SEATS)
    assert server.differences() == []


def _assert_read_back(server: Server, load: Load) -> None:
    cancelled = {s.reservation_id for s in load.settled if s.kind == "cancelled"}
    with Client(server.url) as client:
        for settled in load.settled:
            found = client.get(f"/reservations/{settled.reservation_id}").json()
            ended = settled.reservation_id in cancelled
            assert found["status"] == ("cancelled" if ended else "confirmed")


def _kill_the_master_and_start_again(server: Server) -> None:
    starts = server.log().count("Listening at")
    server.kill_master()
    server.start()
    # The workers of the killed master may still answer: look for the new one's line instead.
    wait_until(lambda: server.log().count("Listening at") > starts, "the new master got no port")


@pytest.mark.parametrize("worker_class", ["gevent", "gthread", "sync"])
def test_killed_workers_lose_nothing_that_was_acknowledged(
    tmp_path: Path, worker_class: str
) -> None:
    with Server(
        tmp_path,
        TICKETBOSS_WORKER_CLASS=worker_class,
        TICKETBOSS_DEFAULT_EVENT_SEATS=SEATS_ENOUGH_FOR_ALL,
    ) as server:
        killed: set[int] = set()
        with Load(server, CLIENTS) as load:
            for _ in range(WORKER_KILLS):
                load.wait_for_more(40)
                killed.add(kill_a_worker(server, killed))
            load.wait_for_more(40)

        assert load.interruptions, "no kill met a request"
        _assert_settled_once(server, load)
        _assert_read_back(server, load)


def test_killed_master_is_started_again_and_loses_nothing(tmp_path: Path) -> None:
    with Server(tmp_path, TICKETBOSS_DEFAULT_EVENT_SEATS=SEATS_ENOUGH_FOR_ALL) as server:
        with Load(server, CLIENTS) as load:
            for _ in range(MASTER_KILLS):
                load.wait_for_more(40)
                _kill_the_master_and_start_again(server)
            load.wait_for_more(40)

        assert load.interruptions, "no kill met a request"
        _assert_settled_once(server, load)
        _assert_read_back(server, load)
        assert server.stop() == 0


def test_start_waits_for_the_port_that_the_workers_of_a_killed_master_still_have(
    server: Server,
) -> None:
    reservation_id = reserve_surely(server, 4)
    workers = server.worker_pids()
    # Stopped workers cannot notice that their master is gone, so they keep the port.
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    server.kill_master()
    server.start()
    try:
        waiting = f"Waiting for 127.0.0.1:{server.port}, which is still in use."
        wait_until(lambda: waiting in server.log(), "the start did not wait")
        assert server.log().count("Listening at") == 1
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
    wait_until(lambda: server.log().count("Listening at") == 2, "the start gave up")
    server.wait_until_ready()

    with Client(server.url) as client:
        assert client.get(f"/reservations/{reservation_id}").json()["status"] == "confirmed"
        assert client.reserve(1).status_code == 201
    assert server.differences() == []


def test_requests_in_the_hands_of_killed_workers_have_no_effect(server: Server) -> None:
    before = summary_of(server)

    def kill_all_workers() -> None:
        for pid in server.worker_pids():
            os.kill(pid, signal.SIGKILL)

    answers = statuses_of_requests_in_flight(server, 8, meanwhile=kill_all_workers)
    server.wait_until_ready()

    assert answers == [None] * 8
    assert summary_of(server) == before
    with Client(server.url) as client:
        assert [client.reserve(10).json()["version"] for _ in range(3)] == [1, 2, 3]
    assert server.differences() == []
