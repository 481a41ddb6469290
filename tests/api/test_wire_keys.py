"""Keys over real connections: the server joins headers, and its log is written to a file."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.api.wire import Wire
from tests.server import Server
from ticketboss.engine.administration import Administration, IssuedKey
from ticketboss.repository import open_repository

HOST = b"Host: tickets.test"
GET = b"GET / HTTP/1.1"
LOG_SECONDS_MAX = 10.0
PAUSE_SECONDS = 0.02


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server that asks for keys; whatever happened, its ledger must be clean."""
    with Server(tmp_path_factory.mktemp("guarded"), TICKETBOSS_AUTH="keys") as running:
        yield running
        assert running.differences() == []


@pytest.fixture
def issued(guarded: Server) -> Iterator[IssuedKey]:
    """A partner's key."""
    repository = open_repository(guarded.environment["DATABASE_URL"])
    yield Administration(repository).issue_key("operator:cli", "abc-corp", False)
    repository.close()


@pytest.fixture
def wire(guarded: Server) -> Iterator[Wire]:
    with Wire(guarded.port) as connection:
        yield connection


@pytest.fixture
def bearer(issued: IssuedKey) -> bytes:
    """The header that the partner sends."""
    return f"Authorization: Bearer {issued.secret}".encode()


def line_of(guarded: Server, request_id: str) -> dict[str, Any]:
    """The log's line of one request, once it was written."""
    deadline = time.monotonic() + LOG_SECONDS_MAX
    while time.monotonic() < deadline:
        written, _, _ = guarded.log().rpartition("\n")
        for line in map(json.loads, written.splitlines()):
            if line.get("requestId") == request_id:
                found: dict[str, Any] = line
                return found
        time.sleep(PAUSE_SECONDS)
    raise AssertionError(f"No line for {request_id} in:\n{guarded.log()}")


def test_key_is_taken_whatever_the_host_and_the_proxies(wire: Wire, bearer: bytes) -> None:
    proxies = (b"X-Forwarded-For: 203.0.113.7", b"X-Forwarded-Proto: https", b"Via: 1.1 proxy")

    assert wire.ask(GET, HOST, bearer, *proxies).status == 200


def test_name_of_the_header_is_taken_in_any_case(wire: Wire, bearer: bytes) -> None:
    assert wire.ask(GET, HOST, bearer.replace(b"Authorization", b"aUTHORIZATION")).status == 200


def test_white_space_around_the_header_is_not_part_of_it(wire: Wire, bearer: bytes) -> None:
    assert wire.ask(GET, HOST, bearer.replace(b": ", b": \t ") + b" \t").status == 200


@pytest.mark.parametrize(
    "second", [None, b"Authorization: Bearer guess", b"Authorization: Basic a"]
)
@pytest.mark.parametrize("key_first", [True, False])
def test_two_authorization_headers_are_refused(
    wire: Wire, bearer: bytes, second: bytes | None, key_first: bool
) -> None:
    headers = [bearer, second or bearer]

    answer = wire.ask(GET, HOST, *(headers if key_first else reversed(headers)))

    answer.problem(401, "key_invalid")


@pytest.mark.parametrize("value", [b"", b"Bearer", b"Bearer \xff\xfe", "Bearer ключ".encode()])
def test_header_that_is_no_key_is_refused(wire: Wire, value: bytes) -> None:
    answer = wire.ask(GET, HOST, b"Authorization: " + value)

    answer.problem(401, "key_invalid")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_refusal_leaves_the_connection_in_step(wire: Wire, bearer: bytes) -> None:
    body = b'{"seats":1}'
    head = (b"POST /reservations HTTP/1.1", HOST, b"Content-Type: application/json")
    length = b"Content-Length: %d" % len(body)

    wire.ask(*head, length, body=body).problem(401, "key_required")

    assert wire.ask(*head, length, bearer, body=body).status == 201
    assert wire.ask(GET, HOST, bearer).status == 200


def test_health_needs_no_key(wire: Wire) -> None:
    for url in (b"/healthz", b"/readyz"):
        assert wire.ask(b"GET " + url + b" HTTP/1.1", HOST).status == 200


def test_log_names_the_key_by_its_id_alone(guarded: Server, issued: IssuedKey) -> None:
    for number, (sent, status) in enumerate(
        [(f"Bearer {issued.secret}", 200), (f"Basic {issued.secret}", 401)]
    ):
        request_id = f"{issued.key.key_id}-{number}"
        headers = {"Authorization": sent, "X-Request-Id": request_id}
        response = requests.get(guarded.url, headers=headers, timeout=10)

        assert response.status_code == status
        line = line_of(guarded, request_id)
        assert line["keyId"] == (issued.key.key_id if status == 200 else None)
    assert issued.secret[14:] not in guarded.log()
