"""A TCP relay between two programs, which a test can cut and mend again."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

CHUNK_BYTES = 65_536


class Relay:
    """Forwards what comes to `port` to the server on `backend_port` while the block lasts."""

    def __init__(self, backend_port: int) -> None:
        self._backend_port = backend_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        # Guards these two.
        self._changed = threading.Condition()
        self._is_cut = False
        self._chunks_on_their_way = 0
        self._ends: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self.start_thread(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def cut(self) -> None:
        """Forward nothing more in either direction; both sides think that they are connected."""
        with self._changed:
            self._is_cut = True
            self._changed.wait_for(lambda: not self._chunks_on_their_way)

    def mend(self) -> None:
        """Go on, beginning with what was held back."""
        with self._changed:
            self._is_cut = False
            self._changed.notify_all()

    def close(self) -> None:
        """Close every connection, and take no more."""
        hang_up(self._listener)
        self.mend()
        # Those that are being made while we close come to the end of the lists.
        for thread in self._threads:
            for end in self._ends:
                hang_up(end)
            thread.join()

    def start_thread(self, run: Callable[..., None], *arguments: object) -> None:
        """Run something in a thread that `close` waits for."""
        thread = threading.Thread(target=run, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def relay(self, client: socket.socket, server: socket.socket) -> None:
        """Forward in both directions, each in a thread of its own."""
        self.start_thread(self._pump, client, server)
        self.start_thread(self._pump, server, client)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._ends.append(client)
            try:
                server = socket.create_connection(("127.0.0.1", self._backend_port))
            except OSError:
                hang_up(client)
                continue
            self._ends.append(server)
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.relay(client, server)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while chunk := source.recv(CHUNK_BYTES):
                with self._on_its_way():
                    sink.sendall(chunk)
        hang_up(source)
        hang_up(sink)

    @contextmanager
    def _on_its_way(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._is_cut)
            self._chunks_on_their_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._chunks_on_their_way -= 1
                self._changed.notify_all()


def hang_up(end: socket.socket) -> None:
    """End a connection for both who use it, also while another thread waits for its data."""
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
