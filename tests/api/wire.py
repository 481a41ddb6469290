"""HTTP as bytes on a socket, for what well-behaved clients do not send."""

import http.client
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from tests.api.answers import assert_never_html, problem_document

ANSWER_SECONDS_MAX = 10.0


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """One answer as it came over the connection."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def problem(self, status: int, code: str) -> dict[str, Any]:
        """The problem document, which must be this problem."""
        document = problem_document(self.status, self.headers, self.body)
        assert (self.status, document["code"]) == (status, code), self.body
        return document


class Wire:
    """One connection to a server on loopback."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS_MAX)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._socket.close()

    def send(self, *lines: bytes, body: bytes = b"") -> None:
        """Send a head of these lines, and the body."""
        self._socket.sendall(b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body)

    def send_bytes(self, sent: bytes) -> None:
        """Send these very bytes."""
        self._socket.sendall(sent)

    def everything(self) -> bytes:
        """All that comes until the server closes the connection."""
        received = b""
        with suppress(ConnectionResetError):
            while piece := self._socket.recv(65_536):
                received += piece
        return received

    def end_sending(self) -> None:
        """Close our direction only: the server sees the end and can still answer."""
        # The server may have closed the connection already.
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def answer(self, method: str = "GET") -> WireAnswer:
        """The next answer; `method` is that of its request."""
        response = http.client.HTTPResponse(self._socket, method=method)
        try:
            response.begin()
            answer = WireAnswer(response.status, dict(response.getheaders()), response.read())
        finally:
            response.close()
        assert_never_html(answer.headers, answer.body)
        return answer

    def ask(self, *lines: bytes, body: bytes = b"") -> WireAnswer:
        """Send one request and read its answer."""
        self.send(*lines, body=body)
        return self.answer(lines[0].split()[0].decode("latin-1"))
