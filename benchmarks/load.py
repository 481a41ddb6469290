"""Two ways to load a server: `wrk`, and a driver of our own for where that is missing.

Both keep their connections alive, ask again as soon as they are answered, and connect anew when
the server closes, as a sync worker does after every answer.
"""

import json
import re
import selectors
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Protocol
from urllib.parse import urlsplit

PARTNER_ID = "abc-corp"
RESERVE_BODY = f'{{"partnerId":"{PARTNER_ID}","seats":1}}'
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
SOCKET_SECONDS_MAX = 10.0
ANSWER_BYTES_MAX = 65_536
WRK_SCRIPT = Path(__file__).with_name("wrk.lua")
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Load:
    """What a driver saw.

    `requests` counts whole answers, `failures` those other than 2xx and the connections cut.
    """

    requests: int
    failures: int
    seconds: float
    p50_ms: float
    p99_ms: float


class Driver(Protocol):
    """Sends the same request on all its connections, again and again."""

    def __call__(
        self,
        method: str,
        url: str,
        connections: int,
        seconds: float,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> Load:
        """What was seen."""
        ...


def choose_driver(name: str | None) -> tuple[str, Driver]:
    """The driver of that name; without one it is `wrk` if the PATH has it.

    Raises LookupError when `wrk` is asked for and is not there.
    """
    has_wrk = shutil.which("wrk") is not None
    if name == "wrk" and not has_wrk:
        raise LookupError("wrk is not on the PATH; install it, or use the built-in driver.")
    return ("wrk", drive_with_wrk) if has_wrk and name != "builtin" else ("builtin", drive)


def drive_with_wrk(
    method: str,
    url: str,
    connections: int,
    seconds: float,
    headers: Mapping[str, str] = NO_HEADERS,
) -> Load:
    """One thread of `wrk`, which knows whole seconds only: `seconds` is rounded up."""
    body = [RESERVE_BODY] if method == "POST" else []
    options = ["-t1", f"-c{connections}", f"-d{-int(-seconds // 1)}s", "-s", str(WRK_SCRIPT)]
    options += [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    done = subprocess.run(
        ["wrk", *options, url, "--", method, *body], capture_output=True, text=True, check=True
    )
    return Load(**json.loads(done.stdout.splitlines()[-1]))


def drive(
    method: str,
    url: str,
    connections: int,
    seconds: float,
    headers: Mapping[str, str] = NO_HEADERS,
) -> Load:
    """The driver of our own: one thread that waits on all its connections together."""
    parts = urlsplit(url)
    address = (parts.hostname or "127.0.0.1", parts.port or 80)
    request = _request(method, parts.path, {"Host": parts.netloc, **headers})
    latencies: list[float] = []
    failures = 0
    started = time.perf_counter()
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        clients = [Client(address, request, selector) for _ in range(connections)]
        for client in clients:
            stack.callback(client.close)
        while (left := started + seconds - time.perf_counter()) > 0:
            for key, _ in selector.select(left):
                failures += key.data.receive(latencies) is False
    elapsed = time.perf_counter() - started
    return Load(
        requests=len(latencies),
        failures=failures,
        seconds=elapsed,
        p50_ms=percentile(latencies, 50) * 1000,
        p99_ms=percentile(latencies, 99) * 1000,
    )


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that at least `percent` of all values do not exceed; 0.0 without any."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else 0.0


class Client:
    """One connection with one request in flight, always the same."""

    def __init__(
        self, address: tuple[str, int], request: bytes, selector: selectors.BaseSelector
    ) -> None:
        self._address = address
        self._request = request
        self._selector = selector
        self._connect()
        self._ask()

    def receive(self, latencies: list[float]) -> bool | None:
        """Take what has arrived; None while the answer is not whole, else whether it was a 2xx.

        Adds the seconds of a whole answer to `latencies` and asks again.
        """
        try:
            received = self._socket.recv(ANSWER_BYTES_MAX)
        except OSError:
            received = b""
        self._answer += received
        if received and not self._is_whole():
            return None
        if received:
            latencies.append(time.perf_counter() - self._asked)
        succeeded = bool(received) and self._answer[9:10] == b"2"
        if not received or CLOSES.search(self._answer):
            self._selector.unregister(self._socket)
            self.close()
            self._connect()
        self._ask()
        return succeeded

    def close(self) -> None:
        """End the connection, whatever is still in flight."""
        self._socket.close()

    def _connect(self) -> None:
        self._socket = socket.create_connection(self._address, SOCKET_SECONDS_MAX)
        self._selector.register(self._socket, selectors.EVENT_READ, self)

    def _ask(self) -> None:
        self._answer = b""
        self._asked = time.perf_counter()
        # A connection that is closed already is met, and counted, by the next receive.
        with suppress(OSError):
            self._socket.sendall(self._request)

    def _is_whole(self) -> bool:
        head, blank_line, body = self._answer.partition(b"\r\n\r\n")
        length = CONTENT_LENGTH.search(head)
        return bool(blank_line) and length is not None and len(body) >= int(length[1])


def _request(method: str, path: str, headers: Mapping[str, str]) -> bytes:
    body = RESERVE_BODY if method == "POST" else ""
    head = f"{method} {path} HTTP/1.1\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}\r\n{body}".encode()
