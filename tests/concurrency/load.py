"""Partners that keep asking, whatever happens to the server, until each request is settled."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import requests

from tests.concurrency.background import Background
from tests.concurrency.clients import Client
from tests.concurrency.watching import wait_until
from tests.server import Server

SETTLE_SECONDS_MAX = 60.0
RETRY_PAUSE_SECONDS = 0.02
SEATS = 2


@dataclass(frozen=True, slots=True)
class Settled:
    """One request with its key and the success that was acknowledged for it."""

    key: str
    kind: str
    reservation_id: str
    version: int


class Load(Background):
    """Clients that reserve, and cancel every third time, as long as the block lasts.

    Each request has a key of its own and is sent again with it after a lost connection or a 503.
    """

    def __init__(self, server: Server, clients: int) -> None:
        super().__init__(clients)
        self._server = server
        self.settled: list[Settled] = []
        self.interruptions: list[str] = []

    def wait_for_more(self, count: int) -> None:
        """Return when so many further requests were settled."""
        goal = len(self.settled) + count
        wait_until(lambda: len(self.settled) >= goal, "the load came to a halt")

    def _run(self, number: int) -> None:
        with Client(self._server.url, f"partner-{number}") as client:
            step = 0
            while not self._stopping.is_set():
                reservation_id = self._reserve(client, f"reserve-{number}-{step}")
                if step % 3 == 2:
                    self._cancel(client, f"cancel-{number}-{step}", reservation_id)
                step += 1

    def _reserve(self, client: Client, key: str) -> str:
        answer = settled(lambda: client.reserve(SEATS, key), 201, self.interruptions)
        reservation_id: str = answer.json()["reservationId"]
        version = int(answer.headers["TicketBoss-Version"])
        self.settled.append(Settled(key, "reserved", reservation_id, version))
        return reservation_id

    def _cancel(self, client: Client, key: str, reservation_id: str) -> None:
        answer = settled(lambda: client.cancel(reservation_id, key), 204, self.interruptions)
        version = int(answer.headers["TicketBoss-Version"])
        self.settled.append(Settled(key, "cancelled", reservation_id, version))


def settled(
    ask: Callable[[], requests.Response], expected_status: int, interruptions: list[str]
) -> requests.Response:
    """The answer with this status, however often it takes; what came between is noted.

    Lost connections and 503 are asked again, any other answer fails the test.
    """
    deadline = time.monotonic() + SETTLE_SECONDS_MAX
    while time.monotonic() < deadline:
        try:
            answer = ask()
        except requests.RequestException as error:
            interruptions.append(repr(error))
        else:
            if answer.status_code == expected_status:
                return answer
            assert answer.status_code == 503, answer.text
            interruptions.append(answer.text)
        time.sleep(RETRY_PAUSE_SECONDS)
    raise AssertionError(f"Not settled in time; the last: {interruptions[-1]}")
