"""What all processes share: the clock, the rows, the write locks, and commits that hang about."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.faults.simulation.dice import Dice
from tests.faults.simulation.kernel import Kernel, Task
from tests.faults.simulation.rows import Store
from ticketboss.repository.interface import Changes

START_MS = 1_790_000_000_000
FOR_EVER = float("inf")


@dataclass(slots=True, eq=False)
class Held:
    """A write lock that somebody has; without a process no crash gives it back."""

    name: str
    process: str | None


class Locks:
    """The write locks: one for each event, or one for all of them as in SQLite."""

    def __init__(self, kernel: Kernel, one_for_all: bool) -> None:
        self._kernel = kernel
        self._one_for_all = one_for_all
        self._held: dict[str, Held] = {}
        self._waiting: list[Task] = []

    def is_free(self, event_id: str) -> bool:
        """Whether nobody has the lock of an event."""
        return self._name(event_id) not in self._held

    def acquire(self, event_id: str, process: str | None, until: float) -> Held | None:
        """Take a lock, waiting for it until then; None if it does not come in time."""
        kernel, name = self._kernel, self._name(event_id)
        while name in self._held:
            if kernel.now >= until:
                return None
            moment = None if until == FOR_EVER else until
            kernel.block(moment, may_be_killed=True, among=self._waiting)
        self._held[name] = held = Held(name, process)
        return held

    def release(self, held: Held) -> None:
        """Give a lock back. It may have been taken away meanwhile, by a crash."""
        if self._held.get(held.name) is held:
            del self._held[held.name]
            waiting, self._waiting = self._waiting, []
            for task in waiting:
                self._kernel.wake(task)

    def release_all_of(self, process: str) -> None:
        """Give back what a process has that is no more."""
        for held in list(self._held.values()):
            if held.process == process:
                self.release(held)

    def _name(self, event_id: str) -> str:
        return "all" if self._one_for_all else event_id


@dataclass(eq=False)
class Machine:
    """One run's database and its surroundings."""

    kernel: Kernel
    dice: Dice
    store: Store
    locks: Locks
    # Has another writer change an event now.
    rival: Callable[[str], None] = lambda _: None
    clock_jump_ms: int = 0
    # What each process has sent COMMIT for and has not heard of.
    in_commit: dict[str, list[Changes]] = field(default_factory=dict)

    @classmethod
    def of(cls, kernel: Kernel, dice: Dice) -> "Machine":
        """An empty database as the dice want it."""
        return cls(kernel, dice, Store(dice.limits["DUE_MAX"]), Locks(kernel, dice.one_lock))

    def now_ms(self) -> int:
        """The time that decisions are made at."""
        return START_MS + int(self.kernel.now * 1000) + self.clock_jump_ms

    def land(self, changes: Changes) -> None:
        """Write changes now. Raises Conflict, or RowRefused, and then writes nothing."""
        self.store.land(changes, self.kernel.steps)
        self.kernel.note(f"lands {in_words(changes)}")

    def land_later(self, changes: Changes, held: Held | None) -> None:
        """Have a COMMIT without an answer come to an end of its own, or to none.

        With `held` it keeps its lock until then.
        """
        seconds = self.dice.stuck_seconds(1.0)
        comes = self.dice.random.random() < 0.7
        event_id = changes.event.event_id

        def ghost() -> None:
            self.kernel.sleep(seconds)
            has = held or self.locks.acquire(event_id, None, FOR_EVER)
            if has is None:
                return
            try:
                if comes:
                    self.land(changes)
            except Exception as error:  # noqa: BLE001 - somebody was faster: it has not happened
                self.kernel.note(f"comes too late: {in_words(changes)}: {error!r}")
            finally:
                self.locks.release(has)

        if held is not None:
            held.process = None
        self.kernel.spawn(f"ghost of {in_words(changes)}", None, ghost)

    def crash(self, process: str) -> None:
        """Lose a process: its transactions end, and what it had sent may be there or come."""
        for task in self.kernel.tasks:
            if task.process == process and not task.has_ended:
                task.is_dead = True
        for changes in self.in_commit.pop(process, []):
            self.land_later(changes, None)
        self.locks.release_all_of(process)


def in_words(changes: Changes) -> str:
    """The event and the versions that changes make."""
    first, last = changes.entries[0], changes.entries[-1]
    return f"{changes.event.event_id} {first.version}-{last.version}"
