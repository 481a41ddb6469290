"""One client's connection, and a line in its file for each request that went over it."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any, TextIO

from tests.faults.history.record import Document, Operation, operation_line

REQUEST_SECONDS_MAX = 10.0
# How long a server may be away while it is started again.
CONNECT_SECONDS_MAX = 60.0
CONNECT_PAUSE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: an API key, as whom the ledger knows it, and its partner if it is one's."""

    api_key: str
    actor: str
    partner_id: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What can be asked again in the very same words."""

    kind: str
    method: str
    path: str
    body: Document | None = None
    key: str | None = None
    if_match: str | None = None


class Wire:
    """Sends requests one after the other and records each with its answer.

    Where nobody listens nothing was asked: that is waited for, and is no part of the history.
    """

    def __init__(
        self,
        port: int,
        client: str,
        identity: Identity,
        file: TextIO,
        connect_seconds_max: float = CONNECT_SECONDS_MAX,
    ) -> None:
        self._port = port
        self._client = client
        self.identity = identity
        self._file = file
        self._connect_seconds_max = connect_seconds_max
        self._connection: HTTPConnection | None = None

    def ask(self, request: Request, seconds: float = REQUEST_SECONDS_MAX) -> Operation:
        """Send a request and give it with its answer, if one comes within so many seconds.

        Raises OSError when no connection was to be had for too long.
        """
        connection = self._connected()
        operation = Operation(
            number=0,
            client=self._client,
            kind=request.kind,
            actor=self.identity.actor,
            partner_id=self.identity.partner_id,
            method=request.method,
            path=request.path,
            body=request.body,
            key=request.key,
            if_match=request.if_match,
            called_at=time.time_ns() // 1_000_000,
            called_ns=time.monotonic_ns(),
        )
        try:
            status, headers, text = self._exchange(connection, request, seconds)
        except (OSError, HTTPException) as error:
            operation.was_cut = not isinstance(error, TimeoutError)
            self.close()
        else:
            operation.answered_ns = time.monotonic_ns()
            operation.answered_at = time.time_ns() // 1_000_000
            operation.status = status
            operation.text = text
            version = headers.get("TicketBoss-Version", "")
            operation.version = int(version) if version.isdecimal() else None
            operation.replayed = headers.get("Idempotent-Replayed") == "true"
        self._file.write(json.dumps(operation_line(operation)) + "\n")
        return operation

    def close(self) -> None:
        """Give the connection up; the next request makes another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> HTTPConnection:
        give_up = time.monotonic() + self._connect_seconds_max
        while self._connection is None:
            connection = HTTPConnection("127.0.0.1", self._port, timeout=REQUEST_SECONDS_MAX)
            try:
                connection.connect()
            except OSError:
                connection.close()
                if time.monotonic() >= give_up:
                    raise
                time.sleep(CONNECT_PAUSE_SECONDS)
            else:
                self._connection = connection
        return self._connection

    def _exchange(
        self, connection: HTTPConnection, request: Request, seconds: float
    ) -> tuple[int, Mapping[str, str], str]:
        connection.sock.settimeout(seconds)
        headers: dict[str, Any] = {"Authorization": f"Bearer {self.identity.api_key}"}
        if request.key is not None:
            headers["Idempotency-Key"] = request.key
        if request.if_match is not None:
            headers["If-Match"] = request.if_match
        body = None
        if request.body is not None:
            body = json.dumps(request.body)
            headers["Content-Type"] = "application/json"
        connection.request(request.method, request.path, body, headers)
        response = connection.getresponse()
        # Whatever it is, it is written down: that nobody can read it is for the checker to say.
        text = response.read().decode(errors="replace")
        if response.will_close:
            self.close()
        return response.status, dict(response.headers), text
