"""Finding out from outside whether a server asks for API keys, however it is reached."""

import json
import socket
from collections.abc import Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests.concurrency.clients import REQUEST_SECONDS_MAX, Client

ANSWERS_MAX_BYTES = 65_536


class UnixConnection(HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=REQUEST_SECONDS_MAX)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket instead of an address."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self._path))


def door(url: str, headers: Mapping[str, str] | None = None) -> str:
    """`open`, or the code with which a read and a write without a key are both refused."""
    with Client(url) as client:
        client.send_always(headers or {})
        read, written = client.get("/reservations"), client.reserve(1)
    told = {_told(read.status_code, read.json()), _told(written.status_code, written.json())}
    if len(told) != 1:
        raise AssertionError(f"reads and writes differ: {told}")
    return told.pop()


def door_of_socket(path: Path) -> str:
    """The same of a read over a Unix socket."""
    connection = UnixConnection(path)
    try:
        connection.request("GET", "/reservations")
        response = connection.getresponse()
        return _told(response.status, json.loads(response.read(ANSWERS_MAX_BYTES)))
    finally:
        connection.close()


def _told(status: int, document: dict[str, Any]) -> str:
    if status in (200, 201):
        return "open"
    code: str = document["code"]
    if status not in (401, 403):
        raise AssertionError(f"{status} {code}")
    return code
