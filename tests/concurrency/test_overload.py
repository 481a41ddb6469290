"""More requests than the queue takes: a quick "later", and no half effects."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from tests.concurrency.clients import Client, crowd, statuses, summary_of
from tests.concurrency.watching import ledger_of, wait_until
from tests.server import Server

CLIENTS = 30
QUEUE_LENGTH_MAX = 4
SEATS = 2
# Well before the deadline of the commands, which would be answered "overloaded" then as well.
COMMAND_SECONDS_MAX = 25
AT_ONCE_SECONDS_MAX = 15.0


def _drop_on_a_full_queue(server: Server) -> list[requests.Response]:
    """Let all clients reserve while nothing can be written; write when the overload was told."""
    locked, released = threading.Event(), threading.Event()
    answered_early: list[requests.Response] = []
    # One batch may be under way and one queue full behind it; all others are told at once.
    overloaded_min = CLIENTS - 2 * QUEUE_LENGTH_MAX

    def hold_the_lock() -> None:
        with server.database.writes_locked():
            locked.set()
            wait_until(
                lambda: len(answered_early) >= overloaded_min,
                "too few were told at once",
                AT_ONCE_SECONDS_MAX,
            )
            released.set()

    def reserve(client: Client, number: int) -> requests.Response:
        answer = client.reserve(SEATS, key=f"key-{number}")
        if not released.is_set():
            answered_early.append(answer)
        return answer

    with ThreadPoolExecutor(1) as thread:
        holding = thread.submit(hold_the_lock)
        assert locked.wait(AT_ONCE_SECONDS_MAX)
        answers = crowd(server, CLIENTS, reserve)
        holding.result()
    return answers


def test_full_queue_says_overloaded_at_once_and_keeps_nothing_of_it(tmp_path: Path) -> None:
    with Server(
        tmp_path,
        WEB_CONCURRENCY=1,
        TICKETBOSS_QUEUE_LENGTH_MAX=QUEUE_LENGTH_MAX,
        TICKETBOSS_COMMAND_SECONDS_MAX=COMMAND_SECONDS_MAX,
    ) as server:
        answers = _drop_on_a_full_queue(server)
        accepted = [answer for answer in answers if answer.status_code == 201]
        overloaded = [answer for answer in answers if answer.status_code == 503]

        assert len(accepted) + len(overloaded) == CLIENTS
        assert accepted
        assert len(overloaded) >= CLIENTS - 2 * QUEUE_LENGTH_MAX
        for answer in overloaded:
            assert answer.json()["code"] == "overloaded"
            assert answer.json()["retryable"] is True
            assert int(answer.headers["Retry-After"]) > 0
        summary = summary_of(server)
        assert summary["reservationCount"] == len(accepted)
        assert summary["reservedSeats"] == SEATS * len(accepted)
        assert len(ledger_of(server)) == 1 + len(accepted)
        assert server.differences() == []


def test_overloaded_request_succeeds_when_it_is_sent_again(tmp_path: Path) -> None:
    with Server(
        tmp_path,
        WEB_CONCURRENCY=1,
        TICKETBOSS_QUEUE_LENGTH_MAX=QUEUE_LENGTH_MAX,
        TICKETBOSS_COMMAND_SECONDS_MAX=COMMAND_SECONDS_MAX,
    ) as server:
        first = _drop_on_a_full_queue(server)
        second = []
        for number in range(CLIENTS):
            with Client(server.url, f"partner-{number}") as client:
                second.append(client.reserve(SEATS, key=f"key-{number}"))

        assert statuses(second) == {201: CLIENTS}
        for before, after in zip(first, second, strict=True):
            assert ("Idempotent-Replayed" in after.headers) == (before.status_code == 201)
        assert summary_of(server)["reservedSeats"] == SEATS * CLIENTS
        assert server.differences() == []
