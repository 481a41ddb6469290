"""What the server refuses before the application sees it: problem documents, never HTML."""

from collections.abc import Iterator

import pytest
import requests

from tests.api.documented import documented
from tests.api.wire import Wire, WireAnswer
from tests.server import Server
from ticketboss.api import content_security

HOST = b"Host: localhost"
GET = b"GET / HTTP/1.1"

REFUSALS: dict[str, tuple[tuple[bytes, ...], int, str]] = {
    "no request line": ((b"rubbish",), 400, "bad_request"),
    "TLS to a plain port": ((b"\x16\x03\x01\x02\x00\x01\x00",), 400, "bad_request"),
    "two words": ((b"GET /",), 400, "bad_request"),
    "two spaces": ((b"GET  / HTTP/1.1", HOST), 400, "bad_request"),
    "space in the URL": ((b"GET /a b HTTP/1.1", HOST), 400, "bad_request"),
    "raw bytes in the URL": ((b"GET /reservations/\xff\xfe HTTP/1.1", HOST), 400, "bad_request"),
    "unknown version": ((b"GET / HTTP/9.9", HOST), 400, "bad_request"),
    "no HTTP": ((b"GET / SPDY/1.1", HOST), 400, "bad_request"),
    "sign in the method": ((b"G<script>T / HTTP/1.1", HOST), 400, "bad_request"),
    "small method": ((b"get / HTTP/1.1", HOST), 400, "bad_request"),
    "space in a header's name": ((GET, HOST, b"X Y: 1"), 400, "bad_request"),
    "space before the colon": ((GET, HOST, b"X-Y : 1"), 400, "bad_request"),
    "no colon": ((GET, HOST, b"X-Y"), 400, "bad_request"),
    "folded header": ((GET, HOST, b"X-Y: 1", b" 2"), 400, "bad_request"),
    "bare line feed": ((GET, HOST, b"X-Y: 1\nX-Z: 2"), 400, "bad_request"),
    "line feeds alone": ((GET + b"\n" + HOST + b"\n",), 400, "bad_request"),
    "NUL in a header": ((GET, HOST, b"X-Y: a\x00b"), 400, "bad_request"),
    "too long URL": ((b"GET /" + b"a" * 5_000 + b" HTTP/1.1", HOST), 414, "uri_too_long"),
    "too long query": ((b"GET /?" + b"a" * 5_000 + b" HTTP/1.1", HOST), 414, "uri_too_long"),
    "too long header": ((GET, HOST, b"X-Y: " + b"a" * 9_000), 431, "headers_too_large"),
    "too many headers": (
        (GET, HOST, *(b"X-%d: 1" % number for number in range(60))),
        431,
        "headers_too_large",
    ),
    "unknown expectation": ((GET, HOST, b"Expect: a-miracle"), 417, "expectation_failed"),
    "unknown transfer coding": ((GET, HOST, b"Transfer-Encoding: x"), 501, "not_implemented"),
}


@pytest.fixture
def wire(live: Server) -> Iterator[Wire]:
    with Wire(live.port) as connection:
        yield connection


def refusal(wire: Wire, name: str) -> WireAnswer:
    """The server's answer to one of REFUSALS."""
    lines, _, _ = REFUSALS[name]
    return wire.ask(*lines)


@pytest.mark.parametrize("name", REFUSALS)
def test_server_refuses_with_a_problem_document(wire: Wire, name: str) -> None:
    _, status, code = REFUSALS[name]

    document = refusal(wire, name).problem(status, code)

    assert document["retryable"] is False
    assert len(document["detail"]) < 500


@pytest.mark.parametrize("name", REFUSALS)
def test_document_shows_what_the_server_refuses_by_itself(
    live: Server, wire: Wire, name: str
) -> None:
    document = documented(requests.get(f"{live.url}/openapi.json", timeout=10).content)

    answer = refusal(wire, name)

    for path in ("/", "/healthz", "/events/node-meetup-2025"):
        document.check("GET", path, answer.status, answer.headers, answer.body)


@pytest.mark.parametrize("name", REFUSALS)
def test_refusal_has_the_headers_of_any_other(wire: Wire, name: str) -> None:
    answer = refusal(wire, name)
    _, status, code = REFUSALS[name]

    assert answer.problem(status, code)["requestId"] == answer.headers["X-Request-Id"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] == content_security.NOTHING


def test_server_still_answers_after_all_that(live: Server) -> None:
    for name in REFUSALS:
        with Wire(live.port) as connection:
            refusal(connection, name)

    with Wire(live.port) as connection:
        assert connection.ask(b"GET /readyz HTTP/1.1", HOST).status == 200


def test_url_and_headers_just_within_the_limits_are_taken(wire: Wire) -> None:
    answer = wire.ask(b"GET /healthz?" + b"a" * 4_000 + b" HTTP/1.1", HOST, b"X-Y: " + b"a" * 8_000)

    assert answer.status == 200


@pytest.mark.parametrize("line", [b"OPTIONS * HTTP/1.1", b"CONNECT other.test:80 HTTP/1.1"])
def test_requests_for_no_resource_are_problems(wire: Wire, line: bytes) -> None:
    answer = wire.ask(line, HOST)

    assert answer.problem(answer.status, "not_found")
