"""The request log of a real server: one JSON object a line, and nothing that is private."""

import json
import secrets
import time
from typing import Any

import pytest
import requests

from tests.api.wire import Wire
from tests.server import Server

LOG_SECONDS_MAX = 10.0
PAUSE_SECONDS = 0.02
HOST = b"Host: localhost"


def logged(live: Server, request_id: str) -> dict[str, Any]:
    """The line of one request, once it was written."""
    deadline = time.monotonic() + LOG_SECONDS_MAX
    while time.monotonic() < deadline:
        lines = [line for line in _whole_lines(live) if line.get("requestId") == request_id]
        if lines:
            assert len(lines) == 1
            return lines[0]
        time.sleep(PAUSE_SECONDS)
    raise AssertionError(f"No line for {request_id} in:\n{live.log()}")


def _whole_lines(live: Server) -> list[dict[str, Any]]:
    written, _, _ = live.log().rpartition("\n")
    return [json.loads(line) for line in written.splitlines()]


@pytest.fixture
def request_id() -> str:
    return f"log-{secrets.token_hex(8)}"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/reservations", 200),
        ("HEAD", "/", 200),
        ("GET", "/nothing", 404),
        ("PUT", "/reservations/", 405),
        ("POST", "/reservations", 400),
        ("DELETE", "/reservations/unknown", 404),
    ],
)
def test_each_request_has_a_line(
    live: Server, request_id: str, method: str, path: str, status: int
) -> None:
    requests.request(method, live.url + path, headers={"X-Request-Id": request_id}, timeout=10)

    line = logged(live, request_id)

    assert (line["method"], line["path"], line["status"]) == (method, path, status)
    assert line["level"] == "info"
    assert line["time"].endswith("Z")
    assert 0 <= line["durationMs"] < 10_000
    assert line["pid"] in live.worker_pids()


def test_body_query_and_headers_are_not_logged(live: Server, request_id: str) -> None:
    marks = {name: f"{name}-{secrets.token_hex(8)}" for name in ("body", "query", "header", "key")}
    made = requests.post(
        f"{live.url}/reservations?token={marks['query']}",
        json={"partnerId": "abc-corp", "seats": 1, "reference": marks["body"]},
        headers={
            "X-Request-Id": request_id,
            "Authorization": f"Bearer {marks['header']}",
            "Idempotency-Key": marks["key"],
            "Cookie": f"session={marks['header']}",
        },
        timeout=10,
    )

    assert made.status_code == 201
    assert logged(live, request_id)["path"] == "/reservations"
    for mark in marks.values():
        assert mark not in live.log()


def test_refused_body_is_not_logged(live: Server, request_id: str) -> None:
    mark = secrets.token_hex(8)
    headers = {"X-Request-Id": request_id, "Content-Type": "application/json"}
    requests.post(f"{live.url}/reservations", data=f'{{"{mark}":', headers=headers, timeout=10)

    assert logged(live, request_id)["status"] == 400
    assert mark not in live.log()


def test_query_of_a_malformed_request_is_not_logged(live: Server, request_id: str) -> None:
    mark = secrets.token_hex(8)
    for line in (b"GET /?token=%s x HTTP/1.1", b"GET /?token=%s"):
        with Wire(live.port) as connection:
            connection.ask(line % mark.encode(), HOST)
    requests.get(live.url, headers={"X-Request-Id": request_id}, timeout=10)

    logged(live, request_id)
    assert mark not in live.log()


def test_path_cannot_forge_a_line(live: Server, request_id: str) -> None:
    path = "/reservations/%0A%7B%22forged%22%3Atrue%7D%0A%1B[31m"
    requests.get(live.url + path, headers={"X-Request-Id": request_id}, timeout=10)

    assert logged(live, request_id)["path"].startswith('/reservations/\n{"forged"')
    assert not any("forged" in line for line in _whole_lines(live))


def test_id_that_is_not_sane_is_replaced_in_the_log_too(live: Server) -> None:
    response = requests.get(live.url, headers={"X-Request-Id": "not sane"}, timeout=10)

    assert logged(live, response.headers["X-Request-Id"])["status"] == 200
    assert "not sane" not in live.log()


def test_all_that_the_server_writes_is_json(live: Server, request_id: str) -> None:
    requests.get(live.url, headers={"X-Request-Id": request_id}, timeout=10)
    logged(live, request_id)

    for line in _whole_lines(live):
        assert {"time", "level", "logger", "pid", "message"} <= line.keys()
