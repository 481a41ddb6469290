"""What the engine takes for `threading`, `time`, `random`, `secrets` and `logging`."""

import logging
from collections.abc import Callable, MutableSequence
from types import TracebackType
from typing import Any

from tests.faults.simulation.kernel import Kernel, Task

SILENT = logging.getLogger("ticketboss.simulated")
SILENT.disabled = True


class Lock:
    """A lock at which others have a turn, before it is taken and behind it."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._holder: Task | None = None
        self._waiting: list[Task] = []

    def __enter__(self) -> None:
        kernel = self._kernel
        if kernel.is_over:
            return
        kernel.pause()
        while self._holder is not None:
            kernel.block(None, among=self._waiting)
        self._holder = kernel.current
        kernel.current.locks += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        kernel = self._kernel
        if kernel.is_over:
            return
        self._holder = None
        kernel.current.locks -= 1
        waiting, self._waiting = self._waiting, []
        for task in waiting:
            kernel.wake(task)
        kernel.pause()


class Event:
    """An event that tasks wait for on the virtual clock."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._is_set = False
        self._waiting: list[Task] = []

    def is_set(self) -> bool:
        """Whether it has happened."""
        return self._is_set

    def set(self) -> None:
        """Let it happen."""
        self._is_set = True
        waiting, self._waiting = self._waiting, []
        for task in waiting:
            self._kernel.wake(task)
        self._kernel.pause()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it happens, for at most so many seconds; gives whether it did."""
        kernel = self._kernel
        kernel.pause(may_be_killed=True)
        until = None if timeout is None else kernel.now + timeout
        while not self._is_set and (until is None or kernel.now < until):
            kernel.block(until, may_be_killed=True, among=self._waiting)
        return self._is_set


class Thread:
    """A thread of the process that starts it."""

    def __init__(self, kernel: Kernel, target: Callable[[], None], name: str, daemon: bool) -> None:
        self._kernel, self._target, self._name = kernel, target, name

    def start(self) -> None:
        """Begin it."""
        process = self._kernel.current.process
        self._kernel.spawn(f"{process} {self._name}", process, self._target)


class StandIns:
    """The modules that the engine imports, by name; each run has a kernel of its own."""

    kernel: Kernel

    def __init__(self) -> None:
        self.modules: dict[str, Any] = {
            "threading": _Threading(self),
            "time": _Time(self),
            "random": _Random(self),
            "secrets": _Secrets(self),
            "logging": _Logging(),
        }


class _Threading:
    def __init__(self, of: StandIns) -> None:
        self._of = of

    def Lock(self) -> Lock:  # noqa: N802 - the name in threading
        return Lock(self._of.kernel)

    def Event(self) -> Event:  # noqa: N802 - the name in threading
        return Event(self._of.kernel)

    def Thread(  # noqa: N802 - the name in threading
        self, target: Callable[[], None], name: str, daemon: bool
    ) -> Thread:
        return Thread(self._of.kernel, target, name, daemon)


class _Time:
    def __init__(self, of: StandIns) -> None:
        self._of = of

    def monotonic(self) -> float:
        return self._of.kernel.now

    perf_counter = monotonic

    def sleep(self, seconds: float) -> None:
        if seconds:
            self._of.kernel.sleep(seconds)
        else:
            self._of.kernel.pause(may_be_killed=True)


class _Random:
    def __init__(self, of: StandIns) -> None:
        self._of = of

    def random(self) -> float:
        return self._of.kernel.random.random()

    def shuffle(self, items: MutableSequence[Any]) -> None:
        self._of.kernel.random.shuffle(items)


class _Secrets:
    def __init__(self, of: StandIns) -> None:
        self._of = of

    def randbits(self, count: int) -> int:
        return self._of.kernel.random.getrandbits(count)


class _Logging:
    def getLogger(self, name: str) -> logging.Logger:  # noqa: N802 - the name in logging
        return SILENT
