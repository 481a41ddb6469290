"""Tasks of which one runs at a time, on a clock that only moves when nobody can run."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from greenlet import getcurrent, greenlet

# What a step costs, at most: so that the clock is not the same twice.
STEP_SECONDS_MAX = 0.00002
STALL_SECONDS_MAX = 0.4


class Ended(BaseException):
    """The simulation is over: whoever still waits unwinds."""


class Killed(BaseException):
    """Somebody has killed this task, as gevent kills a greenlet."""


class Hung(Exception):
    """Somebody waits for what never comes, or nobody ever comes to an end."""


@dataclass(slots=True, eq=False)
class Task:
    """One flow of control; `process` is the name of the process that it lives in, if any.

    `deadline` is when it should have its answer; `excused` are the seconds behind it that were
    not the engine's, `late_calls` the calls of the database that it began behind it.
    `lock_timeouts` counts those that ended without the lock.
    """

    name: str
    process: str | None
    greenlet: Any = None
    is_dead: bool = False
    is_blocked: bool = False
    may_be_killed: bool = False
    waits: int = 0
    locks: int = 0
    kill: bool = False
    deadline: float = float("inf")
    excused: float = 0.0
    late_calls: int = 0
    lock_timeouts: int = 0

    @property
    def has_ended(self) -> bool:
        """Whether it has come to its end, or was lost with its process."""
        return self.is_dead or bool(self.greenlet.dead)


@dataclass(slots=True)
class Manner:
    """How the next task is chosen: to go on with the same one, or to stall one, so often."""

    sticky: float = 0.0
    stall: float = 0.0


@dataclass(eq=False)
class Kernel:
    """The scheduler; `now` are the seconds of the monotonic clock, `steps` counts the turns."""

    random: Random
    manner: Manner
    now: float = 1_000.0
    steps: int = 0
    is_over: bool = False
    trace: list[tuple[float, str, str, object]] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    _ready: list[Task] = field(default_factory=list)
    _timers: list[tuple[float, int, int, Task]] = field(default_factory=list)
    _timer_count: int = 0
    _main: Any = field(default_factory=getcurrent)
    current: Task = field(default_factory=lambda: Task("nobody", None))

    def spawn(self, name: str, process: str | None, run: Callable[[], None]) -> Task:
        """Begin a task; it has its first turn later."""

        def body() -> None:
            try:
                run()
            except BaseException:
                # While all unwinds nobody minds; before that it is a mistake of the simulation.
                if not self.is_over:
                    raise

        task = Task(name, process)
        task.greenlet = greenlet(body, parent=self._main)
        self.tasks.append(task)
        self._ready.append(task)
        return task

    def note(self, what: str, thing: object = "") -> None:
        """Write a line of the trace; it is put into words only when somebody reads it."""
        self.trace.append((self.now, self.current.name, what, thing))

    def told(self) -> list[str]:
        """The trace in words."""
        return [f"{now:.6f} {name}: {what} {thing}" for now, name, what, thing in self.trace]

    def run(self, steps_max: int) -> None:
        """Give turns until nobody can run any more. Raises Hung after `steps_max` turns."""
        random, ready = self.random.random, self._ready
        last: Task | None = None
        while ready or self._wait_for_timer():
            self.steps += 1
            if self.steps > steps_max:
                raise Hung(f"no end after {steps_max} steps")
            if last is not None and random() < self.manner.sticky and last in ready:
                ready.remove(last)
                task = last
            else:
                place = int(random() * len(ready))
                task, ready[place] = ready[place], ready[-1]
                ready.pop()
            if task.is_dead:
                continue
            self.now += random() * STEP_SECONDS_MAX
            self._fire_timers()
            self.current = last = task
            task.greenlet.switch()

    def pause(self, may_be_killed: bool = False) -> None:
        """Let others have a turn; now and then it is a long one."""
        task = self.current
        if self.is_over:
            return
        if not task.locks and self.random.random() < self.manner.stall:
            seconds = self.random.random() * STALL_SECONDS_MAX
            task.excused += seconds
            self.block(self.now + seconds)
            return
        self._ready.append(task)
        self._switch(task, may_be_killed)

    def sleep(self, seconds: float) -> None:
        """Have no turn for so long. A killed task learns of it here."""
        self.block(self.now + seconds, may_be_killed=True)

    def block(
        self,
        until: float | None,
        may_be_killed: bool = False,
        among: list[Task] | None = None,
    ) -> None:
        """Have no turn until somebody wakes this task, at the latest at a moment.

        It stands in `among` meanwhile, so that whoever is to wake it finds it.
        """
        if self.is_over:
            raise Ended
        task = self.current
        task.waits += 1
        task.is_blocked = True
        if until is not None:
            self._timer_count += 1
            heapq.heappush(self._timers, (until, self._timer_count, task.waits, task))
        waiting = [] if among is None else among
        waiting.append(task)
        try:
            self._switch(task, may_be_killed)
        finally:
            if task in waiting:
                waiting.remove(task)

    def wake(self, task: Task) -> None:
        """Have a blocked task run again."""
        if task.is_blocked and not task.is_dead:
            task.is_blocked = False
            task.waits += 1
            self._ready.append(task)

    def kill(self, task: Task) -> None:
        """Kill a task at the next place where it waits for something, or where it does so now."""
        task.kill = True
        if task.may_be_killed:
            self.wake(task)

    def end(self) -> None:
        """Unwind all that is left."""
        self.is_over = True
        for task in self.tasks:
            self.current = task
            # One that never had a turn has nothing to unwind.
            if task.greenlet:
                task.greenlet.throw(Ended)

    def _switch(self, task: Task, may_be_killed: bool) -> None:
        task.may_be_killed = may_be_killed
        self._main.switch()
        task.may_be_killed = False
        if task.kill and may_be_killed:
            task.kill = False
            self.note("is killed")
            raise Killed

    def _wait_for_timer(self) -> bool:
        """Go on to the next moment at which somebody can run; false if there is none."""
        while self._timers and not self._ready:
            self.now = max(self.now, self._timers[0][0])
            self._fire_timers()
        return bool(self._ready)

    def _fire_timers(self) -> None:
        while self._timers and self._timers[0][0] <= self.now:
            _, _, waits, task = heapq.heappop(self._timers)
            if task.waits == waits:
                self.wake(task)
