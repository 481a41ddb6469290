"""Partners' clients, each with its own connection, and ways to let many of them loose at once."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self, TypeVar

import requests

from tests.server import Server

Told = TypeVar("Told")

REQUEST_SECONDS_MAX = 30.0
RELEASE_SECONDS_MAX = 60.0
PARTNER_ID = "abc-corp"


class Client:
    """What a partner's back-end does with an event, over one kept-alive connection.

    Without an `event_id` it is the default event, by the short URLs. `api_key` is sent with every
    request if given.
    """

    def __init__(
        self,
        url: str,
        partner_id: str = PARTNER_ID,
        api_key: str | None = None,
        event_id: str | None = None,
    ) -> None:
        self._url = url
        self._partner_id = partner_id
        self._reservations = f"/events/{event_id}/reservations" if event_id else "/reservations"
        self._session = requests.Session()
        # Neither a proxy of the developer's nor a search for one per request.
        self._session.trust_env = False
        if api_key is not None:
            self._session.headers["Authorization"] = f"Bearer {api_key}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connection up."""
        self._session.close()

    def send_always(self, headers: Mapping[str, str]) -> None:
        """Add headers to every request from now on."""
        self._session.headers.update(headers)

    def reserve(self, seats: int, key: str | None = None, **members: Any) -> requests.Response:
        """POST a reservation; `members` are further members of the body."""
        body = {"partnerId": self._partner_id, "seats": seats, **members}
        return self.send("POST", self._reservations, key, body)

    def reserve_many(
        self, seats: Sequence[int], key: str | None = None, **members: Any
    ) -> requests.Response:
        """POST a bulk of reservations of so many seats; `members` are further members of it."""
        items = [{"seats": count} for count in seats]
        body = {"partnerId": self._partner_id, "items": items, **members}
        return self.send("POST", f"{self._reservations}/bulk", key, body)

    def hold(self, seats: int, seconds: int) -> requests.Response:
        """POST a hold."""
        return self.reserve(seats, holdSeconds=seconds)

    def confirm(self, reservation_id: str) -> requests.Response:
        """POST the confirmation of a hold."""
        return self.send("POST", f"{self._reservations}/{reservation_id}/confirm")

    def change(self, reservation_id: str, seats: int) -> requests.Response:
        """PATCH the seats of a reservation."""
        return self.send("PATCH", f"{self._reservations}/{reservation_id}", body={"seats": seats})

    def cancel(self, reservation_id: str, key: str | None = None) -> requests.Response:
        """DELETE a reservation."""
        return self.send("DELETE", f"{self._reservations}/{reservation_id}", key)

    def read_event(self) -> requests.Response:
        """GET the event."""
        return self.get(self._reservations.removesuffix("/reservations") or "/reservations")

    def get(self, path: str) -> requests.Response:
        """GET any path."""
        return self.send("GET", path)

    def summary(self) -> dict[str, Any]:
        """The default event as it stands."""
        summary: dict[str, Any] = self.get("/reservations").json()
        return summary

    def send(
        self, method: str, path: str, key: str | None = None, body: dict[str, Any] | None = None
    ) -> requests.Response:
        """Send any request; `key` is its idempotency key."""
        answer = self._session.request(
            method,
            self._url + path,
            json=body,
            headers={} if key is None else {"Idempotency-Key": key},
            timeout=REQUEST_SECONDS_MAX,
        )
        # An answer without a body would keep its connection until it is collected as garbage,
        # and a stopping server would wait for it.
        answer.close()
        return answer


def crowd(
    server: Server,
    count: int,
    action: Callable[[Client, int], Told],
    partner_id: str | None = None,
    api_keys: Sequence[str | None] = (None,),
) -> list[Told]:
    """Run `action(client, number)` for as many clients, all released at the same moment.

    Each is a partner of its own, unless a `partner_id` is given for all; they take the
    `api_keys` in turn.
    """
    barrier = threading.Barrier(count)

    def take_part(number: int) -> Told:
        api_key = api_keys[number % len(api_keys)]
        with Client(server.url, partner_id or f"partner-{number}", api_key) as client:
            barrier.wait(RELEASE_SECONDS_MAX)
            return action(client, number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(take_part, range(count)))


def summary_of(server: Server) -> dict[str, Any]:
    """The default event of a server, read over a connection of its own."""
    with Client(server.url) as client:
        return client.summary()


def statuses(answers: Sequence[requests.Response]) -> dict[int, int]:
    """How often each status was answered."""
    found = [answer.status_code for answer in answers]
    return {status: found.count(status) for status in set(found)}


def codes(answers: Sequence[requests.Response]) -> set[str]:
    """The problem codes among the answers."""
    return {answer.json()["code"] for answer in answers if answer.status_code >= 400}


def reserve_surely(server: Server, seats: int) -> str:
    """Make a reservation of the default partner's and give its id."""
    with Client(server.url) as client:
        answer = client.reserve(seats)
    assert answer.status_code == 201, answer.text
    reservation_id: str = answer.json()["reservationId"]
    return reservation_id
