"""A bad client's connection: it says what it likes, and looks at what comes back."""

import asyncio
import re
import socket
import struct
from types import TracebackType
from typing import ClassVar, Self

HOST = b"Host: localhost\r\n"
JSON = b"Content-Type: application/json\r\n"
STATUS_LINE = re.compile(rb"(?:^|(?<=[\r\n}>]))HTTP/1\.[01] (\d{3}) ")
READ_BYTES = 65_536
ANSWER_SECONDS_MAX = 40.0


class Connection:
    """One connection to the server on loopback, as long as the block lasts."""

    open_now: ClassVar[int] = 0

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        Connection.open_now += 1
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        Connection.open_now -= 1
        self._writer.transport.abort()

    async def send(self, sent: bytes) -> None:
        """Send these bytes, as far as the server takes them."""
        self._writer.write(sent)
        await self._writer.drain()

    def end_sending(self) -> None:
        """Close one direction only."""
        if self._writer.can_write_eof():
            self._writer.write_eof()

    def reset(self) -> None:
        """Go away without a word, so that the server is told by its kernel."""
        found = self._writer.get_extra_info("socket")
        linger = struct.pack("ii", 1, 0)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._writer.transport.abort()

    def stop_reading(self) -> None:
        """Take nothing any more, so that the answer fills up all that is in between."""
        self._writer.transport.pause_reading()  # type: ignore[attr-defined]

    async def everything(self) -> bytes:
        """All that comes until the server closes the connection."""
        received = b""
        try:
            async with asyncio.timeout(ANSWER_SECONDS_MAX):
                while piece := await self._reader.read(READ_BYTES):
                    received += piece
        except ConnectionError:
            pass
        return received


def statuses(received: bytes) -> list[int]:
    """The statuses of all answers on a connection."""
    return [int(status) for status in STATUS_LINE.findall(received)]
