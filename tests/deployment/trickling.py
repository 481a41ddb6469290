"""Clients that send a head or a body byte by byte, or take an answer as slowly."""

import socket
import ssl
import threading
from types import TracebackType
from typing import Self

from tests.deployment.nginx import Nginx

PAUSE_SECONDS = 0.5
SECONDS_MAX = 30.0
# One each for so many clients, as they would have in the world.
ADDRESSES = 20
BODY_BYTES = 16_000
HEAD = b"GET /reservations HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
POST_HEAD = (
    b"POST /reservations/bulk HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % BODY_BYTES
)
# The largest answer that there is without a key.
LONG_ANSWER = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Trickling:
    """As many clients of each kind, which go on while the block lasts."""

    def __init__(self, nginx: Nginx, count: int) -> None:
        self._nginx = nginx
        self._count = count
        self._clients: dict[str, list[ssl.SSLSocket]] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)
        # Rounds in which every client has sent its byte, or taken it.
        self.rounds = 0
        self.ended = 0

    def __enter__(self) -> Self:
        context = self._nginx.tls()
        kinds = {"heads": HEAD, "bodies": POST_HEAD, "readers": LONG_ANSWER}
        for kind, beginning in kinds.items():
            addresses = [f"127.0.1.{number % ADDRESSES + 1}" for number in range(self._count)]
            self._clients[kind] = [_connected(self._nginx, context, each) for each in addresses]
            for client in self._clients[kind]:
                client.sendall(beginning)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join()
        for clients in self._clients.values():
            for client in clients:
                client.close()

    def _run(self) -> None:
        while not self._stopping.wait(PAUSE_SECONDS):
            for kind, clients in self._clients.items():
                for client in list(clients):
                    try:
                        if kind == "readers":
                            client.recv(1)
                        else:
                            client.sendall(b" ")
                    except OSError:
                        # nginx has had enough of it.
                        client.close()
                        clients.remove(client)
                        self.ended += 1
            self.rounds += 1


def begun_body(nginx: Nginx, address: str) -> ssl.SSLSocket:
    """A client that has sent a head, and of its body nothing."""
    client = _connected(nginx, nginx.tls(), address)
    client.sendall(POST_HEAD)
    return client


def _connected(nginx: Nginx, context: ssl.SSLContext, address: str) -> ssl.SSLSocket:
    plain = socket.socket()
    plain.settimeout(SECONDS_MAX)
    # Else the kernel would take the whole of an answer for its client.
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    plain.bind((address, 0))
    plain.connect(("127.0.0.1", nginx.port))
    return context.wrap_socket(plain, server_hostname="127.0.0.1")
