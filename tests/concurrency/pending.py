"""Requests that are in flight: read by a worker, and not answered yet."""

import json
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path

from tests.concurrency.clients import PARTNER_ID, REQUEST_SECONDS_MAX
from tests.concurrency.watching import wait_until
from tests.server import Server


def statuses_of_requests_in_flight(
    server: Server, count: int, meanwhile: Callable[[], None]
) -> list[int | None]:
    """What POSTs were answered that the workers had in hand when `meanwhile` was called.

    The write lock is held until `meanwhile` returns, so none is answered before it. None stands
    for a connection that was lost.
    """
    body = json.dumps({"partnerId": PARTNER_ID, "seats": 1})
    connections = [
        HTTPConnection("127.0.0.1", server.port, timeout=REQUEST_SECONDS_MAX) for _ in range(count)
    ]
    try:
        with server.database.writes_locked():
            for connection in connections:
                connection.request(
                    "POST", "/reservations", body, {"Content-Type": "application/json"}
                )
            for connection in connections:
                wait_until_read(server, connection)
            meanwhile()
        return [_status(connection) for connection in connections]
    finally:
        for connection in connections:
            connection.close()


def _status(connection: HTTPConnection) -> int | None:
    try:
        response = connection.getresponse()
        response.read()
    except ConnectionError:
        return None
    return response.status


def wait_until_read(server: Server, connection: HTTPConnection) -> None:
    """Return when a worker has read all that was sent over a connection."""
    port = connection.sock.getsockname()[1]
    # In this order: what left the client's queue is in the server's, until a worker reads it.
    wait_until(lambda: _is_sent(port, server.port), "a request stayed with its client")
    wait_until(lambda: _is_read(server.port, port), "no worker read a request")


def _is_sent(local_port: int, remote_port: int) -> bool:
    row = _tcp_row(local_port, remote_port)
    return row is not None and int(row[4].split(":")[0], 16) == 0


def _is_read(local_port: int, remote_port: int) -> bool:
    row = _tcp_row(local_port, remote_port)
    # A connection that no worker has accepted yet has no inode.
    return row is not None and int(row[4].split(":")[1], 16) == 0 and row[9] != "0"


def _tcp_row(local_port: int, remote_port: int) -> list[str] | None:
    """The kernel's row of one end of a connection, see proc(5) on /proc/net/tcp."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        row = line.split()
        if (_port(row[1]), _port(row[2])) == (local_port, remote_port):
            return row
    return None


def _port(address: str) -> int:
    return int(address.rpartition(":")[2], 16)
