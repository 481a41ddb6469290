"""Answers that are lost or late on purpose, at each kind of worker."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.concurrency.watching import log_lines
from tests.server import Server

EVENT = "/events/rehearsal"
SLOW_MS = 700
SECONDS_MAX = 30.0
SETTINGS: dict[str, str | int] = {"TICKETBOSS_AUTH": "keys", "WEB_CONCURRENCY": 1}


@pytest.fixture(params=["gevent", "gthread", "sync"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path, **SETTINGS, TICKETBOSS_WORKER_CLASS=request.param) as server:
        server.operate(*["events", "create", "rehearsal", "--name", "R", "--seats", "10", "--test"])
        yield server


@pytest.fixture
def tester(server: Server) -> Iterator[requests.Session]:
    """A partner with a test key."""
    key = server.operate("keys", "create", "--partner", "abc-corp", "--test")["key"]
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {key}"
        yield session


def _reserve(session: requests.Session, server: Server, wish: str | None) -> requests.Response:
    headers = {"Idempotency-Key": "order-1"} | ({"TicketBoss-Simulate": wish} if wish else {})
    return session.post(
        f"{server.url}{EVENT}/reservations", json={"seats": 2}, headers=headers, timeout=SECONDS_MAX
    )


def test_a_lost_answer_was_committed_and_the_next_one_says_so(
    server: Server, tester: requests.Session
) -> None:
    tester.get(f"{server.url}{EVENT}", timeout=SECONDS_MAX)
    for _ in range(2):
        with pytest.raises(requests.ConnectionError):
            _reserve(tester, server, "lost_answer")
    answer = _reserve(tester, server, None)
    assert (answer.status_code, answer.headers["Idempotent-Replayed"]) == (201, "true")
    event = tester.get(f"{server.url}{EVENT}", timeout=SECONDS_MAX).json()
    assert (event["availableSeats"], event["version"]) == (8, 1)
    assert server.stop() == 0
    # There is no traceback, and nobody is alarmed.
    assert all(line.startswith("{") for line in server.log().splitlines())
    assert {line["level"] for line in log_lines(server)} == {"info"}


def test_a_late_answer_is_about_what_was_done_at_once(
    server: Server, tester: requests.Session
) -> None:
    if server.environment["TICKETBOSS_WORKER_CLASS"] == "sync":
        refused = _reserve(tester, server, f"slow={SLOW_MS}")
        assert (refused.status_code, refused.json()["code"]) == (400, "simulation_refused")
        return
    started = time.monotonic()
    with pytest.raises(requests.ReadTimeout):
        tester.post(
            f"{server.url}{EVENT}/reservations",
            json={"seats": 2},
            headers={"Idempotency-Key": "order-1", "TicketBoss-Simulate": f"slow={SLOW_MS}"},
            timeout=SLOW_MS / 4_000,
        )
    assert _reserve(tester, server, None).headers["Idempotent-Replayed"] == "true"
    assert time.monotonic() - started < SLOW_MS / 1_000
    started = time.monotonic()
    assert _reserve(tester, server, f"slow={SLOW_MS}").status_code == 201
    assert time.monotonic() - started >= SLOW_MS / 1_000
