"""Group commit across events: writers that wait for the write lock share one transaction.

The first to arrive leads: it takes the lock, does the work of all who wait, one after another,
and commits once, so one disk sync serves them all. The engine gathers the commands of one event
in the same way (`ticketboss.engine.committer`); here its batches of several events are gathered.
"""

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ticketboss.repository.interface import Conflict, LockTimeout, OutcomeUnknown
from ticketboss.repository.sqlite.connection import Connections

# Who is left over is in the next transaction. Work that has begun is done, however much it writes.
WRITERS_TOGETHER_MAX = 64
ROWS_TOGETHER_MAX = 2_048
# So often work is done beside that of others before it is done alone.
TRIES_TOGETHER_MAX = 2

Work = Callable[[sqlite3.Connection], None]


class RolledBack(Exception):
    """What this writer has written was taken back; `by_another` if another one's work failed."""

    def __init__(self, by_another: bool) -> None:
        super().__init__(by_another)
        self.by_another = by_another


@dataclass(slots=True, eq=False)
class Writer:
    """One piece of work on its way; `is_taken` is guarded by the lock."""

    event_id: str
    work: Work
    # Set with the outcome, or with the lead.
    wake: threading.Event = field(default_factory=threading.Event)
    arrived: float = field(default_factory=time.perf_counter)
    is_taken: bool = False
    error: Exception | None = None


class Together:
    """Does the work of many threads (or greenlets) in as few transactions as it can."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._lock = threading.Lock()
        self._waiting: deque[Writer] = deque()
        self._leader: Writer | None = None

    def write(self, event_id: str, work: Work, deadline: float) -> None:
        """Have `work` done in a write transaction; returns when that has committed.

        Another thread may do it, beside that of other events. It may be done again: an error of
        one takes back what all have written. Then the one whose work failed does it alone, and
        the others do theirs together once more. A Conflict behind which nothing was written is
        no such error. Raises what `work` or Connections.writing do.
        """
        for _ in range(TRIES_TOGETHER_MAX):
            try:
                self._write(Writer(event_id, work), deadline)
            except RolledBack as rolled_back:
                if not rolled_back.by_another:
                    break
            else:
                return
        with self._connections.writing(deadline) as connection:
            work(connection)

    def _write(self, writer: Writer, deadline: float) -> None:
        with self._lock:
            self._waiting.append(writer)
            if self._leader is None:
                self._leader = writer
        if self._leader is not writer:
            self._wait(writer, deadline)
        if self._leader is writer:
            try:
                self._lead(writer, deadline)
            finally:
                self._leave(writer)
        if writer.error is not None:
            raise writer.error

    def _wait(self, writer: Writer, deadline: float) -> None:
        """Wait for the lead, or for the outcome of what another has begun to do."""
        try:
            is_woken = writer.wake.wait(max(0.0, deadline - time.monotonic()))
            if is_woken or not self._leave(writer):
                writer.wake.wait()
                return
        except BaseException as error:
            if self._leave(writer):
                raise
            raise OutcomeUnknown("stopped before the outcome was known") from error
        self._connections.observe_lock_wait(time.perf_counter() - writer.arrived)
        raise LockTimeout

    def _leave(self, writer: Writer) -> bool:
        """Give up the place and the lead; whether the work has not been taken either."""
        with self._lock:
            if not writer.is_taken and writer in self._waiting:
                self._waiting.remove(writer)
            if self._leader is writer:
                self._leader = self._waiting[0] if self._waiting else None
                if self._leader is not None:
                    self._leader.wake.set()
            return not writer.is_taken

    def _lead(self, leader: Writer, deadline: float) -> None:
        # Yield once, before the lock is ours: whoever is ready to write is here afterwards.
        time.sleep(0)
        taken: list[Writer] = []
        # Whatever else may stop us: to the others it is not known how far it has come.
        error: Exception | None = OutcomeUnknown("stopped before the outcome was known")
        at_work: Writer | None = None
        try:
            with self._connections.writing(deadline, leader.arrived) as connection:
                for at_work in self._take(connection, taken):
                    _do(at_work, connection)
                at_work = None
            error = None
        except OutcomeUnknown as unknown:
            error = unknown
        except Exception as failure:  # noqa: BLE001 - each is told what it comes to for itself
            error = failure
            if len(taken) > 1:
                error = RolledBack(by_another=at_work is not None)
                if at_work is not None:
                    at_work.error = RolledBack(by_another=False)
        finally:
            leader.error = leader.error or error
            for writer in taken[1:]:
                # One exception each: a shared one would collect the tracebacks of all.
                writer.error = writer.error or (error and type(error)(*error.args))
                writer.wake.set()

    def _take(self, connection: sqlite3.Connection, taken: list[Writer]) -> Iterator[Writer]:
        """Those who share the transaction, each taken when the one before it is done.

        No event comes twice: nobody may plan on what might be taken back.
        """
        rows_before = connection.total_changes
        event_ids: set[str] = set()
        while True:
            with self._lock:
                if not self._waiting or self._waiting[0].event_id in event_ids:
                    return
                writer = self._waiting.popleft()
                writer.is_taken = True
            taken.append(writer)
            event_ids.add(writer.event_id)
            if len(taken) > 1:
                self._connections.observe_lock_wait(time.perf_counter() - writer.arrived)
            yield writer
            rows = connection.total_changes - rows_before
            if len(taken) >= WRITERS_TOGETHER_MAX or rows >= ROWS_TOGETHER_MAX:
                return


def _do(writer: Writer, connection: sqlite3.Connection) -> None:
    rows_before = connection.total_changes
    try:
        writer.work(connection)
    except Conflict as error:
        # The commonest way out under load. Nothing was written, so the others need not suffer.
        if connection.total_changes != rows_before:
            raise
        writer.error = error
