"""What the engine and the API expect of a database, whichever it is.

Every method may raise StorageUnavailable; it means that nothing was written.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from ticketboss.domain.commands import Command
from ticketboss.domain.events import Event
from ticketboss.domain.ledger import EventState, LedgerEntry
from ticketboss.domain.reservations import PartnerTotals, Reservation, Status
from ticketboss.repository.access import AccessRepository
from ticketboss.repository.transfer import History, Transfer

# The most claims that one snapshot names as due to end; there may be more.
DUE_MAX = 256
# The most rows that one page of a list looks at, however few of them it wants.
ROWS_SCANNED_MAX = 5_000


class StorageUnavailable(Exception):
    """The database cannot be used right now; nothing was written."""


class SchemaMismatch(StorageUnavailable):
    """The database was not migrated to the schema of this program, or further than it."""


class LockTimeout(Exception):
    """The write lock was not to be had by the deadline; nothing was written."""


class Conflict(Exception):
    """The event is no longer at the version that the changes were planned on; nothing written."""


class Contradiction(Exception):
    """A check of the database stopped the write: what is stored is damaged, or we have a bug.

    Nothing was written. Whoever needs other rows is not concerned.
    """


class OutcomeUnknown(Exception):
    """COMMIT was sent and no answer came: the changes may be there or not, or come later."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One event as of one moment, with what the given commands need; `now` in ms since 1970."""

    state: EventState
    now: int


@dataclass(frozen=True, slots=True)
class ReservationFilter:
    """Which reservations of an event a list wants; None wants all."""

    partner_id: str | None = None
    reference: str | None = None
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class ReservationPage:
    """Some reservations in commit order; `next_after` is the version to go on after, if at all.

    A page may be short, or empty, and still have a next one: what it looks at is bounded.
    """

    reservations: list[Reservation]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class ReservationChange:
    """A reservation to be written; `version_read` is None for a new one."""

    reservation: Reservation
    version_read: int | None


@dataclass(frozen=True, slots=True)
class Changes:
    """What one commit writes, all of it or nothing.

    `version_read` is the event's version that the plan was made on, None for a new event.
    `commit_id` is random and stored with each entry: by it a writer that lost the answer to its
    COMMIT recognises its own work.
    """

    event: Event
    version_read: int | None
    entries: Sequence[LedgerEntry]
    reservations: Sequence[ReservationChange]
    partners: dict[str, PartnerTotals]
    commit_id: int


class Transaction(Protocol):
    """Reads a snapshot and commits what was planned on it."""

    def snapshot(
        self, event_id: str, commands: Sequence[Command], deadline: float | None = None
    ) -> Snapshot:
        """The event, and of its reservations, keys and partners those that `commands` name.

        Raises LockTimeout when reading is not possible by the deadline (monotonic seconds);
        without one, StorageUnavailable after a while.
        """
        ...

    def commit(self, changes: Changes, deadline: float) -> None:
        """Write the changes if the event is still at `changes.version_read`.

        `deadline` is on the monotonic clock, in seconds. Raises Conflict, LockTimeout or
        StorageUnavailable when nothing was written, and OutcomeUnknown when that is not certain.
        Any other exception also means that nothing was written.
        """
        ...


class Repository(Transaction, History, Protocol):
    """All of the database."""

    @property
    def access(self) -> AccessRepository:
        """Keys, partners and the admin log, over the same connections."""
        ...

    def migrate(self) -> list[str]:
        """Bring the schema up to date; gives the names of the migrations that were applied.

        Raises SchemaMismatch when the database is newer than this program.
        """
        ...

    def check(self) -> None:
        """Raise StorageUnavailable (or SchemaMismatch) unless reading and writing can begin."""
        ...

    def warnings(self) -> list[str]:
        """What an operator should know about this storage, in sentences."""
        ...

    def exclusive(
        self, event_id: str, work: Callable[[Transaction], None], deadline: float
    ) -> None:
        """Have `work` done in a transaction on one event that nobody can overtake.

        It has its lock from the start, and has committed when this returns. The `deadline` given
        to its `commit` is not used again. Another thread may do the work, and it may be done
        again after the first time was taken back: what it did last counts. Raises LockTimeout
        when the lock is not to be had by the deadline, and what `commit` and `work` raise.
        """
        ...

    def make_durable(self, event_id: str, deadline: float) -> None:
        """Return when nothing that a snapshot of the event has shown can be lost any more.

        A database may show what no standby has yet, after a wait for it was cut short. Raises
        LockTimeout, StorageUnavailable or OutcomeUnknown when that is not certain by `deadline`.
        """
        ...

    def commit_id(self, event_id: str, version: int, deadline: float | None = None) -> int | None:
        """The `commit_id` that was stored with one ledger entry; None without such an entry.

        `deadline` is as for `snapshot`.
        """
        ...

    def now(self) -> int:
        """The time that decisions are made at, in milliseconds since 1970, UTC."""
        ...

    def reservation(self, event_id: str, reservation_id: str) -> Reservation | None:
        """One reservation of one event, or None."""
        ...

    def reservations_page(
        self, event_id: str, wanted: ReservationFilter, after_version: int, limit: int
    ) -> ReservationPage:
        """Reservations that were made after a version, in the order in which they were made."""
        ...

    def event_at(self, event_id: str, version: int) -> tuple[LedgerEntry, LedgerEntry] | None:
        """The entry of one version, and the newest entry up to it that has all settings.

        None if there is no such version.
        """
        ...

    def entries_at(self, places: Collection[tuple[str, int]]) -> list[LedgerEntry]:
        """The ledger entries at these places, each an event and a version, in no particular order.

        Of places that there are not, there is no entry.
        """
        ...

    def versions(self, event_ids: Collection[str]) -> dict[str, int]:
        """The versions of those of the events that exist."""
        ...

    def events_due(self, now: int, limit: int) -> list[str]:
        """Events with claims that a Sweep would end at `now` (milliseconds since 1970, UTC)."""
        ...

    def damage(self) -> list[str]:
        """What no ledger shows, such as rows that belong to no event; empty when all is well."""
        ...

    def filled_tables(self) -> list[str]:
        """The tables that have rows; none in a database that was not made yet."""
        ...

    def transfer(self, deadline: float) -> AbstractContextManager[Transfer]:
        """A transaction on everything, which commits when the block ends; an exception rolls back.

        Raises LockTimeout when a writer does not let go by the deadline (monotonic seconds),
        SchemaMismatch unless the schema is that of this program, and OutcomeUnknown when COMMIT
        gave no answer.
        """
        ...

    def observe_lock_waits(self, observe: Callable[[float], None]) -> None:
        """Have `observe` told the seconds that each writer waited for the write lock."""
        ...

    def tidy(self) -> None:
        """Do what the storage wants done now and then; to be called by one thread, all the time."""
        ...

    def log_bytes(self) -> int:
        """The size of the write-ahead log, or 0 where this process knows of none."""
        ...

    def close(self) -> None:
        """Give all connections back."""
        ...
