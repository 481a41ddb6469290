"""An engine over a real database, with places where a test can make things go wrong."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any

from tests.database import new_database, opened
from tests.unit.storage import RealRepository, place_of
from ticketboss.domain.commands import Cancel, Command, Confirm, CreateEvent, Reserve
from ticketboss.domain.events import Event
from ticketboss.engine.answers import Accepted
from ticketboss.engine.committer import Committer
from ticketboss.repository.interface import Changes, Snapshot, Transaction

EVENT_ID = "show"
WAIT_SECONDS_MAX = 10.0

Hook = Callable[[], None]


class Killed(BaseException):
    """What gevent raises in a greenlet that is killed is a BaseException like this one."""


class FaultyRepository(RealRepository):
    """A real repository whose next calls first (or afterwards) run a hook of the test's.

    Hooks are taken from the front of their list, one for each call; without one left the call
    goes through as always.
    """

    def __init__(self, url: str) -> None:
        super().__init__(place_of(url))
        self.before_snapshot: list[Hook] = []
        self.before_commit: list[Hook] = []
        self.after_commit: list[Hook] = []
        self.before_exclusive_ends: list[Hook] = []
        self.after_exclusive: list[Hook] = []
        self.before_durable: list[Hook] = []
        self.durable_asked = 0
        self.batch_sizes: list[int] = []
        self.exclusive_uses = 0

    def snapshot(
        self, event_id: str, commands: Sequence[Command], deadline: float | None = None
    ) -> Snapshot:
        _next(self.before_snapshot)
        return super().snapshot(event_id, commands, deadline)

    def commit(self, changes: Changes, deadline: float) -> None:
        _next(self.before_commit)
        super().commit(changes, deadline)
        self.batch_sizes.append(len(changes.entries))
        _next(self.after_commit)

    def make_durable(self, event_id: str, deadline: float) -> None:
        self.durable_asked += 1
        _next(self.before_durable)
        super().make_durable(event_id, deadline)

    def exclusive(
        self, event_id: str, work: Callable[[Transaction], None], deadline: float
    ) -> None:
        def do(transaction: Transaction) -> None:
            work(transaction)
            _next(self.before_exclusive_ends)

        self.exclusive_uses += 1
        super().exclusive(event_id, do, deadline)
        _next(self.after_exclusive)


def _next(hooks: list[Hook]) -> None:
    if hooks:
        hooks.pop(0)()


def raising(error: BaseException) -> Hook:
    """A hook that raises."""

    def hook() -> None:
        raise error

    return hook


class Gate:
    """A hook that stops whoever comes through it until the test opens it."""

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._open = threading.Event()

    def __call__(self) -> None:
        self._reached.set()
        if not self._open.wait(WAIT_SECONDS_MAX):
            raise AssertionError("The test never opened this gate.")

    def wait_until_reached(self) -> None:
        assert self._reached.wait(WAIT_SECONDS_MAX)

    def open(self) -> None:
        self._open.set()


class Rig:
    """One event on sale and a committer to sell it."""

    def __init__(self, folder: Path, seats: int = 100, **limits: Any) -> None:
        self.database = new_database(folder)
        self.repository = opened(FaultyRepository(self.database.url))
        self.database.migrate(self.repository)
        self.committer = Committer(
            self.repository, **{"command_seconds_max": 5.0, "queue_length_max": 1_000} | limits
        )
        self.committer.submit(
            CreateEvent(
                event_id=EVENT_ID, name="Show", total_seats=seats, seats_per_reservation_max=10
            )
        )
        self.repository.batch_sizes.clear()

    def submit_later(self, command: Command) -> "Future[Accepted]":
        """Submit from a thread of its own."""
        future: Future[Accepted] = Future()

        def run() -> None:
            try:
                future.set_result(self.committer.submit(command))
            except BaseException as error:  # noqa: BLE001 - the test looks at it
                future.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        return future

    def submit_behind(self, gate: Gate, commands: Sequence[Command]) -> "list[Future[Accepted]]":
        """Queue commands, in order, behind a leader that stands at `gate`."""
        gate.wait_until_reached()
        futures = []
        for command in commands:
            queued_before = self.waiting()
            futures.append(self.submit_later(command))
            until(partial(self._has_queued_more_than, queued_before))
        return futures

    def _has_queued_more_than(self, count: int) -> bool:
        return self.waiting() > count

    def waiting(self) -> int:
        """How many commands are queued for the event."""
        lane = self.committer._lanes.get(EVENT_ID)
        return len(lane.queue) if lane else 0

    def event(self) -> Event:
        event = self.repository.event(EVENT_ID)
        assert event is not None
        return event

    def is_idle(self) -> bool:
        """Nothing queued, nobody leading, nothing remembered."""
        return self.committer._lanes == {}


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition that another thread makes true."""
    tick = threading.Event()
    for _ in range(int(WAIT_SECONDS_MAX / 0.002)):
        if condition():
            return
        tick.wait(0.002)
    raise AssertionError("The condition did not come true.")


def reserve(number: int, seats: int = 1, **options: Any) -> Reserve:
    """A reservation of partner `p<number>`, its id made from the number."""
    return Reserve(
        event_id=EVENT_ID,
        reservation_id=f"r{number}",
        partner_id=f"p{number}",
        seats=seats,
        **options,
    )


def cancel(number: int, **options: Any) -> Cancel:
    """The cancellation of `reserve(number)`."""
    return Cancel(event_id=EVENT_ID, reservation_id=f"r{number}", **options)


def confirm(number: int, **options: Any) -> Confirm:
    return Confirm(event_id=EVENT_ID, reservation_id=f"r{number}", **options)


def hold(number: int, seats: int = 1, *, hold_seconds: int = 60, **options: Any) -> Reserve:
    """A hold of partner `p<number>`."""
    return reserve(number, seats, hold_seconds=hold_seconds, **options)
