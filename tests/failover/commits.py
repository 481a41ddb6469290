"""A proxy before PostgreSQL that loses connections exactly at COMMIT."""

import random
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from tests.failover.messages import BIND, CommitWatch, Questions, has_committed, is_complete
from tests.failover.relay import CHUNK_BYTES, Relay, hang_up

# By how much a COMMIT comes late: PostgreSQL ends a transaction that is idle for three seconds.
LATE_SECONDS = (1.0, 2.0)
ANSWER_SECONDS_MAX = 10.0


class Way(Enum):
    """What becomes of a COMMIT whose client never gets its answer."""

    NEVER = "never arrives"
    AT_ONCE = "arrives, its answer is lost"
    LATE = "arrives late"


@dataclass(slots=True)
class Fault:
    """One COMMIT that was interfered with."""

    way: Way
    # Whether the client sees its connection break; else it waits until it gives up.
    is_told: bool
    # Whether PostgreSQL said that it has committed; None while that is not known.
    has_landed: bool | None = None


class CommitProxy(Relay):
    """Forwards everything but some COMMITs of writes, which it chooses by `seed` once armed."""

    def __init__(self, url: str, seed: int, *, all_told: bool) -> None:
        """`url` is how to connect past the proxy, and the attribute how to connect through it.

        Without `all_told`, about half of the clients only find out by waiting in vain.
        """
        port = urlsplit(url).port
        assert port is not None
        super().__init__(port)
        self.url = url.replace(f":{port}/", f":{self.port}/")
        self._chance = random.Random(seed)
        self._all_told = all_told
        self._choosing = threading.Lock()
        self._faults_left = 0
        self.closing = threading.Event()
        self.faults: list[Fault] = []

    def arm(self, faults: int) -> None:
        """Interfere with so many of the COMMITs to come, with about every second one."""
        with self._choosing:
            self._faults_left += faults

    def choose(self) -> tuple[Fault, float] | None:
        """What becomes of the COMMIT at hand, and by how many seconds it comes late.

        None for nothing out of the ordinary.
        """
        with self._choosing:
            if not self._faults_left or self._chance.random() < 0.5:
                return None
            self._faults_left -= 1
            way = self._chance.choice(list(Way))
            fault = Fault(way, is_told=self._all_told or self._chance.random() < 0.5)
            self.faults.append(fault)
            return fault, self._chance.uniform(*LATE_SECONDS) if way is Way.LATE else 0.0

    def relay(self, client: socket.socket, server: socket.socket) -> None:
        conversation = _Conversation(self, client, server)
        self.start_thread(conversation.forward_questions)
        self.start_thread(conversation.forward_answers)

    def close(self) -> None:
        self.closing.set()
        super().close()


class _Conversation:
    """One client's connection to PostgreSQL."""

    def __init__(self, proxy: CommitProxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._questions = Questions(client)
        # From a fault on, answers are kept here instead of forwarded.
        self._kept: bytes | None = None
        self._is_answered = threading.Event()

    def forward_questions(self) -> None:
        watch = CommitWatch()
        with suppress(OSError):
            for message in self._questions:
                chosen = self._proxy.choose() if watch.is_commit(message) else None
                if chosen:
                    if message.startswith(BIND):
                        message += self._questions.up_to_sync()
                    self._interfere(message, *chosen)
                    break
                self._server.sendall(message)
        hang_up(self._server)
        hang_up(self._client)

    def forward_answers(self) -> None:
        with suppress(OSError):
            while chunk := self._server.recv(CHUNK_BYTES):
                if self._kept is None:
                    self._client.sendall(chunk)
                else:
                    self._kept += chunk
                    if is_complete(self._kept):
                        self._is_answered.set()
        # There is no answer any more.
        self._is_answered.set()
        if self._kept is None:
            hang_up(self._client)

    def _interfere(self, commit: bytes, fault: Fault, late_seconds: float) -> None:
        self._kept = b""
        if fault.is_told and fault.way is not Way.AT_ONCE:
            hang_up(self._client)
        self._proxy.closing.wait(late_seconds)
        fault.has_landed = fault.way is not Way.NEVER and self._commit(commit)
        if not fault.is_told:
            # Its client goes on waiting, until it has had enough.
            while self._questions.next():
                pass

    def _commit(self, commit: bytes) -> bool:
        """Commit in the client's stead; gives whether that was possible."""
        self._server.sendall(commit)
        self._is_answered.wait(ANSWER_SECONDS_MAX)
        return has_committed(self._kept or b"")
