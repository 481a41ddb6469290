"""Requests with an API key in every place where it belongs and where it does not."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tests.api.walking import DEFAULT_EVENT, Route

HEADERS = (
    *("X-Request-Id", "Idempotency-Key", "If-Match", "If-None-Match", "Cookie", "User-Agent"),
    *("Referer", "Origin", "X-Api-Key", "Api-Key", "Accept", "X-Forwarded-For", "Forwarded", "Via"),
    *("Content-Type", "Host", "Proxy-Authorization", "Accept-Language", "TE", "Upgrade", "Range"),
)
SCHEMES = (
    "Basic {}",
    "Token {}",
    "{}",
    "Bearer {} more",
    "Bearer  \t{}",
    "bearer={}",
    "Bearer {}x",
)
QUERIES = (
    "token",
    "key",
    "cursor",
    "partnerId",
    "reference",
    "limit",
    "at",
    "after",
    "status",
    "{}",
)
VALUES = {
    "event_id": DEFAULT_EVENT,
    "reservation_id": "unknown",
    "key_id": "unknown",
    "partner_id": "abc-corp",
    "code": "not_found",
    "asset": "docs.js",
}


@dataclass(frozen=True, slots=True)
class Asking:
    """One request over HTTP."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None = None


def askings(route: Route, canary: str) -> Iterator[Asking]:
    """The route with the canary in each place; the right place is the first."""
    url, body = route.url(VALUES), _encoded(route.body())
    admitted = {"Authorization": f"Bearer {canary}", "Content-Type": "application/json"}
    yield Asking(route.method, url, admitted, body)
    for scheme in SCHEMES:
        yield Asking(route.method, url, {"Authorization": scheme.format(canary)}, body)
    for name in HEADERS:
        yield Asking(route.method, url, admitted | {name: canary}, body)
    for name in QUERIES:
        yield Asking(route.method, f"{url}?{name.format(canary)}={canary}", admitted, body)
    for name in route.parameters:
        for value in (canary, quote(f"a {canary}\n"), f"{canary}.csv"):
            misplaced = route.url(VALUES | {name: "PLACE"}).replace("PLACE", value)
            yield Asking(route.method, misplaced, admitted, body)
    for misplaced_body in _bodies(route.body(), canary):
        yield Asking(route.method, url, admitted, misplaced_body)


def _bodies(body: Any, canary: str) -> Iterator[bytes]:
    yield f'{{"{canary}":'.encode()
    yield f"key={canary}".encode()
    yield json.dumps(canary).encode()
    for own in (body or {}, {}):
        yield json.dumps(own | {canary: 1}).encode()
        yield json.dumps(own | {"apiKey": {"of": [canary]}}).encode()
        for name in ("reference", "partnerName", "name", *own):
            yield json.dumps(own | {name: canary}).encode()
            yield json.dumps(own | {name: [{"seats": 1, "reference": canary}]}).encode()
            yield json.dumps(own | {name: [{"reservationId": canary}]}).encode()


def _encoded(body: Any) -> bytes | None:
    return None if body is None else json.dumps(body).encode()


def malformed(canary: str) -> list[tuple[bytes, ...]]:
    """Heads that no server takes, as lines, with the canary in them."""
    key, host = canary.encode(), b"Host: localhost"
    get = b"GET / HTTP/1.1"
    return [
        (b"GET /?key=" + key + b" x HTTP/1.1", host),
        (b"GET /" + key,),
        (key,),
        (key + b" / HTTP/1.1", host),
        (b"GET / HTTP/" + key, host),
        (b"GET /" + key + b"\xff HTTP/1.1", host),
        (get, host, b"Authorization Bearer " + key),
        (get, host, b"Authorization : Bearer " + key),
        (get, host, b"Authorization: Bearer \x00" + key),
        (get, host, b"Authorization: Bearer", b" " + key),
        (get, host, key + b": 1", b"no colon " + key),
        (get, host, key + b"\xff: 1"),
        (get, host, key + b": \x00"),
        (get, host, key + b": 1", b" folded"),
        (get, host, b"X" * 9_000 + b": " + key),
        (get, host, b"Authorization: Bearer " + key + b"\nX-Y: 1"),
        (get, host, b"Transfer-Encoding: " + key),
        (get, host, b"Content-Length: " + key),
        (get, host, b"Expect: " + key),
        (get, b"Host: " + key + b"@localhost"),
        (b"GET http://" + key + b"@localhost/ HTTP/1.1", host),
        (b"CONNECT " + key + b":443 HTTP/1.1", host),
        (b"PRI * HTTP/2.0", key),
    ]
