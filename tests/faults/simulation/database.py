"""One process's way to the database: a repository that is slow, fails, and loses races."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from tests.faults.simulation.dice import FATES
from tests.faults.simulation.kernel import Ended, Killed
from tests.faults.simulation.machine import Held, Machine, in_words
from ticketboss.domain.commands import Command
from ticketboss.domain.events import Event
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.domain.reservations import PartnerTotals, Reservation
from ticketboss.repository.interface import (
    Changes,
    LockTimeout,
    OutcomeUnknown,
    Snapshot,
    StorageUnavailable,
)


class InjectedBug(Exception):
    """The stand-in for whatever nobody has thought of; nothing was written."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One snapshot: of which version, at which step and time, and who was frozen then."""

    step: int
    event_id: str
    version: int | None
    now: int
    frozen: frozenset[str]


class Rows:
    """What a verification reads, at once and without faults."""

    def __init__(self, machine: Machine) -> None:
        self._events = machine.store.events

    def event(self, event_id: str) -> Event | None:
        rows = self._events.get(event_id)
        return rows.event if rows else None

    def events(self, after_event_id: str, limit: int, is_test: bool | None = None) -> list[Event]:
        return [rows.event for id_, rows in sorted(self._events.items()) if id_ > after_event_id]

    def ledger(self, event_id: str, after_version: int, limit: int) -> list[LedgerEntry]:
        rows = self._events.get(event_id)
        return rows.ledger[after_version + 1 :][:limit] if rows else []

    def reservations(self, event_id: str, reservation_ids: Sequence[str]) -> list[Reservation]:
        rows = self._events[event_id].reservations
        return [rows[id_] for id_ in reservation_ids if id_ in rows]

    def reservations_created(self, event_id: str, up_to_version: int) -> int:
        rows = self._events[event_id].reservations.values()
        return sum(row.created_version <= up_to_version for row in rows)

    def totals(self, event_id: str) -> tuple[Event, dict[str, PartnerTotals]] | None:
        rows = self._events.get(event_id)
        return (rows.event, rows.partners) if rows else None


