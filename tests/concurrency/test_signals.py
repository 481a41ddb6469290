"""Stopping: what was accepted is answered, then everything is gone."""

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from tests.concurrency.clients import Client
from tests.concurrency.pending import statuses_of_requests_in_flight
from tests.concurrency.watching import assert_stays, ledger_of, wait_until
from tests.server import Server

# Well under gunicorn's graceful time-out, after which it kills what is left.
STOP_SECONDS_MAX = 15.0
# gunicorn's quick stop, which we must not get, gives its workers 0.1 seconds.
QUICK_STOP_SECONDS = 0.4


def terminate(server: Server) -> None:
    server.signal(signal.SIGTERM)


def interrupt(server: Server) -> None:
    server.signal(signal.SIGINT)


def interrupt_all(server: Server) -> None:
    """As Ctrl-C in a terminal does: the signal goes to every process of the group."""
    os.killpg(server.master_pid, signal.SIGINT)


Stop = Callable[[Server], None]
every_way_to_stop = pytest.mark.parametrize("stop", [terminate, interrupt, interrupt_all])


def _wait_until_stopping(server: Server, worker_class: str) -> None:
    wait_until(lambda: "Handling signal" in server.log(), "the master saw no signal")
    if worker_class == "gevent":
        # Other workers keep the listening socket until their last answer is out.
        wait_until(lambda: not _accepts(server.port), "the port stayed open")


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _exists(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@every_way_to_stop
@pytest.mark.parametrize(
    ("worker_class", "requests_in_flight"),
    # A sync worker holds one request at a time, so two workers hold two.
    [("gevent", 12), ("gthread", 8), ("sync", 2)],
)
def test_stop_answers_what_is_in_flight_and_leaves_nothing_behind(
    tmp_path: Path, worker_class: str, requests_in_flight: int, stop: Stop
) -> None:
    with Server(
        tmp_path, TICKETBOSS_WORKER_CLASS=worker_class, TICKETBOSS_COMMAND_SECONDS_MAX=20
    ) as server:
        workers = server.worker_pids()

        def stop_and_see_it_begin() -> None:
            stop(server)
            _wait_until_stopping(server, worker_class)
            assert_stays(
                lambda: any(_exists(pid) for pid in workers),
                "all workers ended, with requests in hand",
                QUICK_STOP_SECONDS,
            )

        answers = statuses_of_requests_in_flight(server, requests_in_flight, stop_and_see_it_begin)

        assert answers == [201] * requests_in_flight
        assert server.wait_for_exit(STOP_SECONDS_MAX) == 0
        assert [pid for pid in workers if _exists(pid)] == []
        assert len(ledger_of(server)) == 1 + requests_in_flight
        assert server.differences() == []


@every_way_to_stop
def test_stop_while_the_workers_boot_does_not_wait_for_the_graceful_time_out(
    tmp_path: Path, stop: Stop
) -> None:
    server = Server(tmp_path)
    server.start()
    try:
        wait_until(lambda: server.log().count("Booting worker") == 2, "no workers came up")
        stop(server)
        assert server.wait_for_exit(STOP_SECONDS_MAX) == 0
    finally:
        server.destroy()


def test_draining_worker_says_not_ready_on_a_connection_it_still_has(server: Server) -> None:
    with Client(server.url) as client:
        assert client.get("/readyz").status_code == 200
        server.signal(signal.SIGTERM)

        def closes() -> bool:
            # A new connection would be refused, so each answer comes from the worker we know.
            # The signal may come while one is being made: only the next one closes then.
            answers.append(client.get("/readyz"))
            return answers[-1].headers["Connection"] == "close"

        answers: list[requests.Response] = []
        wait_until(closes, "the worker stayed ready")

    assert answers[-1].status_code == 503
    assert answers[-1].json()["code"] == "not_ready"
    assert answers[-1].json()["retryable"] is True
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert server.wait_for_exit(STOP_SECONDS_MAX) == 0
