"""A time limit on bodies that come too slowly, whatever the worker class."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

LOOK_SECONDS = 0.25


class BodyWatch:
    """Ends the reading of bodies that take longer than `seconds_max`.

    A socket's own time-out would start again with every byte. One thread (or greenlet) looks at
    all bodies that are being read; it starts with the first one, so in the serving process.
    """

    def __init__(self, seconds_max: float) -> None:
        self._seconds_max = seconds_max
        self._readings: dict[int, tuple[float, socket.socket]] = {}
        self._started = False
        self._lock = threading.Lock()

    @contextmanager
    def reading(self, client: socket.socket) -> Iterator[None]:
        """Watch the client's socket during the block; too late, reading from it finds the end."""
        if not self._started:
            self._start()
        key = id(client)
        self._readings[key] = (time.monotonic() + self._seconds_max, client)
        try:
            yield
        finally:
            del self._readings[key]

    def _start(self) -> None:
        with self._lock:
            if not self._started:
                self._started = True
                threading.Thread(target=self._look, name="body-watch", daemon=True).start()

    def _look(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            now = time.monotonic()
            for deadline, client in list(self._readings.values()):
                if now >= deadline:
                    # Only the reading side: the client still gets its answer.
                    with suppress(OSError):
                        client.shutdown(socket.SHUT_RD)
