"""Requests that only a broken or a hostile client sends, as bytes to a real server."""

from collections.abc import Iterator

import pytest

from tests.api.wire import Wire
from tests.server import Server

HOST = b"Host: localhost"
JSON = b"Content-Type: application/json"
BODY = b'{"partnerId":"abc-corp","seats":1}'
LENGTH = b"Content-Length: %d" % len(BODY)
CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
POST = b"POST /reservations HTTP/1.1"


@pytest.fixture
def wire(live: Server) -> Iterator[Wire]:
    with Wire(live.port) as connection:
        yield connection


def event_version(live: Server) -> bytes:
    """The event's tag, which changes with every effect."""
    with Wire(live.port) as connection:
        return connection.ask(b"GET / HTTP/1.1", HOST).headers["ETag"].encode()


def test_missing_host_is_refused(wire: Wire) -> None:
    answer = wire.ask(b"GET /reservations HTTP/1.1")

    assert "Host" in answer.problem(400, "invalid_header")["detail"]


@pytest.mark.parametrize("line", [POST, b"GET /nothing HTTP/1.1", b"GET /healthz HTTP/1.1"])
def test_missing_host_is_refused_at_every_url(wire: Wire, line: bytes) -> None:
    wire.ask(line).problem(400, "invalid_header")


def test_old_http_needs_no_host(wire: Wire) -> None:
    assert wire.ask(b"GET /reservations HTTP/1.0").status == 200


def test_second_host_is_refused(wire: Wire) -> None:
    wire.ask(b"GET / HTTP/1.1", HOST, b"Host: other.test").problem(400, "bad_request")


def test_chunked_body_is_refused_and_the_connection_ends(live: Server, wire: Wire) -> None:
    before = event_version(live)

    answer = wire.ask(POST, HOST, JSON, b"Transfer-Encoding: chunked", body=CHUNKED)

    answer.problem(411, "length_required")
    assert answer.headers["Connection"] == "close"
    assert wire.everything() == b""
    assert event_version(live) == before


def test_body_beyond_what_is_skipped_is_refused_and_the_connection_ends(wire: Wire) -> None:
    answer = wire.ask(POST, HOST, JSON, b"Content-Length: 600000", body=b" " * 1_000)

    answer.problem(413, "body_too_large")
    assert answer.headers["Connection"] == "close"
    assert wire.everything() == b""


def test_chunked_body_beyond_the_limit_is_not_cut_and_taken(live: Server, wire: Wire) -> None:
    before = event_version(live)
    body = BODY + b" " * 20_000
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)

    answer = wire.ask(POST, HOST, JSON, b"Transfer-Encoding: chunked", body=chunked)

    answer.problem(411, "length_required")
    assert event_version(live) == before


def test_too_long_body_leaves_the_connection_in_step(wire: Wire) -> None:
    answer = wire.ask(POST, HOST, JSON, b"Content-Length: 20000", body=b" " * 20_000)

    answer.problem(413, "body_too_large")
    assert wire.ask(b"GET /healthz HTTP/1.1", HOST).body == b'{"status":"alive"}'


@pytest.mark.parametrize("method", [b"GET", b"DELETE", b"PUT"])
def test_body_where_none_is_expected_is_not_taken_for_a_request(wire: Wire, method: bytes) -> None:
    hidden = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    wire.ask(
        method + b" /reservations/unknown HTTP/1.1",
        HOST,
        b"Content-Length: %d" % len(hidden),
        body=hidden,
    )

    assert wire.ask(b"GET /readyz HTTP/1.1", HOST).body == b'{"status":"ready"}'


def test_body_shorter_than_announced_is_refused(live: Server, wire: Wire) -> None:
    before = event_version(live)

    wire.send(POST, HOST, JSON, b"Content-Length: %d" % (len(BODY) + 1), body=BODY)
    wire.end_sending()

    wire.answer("POST").problem(400, "bad_request")
    assert event_version(live) == before


@pytest.mark.parametrize(
    "framing",
    [
        (LENGTH, b"Transfer-Encoding: chunked"),
        (LENGTH, b"Content-Length: 1"),
        (b"Transfer-Encoding: gzip",),
        (b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity"),
        (b"Content-Length: abc",),
        (b"Content-Length: -1",),
        (b"Content-Length: +34",),
        (b"Content-Length: 3_4",),
        (b"Content-Length: 34, 34",),
    ],
)
def test_framing_that_can_be_read_two_ways_has_no_effect(
    live: Server, wire: Wire, framing: tuple[bytes, ...]
) -> None:
    before = event_version(live)

    answer = wire.ask(POST, HOST, JSON, *framing, body=BODY)

    assert answer.status in (400, 411)
    answer.problem(answer.status, "bad_request" if answer.status == 400 else "length_required")
    assert event_version(live) == before


@pytest.mark.parametrize(
    "keys",
    [(b"one", b"two"), (b"same", b"same"), (b'"one"', b'"two"'), (b"", b"two")],
    ids=["different", "same", "quoted", "empty first"],
)
def test_two_idempotency_keys_are_refused(
    live: Server, wire: Wire, keys: tuple[bytes, ...]
) -> None:
    before = event_version(live)
    headers = [b"Idempotency-Key: " + key for key in keys]

    wire.ask(POST, HOST, JSON, LENGTH, *headers, body=BODY).problem(400, "invalid_header")

    assert event_version(live) == before


def test_key_beyond_ascii_is_refused(wire: Wire) -> None:
    key = "Idempotency-Key: ключ".encode()

    answer = wire.ask(POST, HOST, JSON, LENGTH, key, body=BODY)

    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_two_request_ids_are_replaced(wire: Wire) -> None:
    answer = wire.ask(b"GET / HTTP/1.1", HOST, b"X-Request-Id: one", b"X-Request-Id: two")

    assert "," not in answer.headers["X-Request-Id"]
    assert answer.headers["X-Request-Id"] not in ("one", "two")


def test_header_with_an_underscore_does_not_pass_for_ours(wire: Wire) -> None:
    answer = wire.ask(b"GET / HTTP/1.1", HOST, b"X_Request_Id: forged")

    assert answer.headers.get("X-Request-Id") != "forged"


def test_two_if_match_headers_are_one_list(live: Server, wire: Wire) -> None:
    etag = event_version(live)

    answer = wire.ask(
        POST, HOST, JSON, LENGTH, b'If-Match: "987654321"', b"If-Match: " + etag, body=BODY
    )

    assert answer.status == 201


def test_client_that_asks_before_it_sends_the_body_is_told_to_go_on(wire: Wire) -> None:
    # http.client passes over the interim answer, as it should.
    answer = wire.ask(POST, HOST, JSON, LENGTH, b"Expect: 100-continue", body=BODY)

    assert answer.status == 201


def test_absolute_url_is_understood(wire: Wire) -> None:
    answer = wire.ask(b"GET http://localhost/reservations HTTP/1.1", HOST)

    assert answer.status == 200
