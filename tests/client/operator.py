"""What operators do to a real server, so that a partner's client has something to do."""

import json
from itertools import count
from typing import Any

import requests

from tests.server import Server
from ticketboss.client import Client

PARTNER = "acme"
SECONDS_MAX = 30.0


def make_key(server: Server, *options: str) -> str:
    """An API key from the command line."""
    made = server.command("keys", "create", *options, "--json")
    assert made.returncode == 0, made.stdout + made.stderr
    key: str = json.loads(made.stdout)["key"]
    return key


class Operator:
    """Has a server in keys mode, makes events on it and clients of partners for them."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._key = make_key(server, "--operator")
        self.partner_key = make_key(server, "--partner", PARTNER)
        self._numbers = count(1)

    def new_event(self, seats: int = 100, **settings: Any) -> str:
        """Put an event on sale; `settings` are members of the body."""
        event_id = f"event-{next(self._numbers)}"
        body = {"eventId": event_id, "name": event_id, "totalSeats": seats, **settings}
        self._post("/events", body)
        return event_id

    def cancel_event(self, event_id: str) -> None:
        """End an event for good."""
        self._post(f"/events/{event_id}/cancel", {})

    def client(self, event_id: str, url: str | None = None, **settings: Any) -> Client:
        """The client of the partner, at a URL of its own if it does not go to the server itself."""
        quick = {"backoff_seconds": 0.01, **settings}
        return Client(url or self.server.url, self.partner_key, event_id=event_id, **quick)

    def _post(self, path: str, body: dict[str, Any]) -> None:
        headers = {"Authorization": f"Bearer {self._key}"}
        with requests.post(
            self.server.url + path, json=body, headers=headers, timeout=SECONDS_MAX
        ) as answer:
            assert answer.ok, answer.text
