"""Partners that ask over TLS, each from an address of loopback of its own."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.deployment.nginx import Nginx
from tests.server import Server

SECONDS_MAX = 40.0
# As the kernel writes the state of a connection in /proc/net/tcp.
ESTABLISHED = "01"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        """The JSON in it."""
        document: dict[str, Any] = json.loads(self.body)
        return document


class Partner:
    """One kept-alive connection, opened again where an answer has ended it."""

    def __init__(self, nginx: Nginx, key: str | None, address: str = "127.0.0.1") -> None:
        self._connection = connection_to(nginx, address)
        self._headers = {} if key is None else {"Authorization": f"Bearer {key}"}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection.close()

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request and read its answer."""
        kind = {} if body is None else {"Content-Type": "application/json"}
        sent = self._headers | kind | dict(headers or {})
        self._connection.request(method, path, body, sent)
        answer = self._connection.getresponse()
        # A header that comes twice is joined, as RFC 9110 has it.
        return Answer(answer.status, dict(answer.getheaders()), answer.read())


def connection_to(nginx: Nginx, address: str = "127.0.0.1") -> http.client.HTTPSConnection:
    """A connection over TLS that comes from this address."""
    return http.client.HTTPSConnection(
        "127.0.0.1",
        nginx.port,
        context=nginx.tls(),
        timeout=SECONDS_MAX,
        source_address=(address, 0),
    )


def new_key(server: Server, partner_id: str) -> str:
    """A key for a partner of this server."""
    key: str = server.operate("keys", "create", "--partner", partner_id)["key"]
    return key


def connections_to(server: Server) -> set[str]:
    """The connections that somebody has to the port of a server, by their other ends."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    port = f":{server.port:04X}"
    return {row[1] for row in rows if row[2].endswith(port) and row[3] == ESTABLISHED}
