"""No request hidden in another one is ever done, however the other one gives its length."""

import re

import pytest

from tests.api.wire import Wire
from tests.faults.bad_clients.smuggling import HIDDEN, attempts
from tests.server import Server

HOST = b"Host: localhost"
ATTEMPTS = attempts()
STATUS_LINE = re.compile(rb"(?:^|(?<=[\r\n}]))HTTP/1\.1 (\d{3}) ")


def event_version(live: Server) -> str:
    """The event's tag, which changes with every effect."""
    with Wire(live.port) as connection:
        return connection.ask(b"GET / HTTP/1.1", HOST).headers["ETag"]


def statuses(received: bytes) -> list[int]:
    """The statuses of all answers on a connection."""
    return [int(status) for status in STATUS_LINE.findall(received)]


@pytest.mark.parametrize("name", ATTEMPTS)
def test_hidden_request_is_not_done(live: Server, name: str) -> None:
    before = event_version(live)

    with Wire(live.port) as wire:
        wire.send_bytes(ATTEMPTS[name])
        wire.end_sending()
        found = statuses(wire.everything())

    assert found, "the first request is answered"
    assert set(found) <= {400, 411, 413, 414, 431, 501}
    assert event_version(live) == before


def test_hidden_request_is_one_that_would_be_done(live: Server) -> None:
    before = event_version(live)

    with Wire(live.port) as wire:
        wire.send_bytes(HIDDEN + HIDDEN)
        wire.end_sending()

        assert statuses(wire.everything()) == [201, 201]
    assert event_version(live) != before


@pytest.mark.parametrize(
    "target", [b"http://evil.example/", b"http://evil.example:80/reservations", b"http://[/", b"h:"]
)
def test_whole_url_of_a_foreign_host_is_refused_in_open_mode(live: Server, target: bytes) -> None:
    with Wire(live.port) as wire:
        answer = wire.ask(b"GET " + target + b" HTTP/1.1", HOST)

    assert answer.status in (400, 403, 404)


def test_upgrade_to_http_2_is_passed_over(live: Server) -> None:
    with Wire(live.port) as wire:
        answer = wire.ask(
            b"GET /healthz HTTP/1.1",
            HOST,
            b"Connection: Upgrade, HTTP2-Settings",
            b"Upgrade: h2c",
            b"HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA",
        )

        assert answer.status == 200
        assert wire.ask(b"GET /healthz HTTP/1.1", HOST).status == 200
