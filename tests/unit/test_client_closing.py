"""A client that is closed has nothing open any more."""

import gc
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from tests.client.stub import EVENT, event
from ticketboss.client import Client

SECONDS_MAX = 5.0


def test_a_closed_client_has_no_connection_left_even_after_a_failed_try() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, no_collection():
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        client = Client(url, event_id=EVENT, backoff_seconds=0.001)
        asking = Thread(target=client.event)
        asking.start()
        server.accept()[0].close()
        connection, _ = server.accept()
        with connection:
            connection.settimeout(SECONDS_MAX)
            connection.recv(65536)
            body = json.dumps(event()).encode()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            asking.join()
            client.close()
            assert connection.recv(1) == b""


@contextmanager
def no_collection() -> Iterator[None]:
    """Objects in a cycle stay, as they do for long in a process that does little."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
