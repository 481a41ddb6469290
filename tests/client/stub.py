"""An HTTP server that answers as it is told to, or not at all."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

API_KEY = "tb_live_secretsecretsecret"
EVENT = "gala"


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it came; `at` is in monotonic seconds, `port` the client's."""

    method: str
    target: str
    headers: Message
    body: bytes
    at: float
    port: int

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The members of the query."""
        return dict(parse_qsl(urlsplit(self.target).query))

    @property
    def document(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Told:
    """What to answer; a body that is no text is sent as JSON."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def sent(self) -> bytes:
        """The body as it is sent."""
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return b"" if self.body is None else text.encode()


@dataclass(frozen=True, slots=True)
class Raw:
    """These bytes, with a pause behind each piece; for ever, if the pieces have no end."""

    pieces: Iterable[bytes]
    pause_seconds: float = 0


class Lost:
    """The connection ends without an answer."""


class Silence:
    """The connection stays, without an answer, until the stub is closed."""


Reaction = Told | Raw | Lost | Silence


def problem(status: int, code: str, retryable: bool = False, **more: Any) -> Told:
    """A problem document; headers go in as `headers`, all else as further members."""
    headers: Mapping[str, str] = more.pop("headers", {})
    members = {"title": code, "detail": f"About {code}.", "requestId": "r-1", "error": code}
    return Told(
        status,
        {"status": status, "code": code, "retryable": retryable, **members, **more},
        headers,
    )


def reservation(**members: Any) -> dict[str, Any]:
    """A reservation as a write answers it."""
    return {
        "reservationId": "r1",
        "eventId": EVENT,
        "partnerId": "acme",
        "reference": None,
        "seats": 2,
        "status": "confirmed",
        "createdAt": "2026-12-01T12:00:00.250Z",
        "version": 7,
        "availableSeats": 93,
        **members,
    }


def event(**members: Any) -> dict[str, Any]:
    """An event as it stands."""
    return {
        "eventId": EVENT,
        "name": "Gala",
        "totalSeats": 100,
        "availableSeats": 93,
        "heldSeats": 2,
        "reservedSeats": 5,
        "reservationCount": 1,
        "saleState": "open",
        "version": 7,
        "seatsPerReservationMax": 10,
        "seatsPerPartnerMax": None,
        "openHoldsPerPartnerMax": 100,
        "holdSecondsTotalMax": 900,
        "onSaleFrom": "2026-12-01T12:00:00.000Z",
        "onSaleUntil": None,
        "paused": False,
        "isTest": False,
        **members,
    }


def entry(version: int, **members: Any) -> dict[str, Any]:
    """An entry of the ledger, as it is shown of another partner."""
    return {
        "version": version,
        "kind": "reserved",
        "at": "2026-12-01T12:00:00.250Z",
        "seats": 2,
        "seatsBefore": None,
        "totalSeats": 100,
        "availableSeats": 98,
        "heldSeats": 0,
        "reservationCount": 1,
        **members,
    }


RESERVED = Told(201, reservation())


class Stub:
    """Serves on loopback inside its block. `react` decides; `seen` are the requests so far.

    It closes each connection behind its answer unless it `keeps_alive`.
    """

    def __init__(self, react: Callable[[Seen], Reaction], keeps_alive: bool = False) -> None:
        self.react = react
        self._keeps_alive = keeps_alive
        self.seen: list[Seen] = []
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def keys(self) -> list[str | None]:
        """The idempotency keys of the requests so far."""
        return [seen.headers.get("Idempotency-Key") for seen in self.seen]

    def _answer(self, to: BaseHTTPRequestHandler, reaction: Reaction) -> None:
        match reaction:
            case Silence():
                self._closing.wait()
            case Raw(pieces, pause_seconds):
                with suppress(OSError):
                    for piece in pieces:
                        to.wfile.write(piece)
                        if self._closing.wait(pause_seconds):
                            break
            case Told(status, _, headers):
                to.send_response(status)
                length = {"Content-Length": str(len(reaction.sent))}
                for name, value in {**length, **headers}.items():
                    to.send_header(name, value)
                to.end_headers()
                to.wfile.write(reaction.sent)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1" if stub._keeps_alive else "HTTP/1.0"

            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65_537)
                if not self.raw_requestline or not self.parse_request():
                    self.close_connection = True
                    return
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                at, port = time.monotonic(), self.client_address[1]
                seen = Seen(self.command, self.path, self.headers, body, at, port)
                stub.seen.append(seen)
                self.close_connection = not stub._keeps_alive
                stub._answer(self, stub.react(seen))

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as inherited
                """Say nothing."""

        return Handler


def in_turn(*reactions: Reaction) -> Callable[[Seen], Reaction]:
    """React so to the first, second ... request, and to all further ones as to the last."""
    left = list(reactions)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]
