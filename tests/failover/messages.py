"""PostgreSQL's messages (its manual, "Message Formats"), as far as it takes to know a COMMIT."""

import socket
from collections.abc import Iterator

HEAD_BYTES, LENGTH_BYTES = 5, 4
QUERY, PARSE, BIND, SYNC = b"Q", b"P", b"B", b"S"
COMMAND_COMPLETE, READY_FOR_QUERY = b"C", b"Z"
# The first messages have no type. After a request for encryption, which is refused, comes another
# one; the one that names this version of the protocol is the last of them.
PROTOCOL_VERSION = 3


class Questions:
    """What a client sends, message by message."""

    def __init__(self, client: socket.socket) -> None:
        self._stream = client.makefile("rb")

    def __iter__(self) -> Iterator[bytes]:
        yield from self._startup()
        while message := self.next():
            yield message

    def next(self) -> bytes:
        """The next message with its head; empty at the end."""
        head = self._stream.read(HEAD_BYTES)
        return head + self._stream.read(int.from_bytes(head[1:]) - LENGTH_BYTES) if head else b""

    def up_to_sync(self) -> bytes:
        """All messages up to the next Sync: none of them is acted upon before that came."""
        messages = b""
        while message := self.next():
            messages += message
            if message.startswith(SYNC):
                break
        return messages

    def _startup(self) -> Iterator[bytes]:
        version = 0
        while version != PROTOCOL_VERSION:
            length = self._stream.read(LENGTH_BYTES)
            body = self._stream.read(int.from_bytes(length) - LENGTH_BYTES)
            if not body:
                return
            version = int.from_bytes(body[:2])
            yield length + body


class CommitWatch:
    """Follows what one client sends, to know the COMMITs of transactions that write."""

    def __init__(self) -> None:
        self._prepared: dict[bytes, bytes] = {}
        self._is_writing = False

    def is_commit(self, message: bytes) -> bool:
        """Whether this message is, or begins, such a COMMIT."""
        kind, body = message[:1], message[HEAD_BYTES:]
        if kind == PARSE:
            name, statement = body.split(b"\0")[:2]
            self._prepared[name] = statement
        elif kind == QUERY:
            return self._commits(body.rstrip(b"\0"))
        elif kind == BIND:
            return self._commits(self._prepared[body.split(b"\0")[1]])
        return False

    def _commits(self, statement: bytes) -> bool:
        if statement.startswith(b"BEGIN"):
            self._is_writing = b"READ WRITE" in statement
        return self._is_writing and statement == b"COMMIT"


def is_complete(answers: bytes) -> bool:
    """Whether the server has said all that it has to say."""
    return any(kind == READY_FOR_QUERY for kind, _ in _split(answers))


def has_committed(answers: bytes) -> bool:
    """Whether the server said that it has committed."""
    return (COMMAND_COMPLETE, b"COMMIT\0") in _split(answers)


def _split(answers: bytes) -> list[tuple[bytes, bytes]]:
    """The whole ones among the messages, each with its type."""
    found = []
    while len(answers) >= HEAD_BYTES:
        end = 1 + int.from_bytes(answers[1:HEAD_BYTES])
        if end > len(answers):
            break
        found.append((answers[:1], answers[HEAD_BYTES:end]))
        answers = answers[end:]
    return found
