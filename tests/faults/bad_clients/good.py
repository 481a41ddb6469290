"""Well-behaved clients, who note how long they waited for each answer."""

import http.client
import json
import math
import time
from collections.abc import Sequence
from contextlib import closing
from statistics import median
from typing import Any

from tests.concurrency.background import Background
from tests.server import Server

CLIENTS = 4
PAUSE_SECONDS = 0.01
ANSWER_SECONDS_MAX = 30.0
PARTNER_ID = "good-client"


class GoodClients(Background):
    """They reserve, read and cancel as long as the block lasts.

    Every second of them opens a new connection for each round, which is then part of the wait.
    """

    def __init__(self, server: Server, name: str) -> None:
        super().__init__(CLIENTS)
        self._port = server.port
        self._name = name
        self.seconds: list[float] = []

    def _run(self, number: int) -> None:
        connection = self._connection()
        step = 0
        while not self._stopping.is_set():
            if number % 2:
                connection.close()
            self._round(connection, f"{self._name}-{number}-{step}")
            step += 1
        connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_SECONDS_MAX)

    def _round(self, connection: http.client.HTTPConnection, key: str) -> None:
        body = json.dumps({"partnerId": PARTNER_ID, "seats": 1})
        made = self._ask(connection, 201, "POST", "/reservations", key, body)
        url = f"/reservations/{made['reservationId']}"
        self._ask(connection, 200, "GET", url)
        self._ask(connection, 200, "GET", "/")
        self._ask(connection, 204, "DELETE", url, f"{key}-bye")

    def _ask(
        self,
        connection: http.client.HTTPConnection,
        status: int,
        method: str,
        url: str,
        key: str = "",
        body: str | None = None,
    ) -> Any:
        headers = {"Content-Type": "application/json"} if body else {}
        headers |= {"Idempotency-Key": key} if key else {}
        began = time.perf_counter()
        connection.request(method, url, body, headers)
        with closing(connection.getresponse()) as answer:
            received = answer.read()
            assert answer.status == status, received
        self.seconds.append(time.perf_counter() - began)
        time.sleep(PAUSE_SECONDS)
        return json.loads(received) if received else None


def interval_seconds(seconds: Sequence[float]) -> float:
    """The time from one request of a client to its next: the usual wait, and the pause."""
    return median(seconds) + PAUSE_SECONDS


def with_missed(seconds: Sequence[float], interval: float) -> list[float]:
    """The waits, and those of the requests that a client would have sent while it waited.

    Who waits asks nothing, so all would miss but the first request of a time in which nobody is
    answered ("coordinated omission"). HdrHistogram's recordValueWithExpectedInterval does the same:
    https://hdrhistogram.github.io/HdrHistogram/JavaDoc/org/HdrHistogram/ValueRecorder.html
    """
    found = list(seconds)
    for waited in seconds:
        missed = waited - interval
        while missed >= interval:
            found.append(missed)
            missed -= interval
    return found


def p99(seconds: Sequence[float]) -> float:
    """What 99 of 100 did not exceed."""
    return sorted(seconds)[math.ceil(len(seconds) * 0.99) - 1]
