"""What clients ask of the engine while system calls fail, and what they are told."""

import itertools
import socket
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

from tests.faults.io.told import Told
from tests.faults.power.checks import EVENT_ID
from tests.unit.examples import PARTNER_ID, create_event
from ticketboss.domain.commands import Cancel, Change, Command, Confirm, Reserve, ReserveMany
from ticketboss.engine.administration import Administration
from ticketboss.engine.answers import Accepted, CommandRefused, Overloaded
from ticketboss.engine.committer import Committer
from ticketboss.repository.interface import (
    OutcomeUnknown,
    ReservationFilter,
    StorageUnavailable,
)
from ticketboss.repository.sqlite.driver import Driver
from ticketboss.repository.sqlite.repository import SqliteRepository

HOLD_SECONDS = 600
QUEUE_LENGTH_MAX = 10
RECOVERY_SECONDS_MAX = 20.0
# Each is tried again, as clients do, but not for long where nothing will succeed any more.
PATIENCE_SECONDS, PATIENCE_SECONDS_WITHOUT_HOPE = 0.5, 0.04


class Play:
    """A client of one process that serves from one database file.

    Answers go through a socket as well, so that a trace shows when they left. Each play asks for
    the same under the same keys: a second one repeats the first, and goes on where that has ended.
    """

    def __init__(self, database: Path, driver: Driver, *, hopeful: bool = True) -> None:
        seconds = PATIENCE_SECONDS if hopeful else PATIENCE_SECONDS_WITHOUT_HOPE
        self._tries = 2 if hopeful else 1
        self._hopeful = hopeful
        # Others may see what a rollback journal has committed before that is safe.
        self._reads_are_durable = driver.wal_safe
        self._repository = SqliteRepository(str(database), driver)
        self._committer = Committer(self._repository, seconds, QUEUE_LENGTH_MAX)
        self._made: set[str] = set()
        self._ids = _ids("sale")
        self._ends = socket.socketpair()
        self.told = Told()

    def run(self) -> Told:
        """Ask for a bit of everything; gives what was told, also where that ends in a bug.

        Without hope nothing is closed: the process is to be killed then.
        """
        try:
            self._sell()
            if self._hopeful:
                self._recover()
                self.close()
        except Exception:  # noqa: BLE001 - whatever it is, the test shows it
            self.told.bug += traceback.format_exc()
        return self.told

    def prepare(self) -> None:
        """Make the database, and a little history in it; the files stay open."""
        self._ids = _ids("preparations")
        self._repository.migrate()
        self._committer.submit(create_event(event_id=EVENT_ID))
        for _ in range(3):
            self._cancel(self._reserve(2))

    def close(self) -> None:
        """Let go of the database."""
        self._repository.close()
        for end in self._ends:
            end.close()

    def _sell(self) -> None:
        self._read()
        first = self._reserve(3)
        held = self._reserve(2, hold_seconds=HOLD_SECONDS)
        self._read()
        self._ask(Confirm(event_id=EVENT_ID, reservation_id=held, idempotency_key="confirm"))
        key = "change"
        self._ask(Change(event_id=EVENT_ID, reservation_id=first, seats=1, idempotency_key=key))
        self._reserve_many(5)
        self._issue_key()
        self._read()
        self._cancel(first)
        self._reserve(1)
        self._read()

    def _recover(self) -> None:
        deadline = time.monotonic() + RECOVERY_SECONDS_MAX
        while not self.told.recovered and time.monotonic() < deadline:
            accepted = len(self.told.accepted)
            reads = len(self.told.reads)
            self._reserve(1)
            self._read()
            self.told.recovered = (
                len(self.told.accepted) > accepted and len(self.told.reads) > reads
            )

    def _reserve(self, seats: int, hold_seconds: int | None = None) -> str:
        reservation_id = next(self._ids)
        self._ask(
            Reserve(
                event_id=EVENT_ID,
                idempotency_key=f"reserve-{reservation_id}",
                reservation_id=reservation_id,
                partner_id=PARTNER_ID,
                seats=seats,
                hold_seconds=hold_seconds,
            )
        )
        return reservation_id

    def _cancel(self, reservation_id: str) -> None:
        key = f"cancel-{reservation_id}"
        self._ask(Cancel(event_id=EVENT_ID, reservation_id=reservation_id, idempotency_key=key))

    def _reserve_many(self, count: int) -> None:
        items = tuple(
            Reserve(event_id=EVENT_ID, reservation_id=id_, partner_id=PARTNER_ID, seats=1)
            for id_ in itertools.islice(self._ids, count)
        )
        self._ask(
            ReserveMany(
                event_id=EVENT_ID,
                idempotency_key=f"many-{items[0].reservation_id}",
                partner_id=PARTNER_ID,
                items=items,
            )
        )

    def _ask(self, command: Command) -> None:
        key = command.idempotency_key or ""
        doubtful = False
        for number in range(self._tries):
            try:
                accepted = self._committer.submit(command)
            except (StorageUnavailable, Overloaded) as error:
                self.told.count(type(error).__name__)
            except OutcomeUnknown as error:
                self.told.count(type(error).__name__)
                doubtful = True
            except CommandRefused as error:
                self._note_refusal(command, error)
                break
            else:
                if accepted.replayed and not doubtful:
                    self.told.repeated.append(key)
                    if number:
                        self.told.bug += f"{key} was told to be without effect, and had one.\n"
                self._note(key, accepted)
                return
        (self.told.unknown if doubtful else self.told.without_effect).append(key)

    def _note(self, key: str, accepted: Accepted) -> None:
        entry = accepted.entry
        self.told.count("replayed" if accepted.replayed else "accepted")
        self.told.accepted[key] = entry.version
        for written in accepted.entries or (entry,):
            if written.reservation_id is not None:
                self._made.add(written.reservation_id)
                self._send(201, entry.version, f"Location: /reservations/{written.reservation_id}")

    def _note_refusal(self, command: Command, refused: CommandRefused) -> None:
        self.told.count("refused")
        if command.existing_reservation_id in self._made or isinstance(command, Reserve):
            self.told.bug += f"{command} was refused: {refused}\n"

    def _read(self) -> None:
        try:
            event = self._repository.event(EVENT_ID)
            everything = ReservationFilter()
            self._repository.reservations_page(EVENT_ID, everything, -1, 100)
        except StorageUnavailable as error:
            self.told.count(f"read {type(error).__name__}")
            if self.told.reads:
                self.told.later_reads_failed += 1
            else:
                self.told.first_read_failed = True
            return
        if event is None:
            self.told.bug += "There is no event.\n"
            return
        self.told.count("read")
        self.told.reads.append((event.version, event.available_seats))
        if self._reads_are_durable:
            self._send(200, event.version)

    def _issue_key(self) -> None:
        try:
            issued = Administration(self._repository).issue_key("operator:cli", "a-partner", False)
        except (StorageUnavailable, OutcomeUnknown) as error:
            self.told.count(f"key {type(error).__name__}")
        else:
            self.told.count("key issued")
            self.told.issued_keys.append(issued.key.key_id)

    def _send(self, status: int, version: int, *more: str) -> None:
        head = (f"HTTP/1.1 {status} OK", f"TicketBoss-Version: {version}", *more, "", "")
        self._ends[0].send("\r\n".join(head).encode())


def _ids(whose: str) -> Iterator[str]:
    """Ids of reservations, the same ones each time."""
    return (str(uuid5(NAMESPACE_OID, f"{whose} {number}")) for number in itertools.count())
