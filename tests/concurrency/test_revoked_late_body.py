"""A key that is revoked while a body drips in has ended when the body is there."""

import json
import socket
from pathlib import Path

import pytest

from tests.server import Server
from ticketboss.engine.keys import KEY_CACHE_SECONDS_MAX

BODIES = {
    "/reservations": {"partnerId": "abc-corp", "seats": 1},
    "/keys": {"scope": "operator"},
    "/partners/abc-corp/freeze": {"holds": "keep"},
}


@pytest.mark.parametrize("path", BODIES)
def test_a_revoked_key_does_nothing_with_a_body_that_was_late(tmp_path: Path, path: str) -> None:
    with Server(tmp_path, TICKETBOSS_AUTH="keys", WEB_CONCURRENCY=1) as server:
        key = json.loads(server.command("keys", "create", "--operator", "--json").stdout)
        body = json.dumps(BODIES[path]).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key['key']}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
            client.sendall(head.encode() + body[:1])
            client.settimeout(KEY_CACHE_SECONDS_MAX + 0.2)
            # Nothing comes before the whole body; by then the worker has admitted the head.
            with pytest.raises(TimeoutError):
                client.recv(1)
            assert server.command("keys", "revoke", key["keyId"]).returncode == 0
            client.settimeout(10)
            client.sendall(body[1:])
            assert client.recv(65_536).startswith(b"HTTP/1.1 401 ")
