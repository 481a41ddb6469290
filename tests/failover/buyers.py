"""Partners that keep asking until each request is settled, and remember what they were told."""

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count, pairwise

import requests

from tests.concurrency.background import Background
from tests.concurrency.clients import Client
from tests.concurrency.load import SEATS, settled
from tests.concurrency.watching import DEFAULT_EVENT, wait_until
from tests.server import Server

PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One request that was told that it was done; `at` in monotonic seconds."""

    event_id: str
    key: str | None
    kind: str
    reservation_id: str
    version: int
    at: float


class Buyers(Background):
    """Clients that reserve, and cancel every third time, each on one of the events.

    Each request has a key of its own, which begins with `name`, and is sent again with it after
    a lost connection or a 503. Without a name there are no keys.
    """

    def __init__(
        self,
        server: Server,
        clients: int,
        name: str | None,
        event_ids: Sequence[str] = (DEFAULT_EVENT,),
    ) -> None:
        super().__init__(clients)
        self._server = server
        self._name = name
        self._event_ids = event_ids
        self.acknowledged: list[Acknowledged] = []
        self.interruptions: list[str] = []
        # The longest that a request took to be answered with anything.
        self.slowest_seconds = 0.0

    def wait_for_more(self, count: int) -> None:
        """Return when so many further requests were acknowledged."""
        goal = len(self.acknowledged) + count
        self.wait_until(lambda: len(self.acknowledged) >= goal, "no more writes get through")

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Return when something has come about; raises what a client raised until then."""

        def has_come_about() -> bool:
            for client in self._running:
                if client.done():
                    client.result()
            return condition()

        wait_until(has_come_about, what, PATIENCE_SECONDS)

    def longest_gap_seconds(self) -> float:
        """The longest time between two writes that were acknowledged one after the other."""
        times = sorted(done.at for done in self.acknowledged)
        return max(later - earlier for earlier, later in pairwise(times))

    def codes(self) -> Counter[str]:
        """How often each thing came between; `connection` for answers that were lost."""
        return Counter(map(_code, self.interruptions))

    def _run(self, number: int) -> None:
        event_id = self._event_ids[number % len(self._event_ids)]
        with Client(self._server.url, f"partner-{number}", event_id=event_id) as client:
            for step in count():
                if self._stopping.is_set():
                    return
                key = self._name and f"{self._name}-{number}-{step}"
                reservation_id = self._reserve(client, event_id, key)
                if step % 3 == 2:
                    self._cancel(client, event_id, key and f"{key}-cancel", reservation_id)

    def _reserve(self, client: Client, event_id: str, key: str | None) -> str:
        answer = self._settled(lambda: client.reserve(SEATS, key), 201)
        reservation_id: str = answer.json()["reservationId"]
        self._remember(answer, event_id, key, "reserved", reservation_id)
        return reservation_id

    def _cancel(self, client: Client, event_id: str, key: str | None, reservation_id: str) -> None:
        answer = self._settled(lambda: client.cancel(reservation_id, key), 204)
        self._remember(answer, event_id, key, "cancelled", reservation_id)

    def _remember(
        self,
        answer: requests.Response,
        event_id: str,
        key: str | None,
        kind: str,
        reservation_id: str,
    ) -> None:
        version = int(answer.headers["TicketBoss-Version"])
        self.acknowledged.append(
            Acknowledged(event_id, key, kind, reservation_id, version, time.monotonic())
        )

    def _settled(self, ask: Callable[[], requests.Response], status: int) -> requests.Response:
        return settled(lambda: self._timed(ask), status, self.interruptions)

    def _timed(self, ask: Callable[[], requests.Response]) -> requests.Response:
        started = time.monotonic()
        try:
            return ask()
        finally:
            self.slowest_seconds = max(self.slowest_seconds, time.monotonic() - started)


def _code(interruption: str) -> str:
    try:
        code: str = json.loads(interruption)["code"]
    except ValueError:
        return "connection"
    return code
