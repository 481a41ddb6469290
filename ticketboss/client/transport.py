"""One request and its whole answer, within a time and a size: `requests` bounds neither.

Its time-outs are for each piece that arrives, so a peer that sends a byte now and then could
hold a caller for ever, in the headers as well as in the body.
"""

import io
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http.client import HTTPResponse
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from ticketboss.client.arguments import is_loopback

ANSWER_BYTES_MAX = 8 * 1024 * 1024
PIECE_BYTES = 64 * 1024


class AnswerTooLarge(Exception):
    """More than ANSWER_BYTES_MAX came."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that came whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class _End:
    """When the try of a session that is under way must be over, in monotonic seconds."""

    at: float = 0.0

    def left_seconds(self) -> float:
        return self.at - time.monotonic()


class Session(requests.Session):
    """The connections of one thread to one server."""

    def __init__(self) -> None:
        super().__init__()
        self.headers["User-Agent"] = "ticketboss-client"
        self._end = _End()
        for scheme in ("http://", "https://"):
            self.mount(scheme, _BoundedAdapter(self._end))

    def get_redirect_target(self, _: requests.Response) -> None:
        """Nowhere: a redirected POST would become a GET."""

    def exchange(
        self,
        request: requests.PreparedRequest,
        connect_seconds: float,
        silence_seconds: float,
        until: float,
    ) -> Reply:
        """Send a request and read its answer, all of it before `until` (monotonic seconds).

        Raises whatever the libraries raise, AnswerTooLarge, and TimeoutError if it is over.
        """
        self._end.at = until
        left = self._end.left_seconds()
        if left <= 0:
            raise TimeoutError
        # Proxies and certificates as the environment names them.
        settings = self.merge_environment_settings(request.url or "", {}, True, None, None)
        if is_loopback(request.url or ""):
            # A proxy would look for it on its own machine.
            settings["proxies"] = {}
        timeout = (min(connect_seconds, left), min(silence_seconds, left))
        with self.send(request, timeout=timeout, **settings) as response:
            return Reply(response.status_code, response.headers, _read(response))


def _read(response: requests.Response) -> bytes:
    body = bytearray()
    for piece in response.iter_content(PIECE_BYTES):
        body += piece
        if len(body) > ANSWER_BYTES_MAX:
            raise AnswerTooLarge
    return bytes(body)


class _BoundedAdapter(HTTPAdapter):
    """Opens connections whose answers are read until the end of the try and no longer."""

    def __init__(self, end: _End) -> None:
        super().__init__()
        self._end = end

    def close(self) -> None:
        # Else a pool is closed when it is collected, and the error of a try keeps it till then.
        managers: list[Any] = [self.poolmanager, *self.proxy_manager.values()]
        for manager in managers:
            for pool in map(manager.pools.get, manager.pools.keys()):
                if pool is not None:
                    pool.close()
        super().close()

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        if not isinstance(pool.ConnectionCls, partial):
            # Not a method: sessions should end with their threads, without a cycle to collect.
            pool.ConnectionCls = partial(_bounded, pool.ConnectionCls, self._end)
        return pool


def _bounded(kind: Callable[..., Any], end: _End, **options: Any) -> Any:
    """A connection of urllib3 whose answers, also that of a proxy, are read within the time."""

    def answer(connected: socket.socket, **more: Any) -> HTTPResponse:
        readable: Any = _BoundedSocket(connected, end)
        return HTTPResponse(readable, **more)

    connection = kind(**options)
    connection.response_class = answer
    return connection


class _BoundedSocket:
    """All that http.client needs of a socket to read an answer."""

    def __init__(self, connected: socket.socket, end: _End) -> None:
        self._pieces = _BoundedPieces(connected, end)

    def makefile(self, _: str) -> io.BufferedReader:
        return io.BufferedReader(self._pieces)


class _BoundedPieces(io.RawIOBase):
    """What arrives at a socket; no wait is longer than the socket's time-out or the try."""

    def __init__(self, connected: socket.socket, end: _End) -> None:
        super().__init__()
        self._socket = connected
        self._silence_seconds = connected.gettimeout() or float("inf")
        self._file: Any = connected.makefile("rb", buffering=0)
        self._end = end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._end.left_seconds()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(min(self._silence_seconds, left))
        count: int | None = self._file.readinto(buffer)
        return count

    def close(self) -> None:
        self._file.close()
        super().close()
