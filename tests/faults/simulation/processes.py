"""A process with its committer and sweeper, and what it is asked."""

from dataclasses import dataclass
from typing import Any

from tests.faults.simulation.database import Database
from tests.faults.simulation.engine import Engine
from tests.faults.simulation.kernel import Ended, Kernel, Killed, Task
from tests.faults.simulation.machine import Machine
from tests.faults.simulation.threads import Event
from ticketboss.domain.commands import Command
from ticketboss.engine.answers import Accepted

# The process of those who write past all committers.
RIVAL = ""

Told = Accepted | BaseException | None


@dataclass(slots=True, eq=False)
class Operation:
    """One request to one process, by the steps of its call and its answer.

    `answer` is None where there was none: the process was lost. `late_seconds` is how long after
    its deadline it was answered, by the engine's own doing; `is_early` says that it was before it.
    """

    number: int
    client: str
    process: str
    command: Command
    called: int
    done: Event
    answered: int | None = None
    answer: Told = None
    is_early: bool = False
    late_seconds: float = 0.0
    late_calls: int = 0
    lock_timeouts: int = 0

    def __str__(self) -> str:
        told = "no answer" if self.answered is None else f"step {self.answered}: {self.answer!r}"
        return (
            f"#{self.number} {self.client} in {self.process} at step {self.called}: "
            f"{self.command} -> {told}"
        )


class Process:
    """One worker: everything in it is lost when it crashes."""

    def __init__(self, name: str, machine: Machine, engine: Engine) -> None:
        dice = machine.dice
        self.name = name
        self.is_alive = True
        self.database = Database(machine, name)
        self.committer: Any = engine.committer(
            self.database, dice.command_seconds_max, dice.queue_length_max
        )
        self.sweeper: Any = engine.sweeper(self.database, self.committer)
        self.handlers: list[tuple[Task, Operation]] = []
        self._kernel: Kernel = machine.kernel
        self._command_seconds_max: float = dice.command_seconds_max
        if dice.has_sweepers:
            self._kernel.spawn(f"{name} boot", name, self.sweeper.start)

    def ask(self, operation: Operation) -> None:
        """Begin to answer a request."""
        task = self._kernel.spawn(
            f"{self.name} #{operation.number}", self.name, lambda: self._answer(operation)
        )
        self.handlers.append((task, operation))

    def _answer(self, operation: Operation) -> None:
        kernel = self._kernel
        task = kernel.current
        task.deadline = kernel.now + self._command_seconds_max
        answer: Told
        try:
            answer = self.committer.submit(operation.command)
        except (Exception, Killed) as error:  # noqa: BLE001 - whatever it is, the client is told
            answer = error
        except Ended:
            return
        if kernel.is_over:
            return
        kernel.note("answers", answer)
        operation.answered = kernel.steps
        operation.answer = answer
        operation.late_seconds = kernel.now - task.deadline - task.excused
        operation.late_calls = task.late_calls
        operation.lock_timeouts = task.lock_timeouts
        operation.is_early = kernel.now < task.deadline
        operation.done.set()
