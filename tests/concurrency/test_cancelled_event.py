"""An event that is cancelled while its partners go on reserving."""

import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import requests

from tests.concurrency.clients import Client, crowd, summary_of
from tests.concurrency.watching import DEFAULT_EVENT, ledger_of, wait_until
from tests.server import Server
from ticketboss.repository import open_repository

SEATS_ENOUGH_FOR_ALL = 1_000_000
CLIENTS = 8
# Together more than four batches of what is due.
CLAIMS_EACH = 140
GO_ON_SECONDS_MAX = 30.0
END_SECONDS_MAX = 20.0


def _fill(server: Server) -> None:
    def claim(client: Client, _: int) -> None:
        for number in range(CLAIMS_EACH):
            answer = client.hold(1, 3_600) if number % 3 == 0 else client.reserve(2)
            assert answer.status_code == 201, answer.text

    crowd(server, CLIENTS, claim)


def _go_on(url: str, number: int) -> list[requests.Response]:
    """Reserve until told that the event is cancelled, over whatever happens to the workers."""
    answers: list[requests.Response] = []
    deadline = time.monotonic() + GO_ON_SECONDS_MAX
    with Client(url, f"partner-{number}") as client:
        while time.monotonic() < deadline:
            try:
                answers.append(client.reserve(1))
            except requests.RequestException:
                continue
            if answers[-1].status_code == 409:
                return answers
    raise AssertionError(f"partner-{number} was never refused")


def _cancel(server: Server) -> int:
    """Cancel the default event; gives the version from which on it is cancelled."""
    done = server.command("events", "cancel", DEFAULT_EVENT, "--yes", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    (version,) = [e.version for e in ledger_of(server) if e.kind == "event_changed"]
    assert json.loads(done.stdout)["saleState"] == "cancelled"
    return version


def _kill_the_workers_amid_the_sweep(server: Server, version: int) -> None:
    """Kill those that sweep as soon as the first batch of claims has been ended."""
    with closing(open_repository(server.environment["DATABASE_URL"])) as repository:
        wait_until(lambda: bool(repository.ledger(DEFAULT_EVENT, version, 1)), "no sweep began")
    for pid in server.worker_pids():
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("kills", [False, True], ids=["undisturbed", "workers-killed"])
def test_cancelled_event_accepts_nothing_and_ends_all_it_has(tmp_path: Path, kills: bool) -> None:
    with Server(tmp_path, TICKETBOSS_DEFAULT_EVENT_SEATS=SEATS_ENOUGH_FOR_ALL) as server:
        _fill(server)
        with ThreadPoolExecutor(CLIENTS) as threads:
            going_on = [threads.submit(_go_on, server.url, number) for number in range(CLIENTS)]
            cancelled_at = _cancel(server)
            if kills:
                _kill_the_workers_amid_the_sweep(server, cancelled_at)
            answers = [answer for client in going_on for answer in client.result()]
        wait_until(lambda: _is_empty(server), "claims stayed", END_SECONDS_MAX)

        told = {answer.status_code: answer for answer in answers}
        assert told[409].json()["code"] == "event_cancelled"
        for answer in answers:
            version = int(answer.headers["TicketBoss-Version"])
            assert (answer.status_code == 201) == (version < cancelled_at), answer.text
        _assert_all_claims_were_cancelled_once(server, cancelled_at)


def _is_empty(server: Server) -> bool:
    summary = summary_of(server)
    return (summary["reservationCount"], summary["heldSeats"]) == (0, 0)


def _assert_all_claims_were_cancelled_once(server: Server, cancelled_at: int) -> None:
    entries = ledger_of(server)
    before, after = entries[1:cancelled_at], entries[cancelled_at + 1 :]
    made = [entry.reservation_id for entry in before]
    ended = [entry.reservation_id for entry in after]

    assert len(made) >= CLIENTS * CLAIMS_EACH
    assert {entry.kind for entry in before} == {"reserved", "held"}
    assert {entry.kind for entry in after} == {"cancelled", "released"}
    assert {entry.actor for entry in after} == {"system"}
    assert sorted(made, key=str) == sorted(ended, key=str)
    assert summary_of(server)["availableSeats"] == SEATS_ENOUGH_FOR_ALL
    assert server.differences() == []
