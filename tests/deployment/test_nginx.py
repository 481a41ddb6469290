"""Partners sell through nginx as deploy/nginx configures it, and nothing else comes through."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.deployment.nginx import Nginx
from tests.deployment.partners import Partner, connections_to, new_key
from tests.server import Server

BEHIND_NGINX = {"TICKETBOSS_AUTH": "keys", "TICKETBOSS_TRUSTED_PROXIES": "127.0.0.1"}
WRONG_KEYS_MAX = 30
REQUEST_SECONDS_MAX = 30.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("server"), **BEHIND_NGINX) as running:
        yield running


@pytest.fixture(scope="module")
def nginx(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    with Nginx(tmp_path_factory.mktemp("nginx"), server.port) as running:
        yield running


@pytest.fixture(scope="module")
def key(server: Server) -> str:
    return new_key(server, "abc-corp")


def test_partner_sells_through_nginx(nginx: Nginx, key: str) -> None:
    with Partner(nginx, key) as partner:
        made = partner.send("POST", "/reservations", b'{"seats":3}', {"Idempotency-Key": "one"})
        again = partner.send("POST", "/reservations", b'{"seats":3}', {"Idempotency-Key": "one"})
        found = partner.send("GET", made.headers["Location"])
        ended = partner.send("DELETE", made.headers["Location"])

    assert [each.status for each in (made, again, found, ended)] == [201, 201, 200, 204]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.body == made.body
    assert found.document["seats"] == 3
    assert "max-age" in made.headers["Strict-Transport-Security"]


def test_body_in_chunks_is_taken_because_nginx_reads_it_whole(nginx: Nginx, key: str) -> None:
    headers = {"Transfer-Encoding": "chunked"}
    with Partner(nginx, key) as partner:
        answer = partner.send("POST", "/reservations", b'b\r\n{"seats":1}\r\n0\r\n\r\n', headers)
    assert answer.status == 201


def test_connections_to_the_workers_are_kept(nginx: Nginx, server: Server, key: str) -> None:
    with Partner(nginx, key) as partner:
        partner.send("GET", "/reservations")
        before = connections_to(server)
        for _ in range(50):
            assert partner.send("GET", "/reservations").status == 200
        after = connections_to(server)

    assert before
    # One after the other they need no further connection, and those that there were are the same.
    assert after == before


def test_each_key_is_asked_for_as_behind_no_proxy(nginx: Nginx) -> None:
    with Partner(nginx, None) as nobody:
        assert nobody.send("GET", "/reservations").document["code"] == "key_required"


def test_the_address_of_the_client_comes_through(nginx: Nginx) -> None:
    codes: dict[str, str] = {}
    with Partner(nginx, "tb_live_mistyped", "127.0.0.41") as loud:
        for number in range(4 * WRONG_KEYS_MAX):
            # Who names another address each time is counted all the same.
            forged = {"X-Forwarded-For": f"192.0.2.{number}"}
            codes["loud"] = loud.send("GET", "/reservations", headers=forged).document["code"]
    with Partner(nginx, "tb_live_mistyped", "127.0.0.42") as other:
        codes["other"] = other.send("GET", "/reservations").document["code"]

    assert codes == {"loud": "too_many_wrong_keys", "other": "key_invalid"}


@pytest.mark.parametrize(
    "path", ["/metrics", "/metrics/", "/%6detrics", "//metrics", "/x/../metrics"]
)
def test_metrics_are_not_for_the_world(nginx: Nginx, server: Server, path: str) -> None:
    assert requests.get(f"{server.url}/metrics", timeout=REQUEST_SECONDS_MAX).status_code == 200
    with Partner(nginx, None) as nobody:
        answer = nobody.send("GET", path)
    assert answer.status == 404
    assert answer.document["code"] == "not_found"


def test_console_is_for_the_addresses_that_the_file_names(nginx: Nginx) -> None:
    with Partner(nginx, None, "127.0.0.43") as stranger:
        refused = stranger.send("GET", "/console/sign-in")
    with Partner(nginx, None, "127.0.0.1") as operator:
        shown = operator.send("GET", "/console/sign-in")

    assert (refused.status, refused.document["code"]) == (403, "forbidden")
    assert shown.status == 200
    assert b"<form" in shown.body


def test_cookies_of_the_console_go_over_tls_alone(nginx: Nginx) -> None:
    with Partner(nginx, None) as browser:
        page = browser.send("GET", "/console/sign-in")
    assert "; Secure" in page.headers["Set-Cookie"]


OVERSIZED: dict[str, dict[str, Any]] = {
    "body_too_large": {"method": "POST", "path": "/reservations/bulk", "body": b" " * 262_145},
    "uri_too_long": {"method": "GET", "path": f"/{'a' * 20_000}"},
    "headers_too_large": {"method": "GET", "path": "/", "headers": {"A": "a" * 20_000}},
}
STATUSES = {"body_too_large": 413, "uri_too_long": 414, "headers_too_large": 431}


@pytest.mark.parametrize("code", OVERSIZED)
def test_what_is_too_large_is_refused_as_ticketboss_does(
    nginx: Nginx, server: Server, key: str, code: str
) -> None:
    with Partner(nginx, key) as partner:
        answer = partner.send(**OVERSIZED[code])

    assert answer.status == STATUSES[code]
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.document["code"] == code
    assert answer.document["status"] == STATUSES[code]
    assert answer.document["type"] == f"/problems/{code}"
    assert answer.document["requestId"] == answer.headers["X-Request-Id"]
    assert answer.document["retryable"] is False
    assert answer.document["error"] == answer.document["title"]
    assert answer.document["requestId"] not in server.log()


def test_longest_body_and_header_that_ticketboss_takes_come_through(nginx: Nginx, key: str) -> None:
    with Partner(nginx, key) as partner:
        body = b'{"items":[{"seats":1}]}'.ljust(262_144)
        bulk = partner.send("POST", "/reservations/bulk", body)
        long = partner.send("GET", "/reservations", headers={"A": "a" * 8_000})
    assert bulk.status == 201
    assert long.status == 200


def test_what_is_no_tls_is_told_so(nginx: Nginx) -> None:
    with socket.create_connection(("127.0.0.1", nginx.port), timeout=REQUEST_SECONDS_MAX) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head, _, body = plain.makefile("rb").read().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body)["code"] == "bad_request"


def test_server_that_is_away_is_an_unknown_outcome(tmp_path: Path) -> None:
    with Server(tmp_path, **BEHIND_NGINX) as server, Nginx(tmp_path, server.port) as nginx:
        key = new_key(server, "abc-corp")
        server.stop()
        with Partner(nginx, key) as partner:
            answer = partner.send("POST", "/reservations", b'{"seats":1}')

    assert answer.status == 503
    assert answer.document["code"] == "outcome_unknown"
    assert answer.document["retryable"] is True
    assert int(answer.headers["Retry-After"]) > 0


def test_log_of_nginx_has_no_query(nginx: Nginx) -> None:
    with Partner(nginx, None) as nobody:
        nobody.send("GET", "/reservations?key=tb_live_by_mistake")
        nobody.send("GET", "/metrics?key=tb_live_by_mistake")
    lines = [json.loads(line) for line in nginx.access_log.read_text().splitlines()]

    assert [line["request"] for line in lines[-2:]] == ["GET /reservations", "GET /metrics"]
    assert lines[-2]["status"] == 401
    assert lines[-2]["requestId"]
    assert "by_mistake" not in nginx.access_log.read_text() + nginx.error_log.read_text()
