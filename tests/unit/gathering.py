"""Writers of several events that are made to wait for each other, over a real SQLite file."""

import sqlite3
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.unit.rig import Hook, until
from ticketboss.repository.interface import Conflict
from ticketboss.repository.sqlite.connection import Connections
from ticketboss.repository.sqlite.driver import choose_driver
from ticketboss.repository.sqlite.file import create_file
from ticketboss.repository.sqlite.together import Together, Work

PATIENCE_SECONDS = 30.0


class Bug(Exception):
    """What nobody has thought of."""


class Watched(Connections):
    """Connections that can be made to fail at COMMIT, before it or behind it."""

    def __init__(self, path: Path) -> None:
        driver = choose_driver()
        create_file(path, driver, within())
        super().__init__(path, driver)
        self.before_commit: list[Hook] = []
        self.after_commit: list[Hook] = []
        self.commits = 0

    def _commit(self, connection: sqlite3.Connection, deadline: float) -> None:
        _next(self.before_commit)
        super()._commit(connection, deadline)
        self.commits += 1
        _next(self.after_commit)


class Gathering:
    """A table of numbers, and those who want to write into it together."""

    def __init__(self, folder: Path) -> None:
        self.connections = Watched(folder / "numbers.db")
        self.together = Together(self.connections)
        with self.connections.writing(within()) as connection:
            connection.execute("CREATE TABLE numbers (number INTEGER PRIMARY KEY)")
        self.connections.commits = 0
        # In which transaction each work was done, the last time.
        self.done_in: dict[int, int] = {}
        self.told_to_the_holder: BaseException | None = None

    def close(self) -> None:
        self.connections.close()

    def numbers(self) -> list[int]:
        return [row[0] for row in self.connections.fetch("SELECT number FROM numbers", {})]

    def waiting(self) -> int:
        return len(self.together._waiting)

    def waiting_of(self, prefix: str) -> int:
        """How many wait for whose events the name begins so."""
        return sum(writer.event_id.startswith(prefix) for writer in list(self.together._waiting))

    def is_idle(self) -> bool:
        return self.together._leader is None and not self.waiting()

    def writes(self, number: int, error: Exception | None = None) -> Work:
        """Work that writes a number, and then raises the error, if any."""

        def work(connection: sqlite3.Connection) -> None:
            self.done_in[number] = self.connections.commits
            connection.execute("INSERT INTO numbers VALUES (?)", (number,))
            if error is not None:
                raise error

        return work

    def gather(
        self, works: Sequence[tuple[str, Work]], *before_it_ends: Hook
    ) -> list[BaseException | None]:
        """Have all wait, in this order, while the write lock is held; gives what each was told."""
        futures: list[Future[None]] = []

        def come(pool: ThreadPoolExecutor) -> None:
            for event_id, work in works:
                futures.append(pool.submit(self.together.write, event_id, work, within()))
                until(lambda: self.waiting() == len(futures))
            for hook in before_it_ends:
                hook()

        with ThreadPoolExecutor(len(works) + 1) as pool:
            holder = pool.submit(self._hold, partial(come, pool))
            self.told_to_the_holder = holder.exception(PATIENCE_SECONDS)
            return [future.exception(PATIENCE_SECONDS) for future in futures]

    def _hold(self, while_held: Hook) -> None:
        # When the work is done once more, all have come already.
        todo = [while_held]
        self.together.write("of the holder", lambda _: _next(todo), within())


def loses_its_race(connection: sqlite3.Connection) -> None:
    """Work that finds its event at another version, before it has written anything."""
    connection.execute("DELETE FROM numbers WHERE number = -1")
    raise Conflict


def within(seconds: float = PATIENCE_SECONDS) -> float:
    """A deadline that many seconds from now."""
    return time.monotonic() + seconds


def _next(hooks: list[Hook]) -> None:
    if hooks:
        hooks.pop(0)()
