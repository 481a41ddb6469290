"""Clients that go on asking with one key, each time over a fresh connection."""

import json
import time
from dataclasses import dataclass
from http.client import HTTPConnection

from tests.concurrency.background import Background
from tests.concurrency.clients import REQUEST_SECONDS_MAX
from tests.concurrency.watching import wait_until
from tests.server import Server


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: when it was sent, in monotonic seconds, and what was answered."""

    sent_at: float
    status: int
    request_id: str


class Hammer(Background):
    """Reads and reserves in turn with an API key, from several clients, while the block lasts.

    A connection of its own for each request lets every worker have its share.
    """

    def __init__(self, server: Server, api_key: str, clients: int) -> None:
        super().__init__(clients)
        self._port = server.port
        self._headers = {
            "Authorization": f"Bearer {api_key}",
            "Content-Type": "application/json",
            "Connection": "close",
        }
        self.asked: list[Asked] = []

    def wait_for(self, status: int, count: int) -> None:
        """Return when so many further requests have had this status."""
        seen = len(self.asked)
        wait_until(
            lambda: sum(asked.status == status for asked in self.asked[seen:]) >= count,
            f"too few were answered {status}",
        )

    def _run(self, _: int) -> None:
        while not self._stopping.is_set():
            self._ask("GET", None)
            self._ask("POST", json.dumps({"seats": 1}))

    def _ask(self, method: str, body: str | None) -> None:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=REQUEST_SECONDS_MAX)
        try:
            sent_at = time.monotonic()
            connection.request(method, "/reservations", body, self._headers)
            response = connection.getresponse()
            response.read()
        finally:
            connection.close()
        request_id = response.headers["X-Request-Id"]
        self.asked.append(Asked(sent_at, response.status, request_id))