class Database:
    """What the engine of one process is given as its repository."""

    def __init__(self, machine: Machine, process: str) -> None:
        self.seen: list[Seen] = []
        self._machine = machine
        self._kernel, self._dice = machine.kernel, machine.dice
        self._process = process
        self._rows = Rows(machine)

    def snapshot(
        self, event_id: str, commands: Sequence[Command], deadline: float | None = None
    ) -> Snapshot:
        with self._call(f"snapshot {event_id}"):
            return self._snapshot(event_id, commands)

    def commit(self, changes: Changes, deadline: float) -> None:
        event_id = changes.event.event_id
        with self._call(f"commit {in_words(changes)}"):
            if self._dice.happens(self._dice.odds.race) and self._machine.locks.is_free(event_id):
                self._machine.rival(event_id)
            with self._transaction(event_id, deadline) as transaction:
                transaction.commit(changes, deadline)

    def exclusive(
        self, event_id: str, work: Callable[["Transaction"], None], deadline: float
    ) -> None:
        with self._call(f"exclusive {event_id}"):
            if self._dice.happens(self._dice.odds.rolled_back):
                with suppress(LockTimeout), self._transaction(event_id, deadline) as taken_back:
                    work(taken_back)
                    taken_back.changes = None
            with self._transaction(event_id, deadline) as transaction:
                work(transaction)

    def make_durable(self, event_id: str, deadline: float) -> None:
        with self._call(f"make durable {event_id}"):
            if self._dice.happens(self._dice.odds.unknown):
                raise OutcomeUnknown("no answer to the wait")

    def commit_id(self, event_id: str, version: int, deadline: float | None = None) -> int | None:
        with self._call(f"commit id {event_id} {version}"):
            rows = self._machine.store.events.get(event_id)
            there = rows.commit_ids if rows else []
            return there[version] if version < len(there) else None

    def now(self) -> int:
        return self._machine.now_ms()

    def events_due(self, now: int, limit: int) -> list[str]:
        with self._call("events due"):
            return self._machine.store.events_due(now, limit)

    def tidy(self) -> None:
        with self._call("tidy"):
            pass

    def ledger(self, event_id: str, after_version: int, limit: int) -> list[LedgerEntry]:
        with self._call(f"ledger {event_id} after {after_version}"):
            return self._rows.ledger(event_id, after_version, limit)

    def _snapshot(self, event_id: str, commands: Sequence[Command]) -> Snapshot:
        store, kernel = self._machine.store, self._kernel
        snapshot = store.snapshot(event_id, commands, self._machine.now_ms())
        version = store.version(event_id)
        frozen = frozenset(store.frozen)
        self.seen.append(Seen(kernel.steps, event_id, version, snapshot.now, frozen))
        kernel.note(f"sees {event_id} at {version}")
        return snapshot

    @contextmanager
    def _call(self, what: str) -> Iterator[None]:
        """A call that takes its time, before and behind; a killed task learns of it before."""
        kernel = self._kernel
        task, began = kernel.current, kernel.now
        task.late_calls += began > task.deadline
        kernel.note(what)
        try:
            kernel.sleep(self._dice.call_seconds())
            self._may_fail()
            yield
            kernel.pause()
        except BaseException as error:
            kernel.note(f"{what} fails:", repr(error))
            task.lock_timeouts += isinstance(error, LockTimeout)
            raise
        finally:
            task.excused += max(0.0, kernel.now - max(began, task.deadline))

    def _may_fail(self) -> None:
        odds = self._dice.odds
        if self._dice.happens(odds.unavailable):
            raise StorageUnavailable("the storage is gone")
        if self._dice.happens(odds.bug):
            raise InjectedBug

    @contextmanager
    def _transaction(self, event_id: str, deadline: float) -> Iterator["Transaction"]:
        """The write lock, and COMMIT at the end of the block."""
        held = self._machine.locks.acquire(event_id, self._process, deadline)
        if held is None:
            raise LockTimeout
        transaction = Transaction(self)
        try:
            if self._dice.happens(self._dice.odds.lock_timeout):
                raise LockTimeout
            yield transaction
            if transaction.changes is not None:
                self._commit(transaction.changes, held)
        finally:
            # It may have gone to a ghost.
            if held.process is not None:
                self._machine.locks.release(held)

    def _commit(self, changes: Changes, held: Held) -> None:
        """COMMIT: from here on nobody knows what a lost answer means."""
        kernel, dice = self._kernel, self._dice
        fate = dice.random.choice(FATES) if dice.happens(dice.odds.unknown) else "answered"
        stuck = dice.happens(dice.odds.stuck)
        seconds = dice.stuck_seconds(1.0) if stuck else dice.call_seconds()
        sent = self._machine.in_commit.setdefault(self._process, [])
        sent.append(changes)
        try:
            kernel.sleep(seconds)
            if fate in ("answered", "landed"):
                self._machine.land(changes)
            sent.remove(changes)
            kernel.sleep(dice.call_seconds())
        except (Killed, Ended) as error:
            raise OutcomeUnknown("killed at COMMIT") from error
        finally:
            if changes in sent:
                sent.remove(changes)
        if fate.startswith("late"):
            self._machine.land_later(changes, held if fate == "late under the lock" else None)
        if fate != "answered":
            raise OutcomeUnknown(fate)


class Transaction:
    """A transaction that has its lock; it is committed when its block ends."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.changes: Changes | None = None

    def snapshot(
        self, event_id: str, commands: Sequence[Command], deadline: float | None = None
    ) -> Snapshot:
        self._database._kernel.pause(may_be_killed=True)
        return self._database._snapshot(event_id, commands)

    def commit(self, changes: Changes, deadline: float) -> None:
        self._database._kernel.pause(may_be_killed=True)
        self._database._machine.store.compare(changes)
        self.changes = changes
