"""What reading and writing expect of a connection, whichever driver it is from."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

# Told in milliseconds since 1970, UTC; asked only when the moment is needed.
Clock = Callable[[], int]


class Cursor(Protocol):
    """The result of one statement; a driver may wait for it only when the rows are fetched."""

    def fetchall(self) -> list[Any]: ...


class Connection(Protocol):
    """One connection; parameters are named like `:event_id`, or `?` for many rows."""

    def execute(self, statement: str, parameters: Mapping[str, Any] = ..., /) -> Cursor: ...

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]], /) -> Any: ...


class Connections(Protocol):
    """A pool of connections to one database.

    Without a deadline (monotonic seconds), reading raises StorageUnavailable after a while; with
    one, LockTimeout.
    """

    def fetch(
        self, statement: str, parameters: dict[str, Any], deadline: float | None = None
    ) -> list[Any]:
        """All rows of one SELECT, which needs no transaction around it."""
        ...

    def reading(self, deadline: float | None = None) -> AbstractContextManager[Connection]:
        """A transaction that sees one state of the database and takes no lock on it."""
        ...

    def writing(self, deadline: float) -> AbstractContextManager[Connection]:
        """A transaction that commits when the block ends; an exception rolls back.

        Raises LockTimeout when a lock is not to be had by the deadline, and OutcomeUnknown when
        COMMIT gave no answer.
        """
        ...
