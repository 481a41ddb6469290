"""Several requests at once on one connection, and connections that are closed by half."""

import re
import time

import pytest

from tests.api.test_wire_smuggling import event_version, statuses
from tests.api.wire import Wire
from tests.server import Server

HOST = b"Host: localhost"
JSON = b"Content-Type: application/json"
BODY = b'{"partnerId":"abc-corp","seats":1}'
POST = (b"POST /reservations HTTP/1.1", HOST, JSON, b"Content-Length: %d" % len(BODY))
AT_ONCE = 20
CLOSED_SECONDS_MAX = 5.0


def request(*lines: bytes, body: bytes = b"") -> bytes:
    """A request as bytes."""
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def test_requests_that_come_at_once_are_answered_in_their_order(live: Server) -> None:
    urls = [b"/healthz", b"/nothing", b"/", b"/readyz"] * (AT_ONCE // 4)
    sent = [
        request(b"GET " + url + b" HTTP/1.1", HOST, b"X-Request-Id: order-%d" % number)
        for number, url in enumerate(urls)
    ]
    with Wire(live.port) as wire:
        wire.send_bytes(b"".join(sent))
        wire.end_sending()
        received = wire.everything()

    order = re.findall(rb"\r\nX-Request-Id: order-(\d+)\r\n", received)
    assert [int(number) for number in order] == [*range(AT_ONCE)]
    assert statuses(received) == [200, 404, 200, 200] * (AT_ONCE // 4)


def test_bodies_that_come_at_once_are_told_apart(live: Server) -> None:
    with Wire(live.port) as wire:
        wire.send_bytes(
            request(*POST, body=BODY)
            + request(*POST, body=b"{" * len(BODY))
            + request(*POST, body=BODY)
        )
        wire.end_sending()

        assert statuses(wire.everything()) == [201, 400, 201]


def test_what_comes_behind_a_malformed_request_is_not_done(live: Server) -> None:
    before = event_version(live)
    with Wire(live.port) as wire:
        wire.send_bytes(
            request(b"GET /healthz HTTP/1.1", HOST)
            + request(b"GET /healthz HTTP/1.1", HOST, b"X Y: 1")
            + request(*POST, body=BODY)
        )
        wire.end_sending()

        assert statuses(wire.everything()) == [200, 400]
    assert event_version(live) == before


def test_client_that_has_said_all_still_gets_its_answer(live: Server) -> None:
    with Wire(live.port) as wire:
        wire.send_bytes(request(*POST, body=BODY))
        wire.end_sending()

        assert statuses(wire.everything()) == [201]


@pytest.mark.parametrize(
    "half",
    [b"", b"GET", b"GET / HTTP/1.1\r\nHost: lo", request(*POST, body=BODY[:-1]), request(*POST)],
    ids=["nothing", "method", "head", "body", "no body"],
)
def test_half_a_request_has_no_effect_and_keeps_no_connection(live: Server, half: bytes) -> None:
    before = event_version(live)
    began = time.monotonic()
    with Wire(live.port) as wire:
        wire.send_bytes(half)
        wire.end_sending()

        assert statuses(wire.everything()) in ([], [400])
    assert time.monotonic() - began < CLOSED_SECONDS_MAX
    assert event_version(live) == before


def test_connection_is_closed_behind_the_last_request_that_says_so(live: Server) -> None:
    with Wire(live.port) as wire:
        wire.send_bytes(
            request(b"GET /healthz HTTP/1.1", HOST, b"Connection: close")
            + request(*POST, body=BODY)
        )

        assert statuses(wire.everything()) == [200]
