"""One run: processes, clients, whatever troubles them, and an end at which all must be well."""

from collections.abc import Callable
from random import Random

from tests.faults.simulation.dice import Dice
from tests.faults.simulation.engine import Engine
from tests.faults.simulation.kernel import Hung, Kernel
from tests.faults.simulation.machine import Machine
from tests.faults.simulation.nemeses import nemeses_of
from tests.faults.simulation.processes import RIVAL, Operation, Process
from tests.faults.simulation.threads import Event
from tests.faults.simulation.wishes import EVENTS, Wishes, create
from ticketboss.domain.commands import Command, Sweep
from ticketboss.engine.answers import Accepted, CommandRefused

STEPS_MAX = 400_000
TRIES_MAX = 4
# Until then every commit that hangs about has come or has gone.
QUIET_SECONDS = 5.0
PROBE_SECONDS_MAX = 20.0


class World:
    """The run of one seed; `operations` are all requests, `probes` those of the quiet end."""

    def __init__(self, seed: int, engine: Engine) -> None:
        self.random = Random(seed)
        self.dice = Dice(self.random)
        self.kernel = Kernel(self.random, self.dice.manner)
        self.machine = Machine.of(self.kernel, self.dice)
        self.machine.rival = self._overtake
        self.operations: list[Operation] = []
        self.probes: list[Operation] = []
        self.processes: list[Process] = []
        self.hung: list[str] = []
        self._engine = engine
        self._wishes = Wishes(self.random, self._made)
        self._left = 0
        self._all_left = Event(self.kernel)
        engine.bind(self.kernel, **self.dice.limits)

    def run(self) -> None:
        """Do all of it; what came of it is then in the attributes."""
        self._land(create(EVENTS[0], self.random))
        for _ in range(self.dice.processes):
            self.start_process()
        for number in range(self.dice.clients):
            self._begin(f"client {number}", self._client)
        for name, nemesis in nemeses_of(self):
            self._begin(name, nemesis)
        conductor = self.kernel.spawn("conductor", None, self._conduct)
        try:
            self.kernel.run(STEPS_MAX)
        except Hung as error:
            self.hung.append(str(error))
        waiting = [task.name for task in self.kernel.tasks if not task.has_ended]
        if waiting and not self.hung:
            self.hung.append(f"nobody wakes {', '.join(waiting)}")
        elif not conductor.has_ended and not self.hung:
            self.hung.append("it did not come to its end")
        self.kernel.end()

    def alive(self) -> list[Process]:
        """The processes that have not crashed."""
        return [process for process in self.processes if process.is_alive]

    def start_process(self) -> None:
        """One more process, or one instead of another."""
        name = f"p{len(self.processes)}"
        self.processes.append(Process(name, self.machine, self._engine))

    def crash(self, process: Process) -> None:
        """Lose a process with all that it was about to answer."""
        process.is_alive = False
        self.kernel.note(f"{process.name} crashes")
        self.machine.crash(process.name)
        for task, operation in process.handlers:
            if task.is_dead:
                operation.done.set()

    def _begin(self, name: str, run: Callable[[], None]) -> None:
        """Begin a task that the end waits for."""
        self._left += 1

        def until_its_end() -> None:
            run()
            self._left -= 1
            if not self._left:
                self._all_left.set()

        self.kernel.spawn(name, None, until_its_end)

    def _client(self) -> None:
        random, kernel = self.random, self.kernel
        name = kernel.current.name
        pause = self.dice.pause_seconds * random.choice([0.1, 1.0])
        if random.random() < 0.3:
            self._ask_until_told(name, create(EVENTS[1], random))
        for _ in range(self.dice.requests):
            kernel.sleep(random.random() * pause)
            self._ask_until_told(name, self._wishes.next())

    def _ask_until_told(self, name: str, command: Command) -> None:
        for _ in range(TRIES_MAX):
            alive = self.alive()
            if not alive:
                self.kernel.sleep(0.1)
                continue
            operation = self._ask(self.random.choice(alive), name, command)
            operation.done.wait(self.dice.patience_seconds)
            if isinstance(operation.answer, Accepted | CommandRefused):
                return
            if command.idempotency_key is None and self.random.random() < 0.5:
                return
            command = self._wishes.again(command)
            self.kernel.sleep(self.random.random() * 0.05)

    def _ask(self, process: Process, name: str, command: Command) -> Operation:
        number = len(self.operations)
        steps, done = self.kernel.steps, Event(self.kernel)
        operation = Operation(number, name, process.name, command, steps, done)
        self.operations.append(operation)
        self.kernel.note(f"asks {process.name} #{number}", command)
        process.ask(operation)
        return operation

    def _made(self, event_id: str) -> list[str]:
        rows = self.machine.store.events.get(event_id)
        return list(rows.reservations) if rows else []

    def _overtake(self, event_id: str) -> None:
        """Another writer, faster than whoever is about to write."""
        command = self._wishes.next()
        if command.event_id == event_id:
            self._land(command)

    def _land(self, command: Command) -> None:
        """Have a command done past all committers, at once."""
        kernel, machine = self.kernel, self.machine
        event_id = command.event_id
        snapshot = machine.store.snapshot(event_id, [command], machine.now_ms())
        if len(snapshot.state.due) >= self.dice.limits["DUE_MAX"]:
            return
        plan = self._engine.make_plan(snapshot, [command])
        if plan.changes is None:
            return
        machine.land(plan.changes)
        (answer,) = plan.answers
        if isinstance(answer, Accepted):
            number, step = len(self.operations), kernel.steps
            done = Event(kernel)
            self.operations.append(
                Operation(number, "rival", RIVAL, command, step, done, step, answer)
            )

    def _conduct(self) -> None:
        """Wait for all others; then all must go well, in every process and on every event."""
        kernel = self.kernel
        self._all_left.wait()
        self.dice.is_calm = True
        self.dice.manner.stall = 0
        kernel.sleep(QUIET_SECONDS)
        for process in self.alive():
            process.sweeper.stop()
        kernel.sleep(QUIET_SECONDS)
        for process in self.alive():
            for event_id in self.machine.store.events:
                probe = self._ask(process, "probe", Sweep(event_id=event_id))
                probe.done.wait(PROBE_SECONDS_MAX)
                self.probes.append(probe)
