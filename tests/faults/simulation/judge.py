"""Whether what a run told its clients is true, and what it has written is what they asked for."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.faults.history.sums import Sums
from tests.faults.simulation.database import InjectedBug, Rows, Seen
from tests.faults.simulation.kernel import Killed
from tests.faults.simulation.makers import unexplained
from tests.faults.simulation.past import Past, alike
from tests.faults.simulation.processes import RIVAL, Operation
from tests.faults.simulation.world import World
from ticketboss.api.rendering import entry_document
from ticketboss.domain.decide import decide
from ticketboss.domain.decisions import Unchanged
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.engine.answers import Accepted, CommandRefused, Overloaded
from ticketboss.engine.verifier import Verifier
from ticketboss.repository.interface import OutcomeUnknown, StorageUnavailable

WITHOUT_EFFECT = (Overloaded, StorageUnavailable, InjectedBug)
UNKNOWN = (OutcomeUnknown, Killed)
LATE_SECONDS_MAX = 0.1
# Of the one kind of overload that needs no waiting.
TOO_MANY = "too many"


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong, and which check has found it."""

    check: str
    why: str

    def __str__(self) -> str:
        return f"{self.check}: {self.why}"


class Judge:
    """Holds one run against the promises; `checked` counts what was looked at."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pasts = {id_: Past(rows) for id_, rows in world.machine.store.events.items()}
        self._seen: dict[str, list[Seen]] = {
            process.name: process.database.seen for process in world.processes
        }
        self._made_by: dict[tuple[str, int], Operation] = {}
        self.checked = 0

    def violations(self) -> Iterator[Violation]:
        """All that is wrong."""
        yield from (Violation("hang", why) for why in self._world.hung)
        for operation in self._world.operations:
            self.checked += 1
            yield from self._of_time(operation)
            wrong = self._wrong_with(operation)
            if wrong:
                yield Violation(wrong[0], f"{wrong[1]}: {operation}")
        for event_id, past in self._pasts.items():
            self.checked += len(past.ledger)
            yield from self._of_ledger(event_id, past.ledger)
            if past.is_gapless:
                open_ones = [each for each in self._world.operations if _is_open(each)]
                released = self._world.machine.store.released
                made = {version for id_, version in self._made_by if id_ == event_id}
                found = unexplained(event_id, past, made, open_ones, released)
                yield from (Violation("unexplained", why) for why in found)
        yield from self._of_end()

    def _of_time(self, operation: Operation) -> Iterator[Violation]:
        late = operation.late_seconds
        calls_max = 2 * self._world.dice.limits["BATCH_ENTRIES_MAX"] + 4
        if late > LATE_SECONDS_MAX:
            yield Violation("deadline", f"answered {late:.3f} s too late: {operation}")
        elif operation.late_calls > calls_max:
            why = f"{operation.late_calls} calls were begun behind the deadline: {operation}"
            yield Violation("deadline", why)
        is_overloaded = isinstance(operation.answer, Overloaded) and TOO_MANY not in str(
            operation.answer
        )
        if is_overloaded and operation.is_early and not operation.lock_timeouts:
            yield Violation("patience", f"given up before its time: {operation}")

    def _of_ledger(self, event_id: str, ledger: Sequence[LedgerEntry]) -> Iterator[Violation]:
        documents = [entry_document(entry, None) for entry in ledger]
        yield from (Violation(each.check, each.why) for each in Sums().violations(documents))
        verification = Verifier(Rows(self._world.machine), event_id).verify()
        for difference in verification.differences if verification else ["no such event"]:
            yield Violation("verify", difference)

    def _of_end(self) -> Iterator[Violation]:
        """Every process must still be good for every event."""
        for probe in self._world.probes:
            if not isinstance(probe.answer, Accepted):
                yield Violation("lane", f"at the end, with nothing in the way: {probe}")
        for process in self._world.alive():
            if process.committer._lanes:
                yield Violation("lane", f"{process.name} is left with {process.committer._lanes}")

    def _wrong_with(self, operation: Operation) -> tuple[str, str] | None:
        """The check that an answer fails, and why; None if it is right."""
        answer, past = operation.answer, self._pasts.get(operation.command.event_id)
        # Where there is a gap no version has its place, and that is found.
        has_gap = past is not None and not past.is_gapless
        if has_gap or answer is None or isinstance(answer, (*WITHOUT_EFFECT, *UNKNOWN)):
            return None
        if isinstance(answer, CommandRefused) and answer.version is None:
            return _wrong_with_nothing(operation, past)
        if past is None:
            return "acknowledged", "there is no such event"
        match answer:
            case Accepted(replayed=True):
                return _wrong_with_repetition(operation, answer, past)
            case Accepted(entries=()):
                return self._wrong_with_unchanged(operation, answer, past)
            case Accepted():
                return self._wrong_with_accepted(operation, answer, past)
            case CommandRefused():
                return self._wrong_with_refusal(operation, answer, past)
            case _:
                return "answers", "nothing explains this answer"

    def _window(self, operation: Operation) -> list[Seen]:
        """What its process has seen of the event between the call and the answer."""
        seen = self._seen.get(operation.process, [])
        first = bisect_left(seen, operation.called, key=_step)
        last = bisect_right(seen, operation.answered or 0, key=_step)
        event_id = operation.command.event_id
        return [each for each in seen[first:last] if each.event_id == event_id]

    def _decided(
        self, operation: Operation, past: Past, version: int
    ) -> Iterator[tuple[Any, Seen]]:
        """What the rules say on the state of a version, seen at or before it."""
        for seen in self._window(operation):
            if seen.version is None or seen.version <= version:
                state = replace(past.states[version], frozen=seen.frozen)
                yield decide(state, operation.command, seen.now), seen

    def _wrong_with_accepted(
        self, operation: Operation, answer: Accepted, past: Past
    ) -> tuple[str, str] | None:
        first, last = answer.entries[0].version, answer.entries[-1].version
        if tuple(past.ledger[first : last + 1]) != answer.entries:
            return "acknowledged", "what was acknowledged is not in the ledger"
        for entry in answer.entries:
            if not operation.called <= past.landed[entry.version] <= (operation.answered or 0):
                return "real time", f"entry {entry.version} was not written in its time"
            if (entry.event_id, entry.version) in self._made_by:
                return "acknowledged", f"two have made version {entry.version}"
            self._made_by[entry.event_id, entry.version] = operation
        if operation.process == RIVAL or not first:
            return None
        decided = self._decided(operation, past, first - 1)
        if any(alike(decision, answer.entries) for decision, _ in decided):
            return None
        return "rules", f"it does not follow from version {first - 1}"

    def _wrong_with_unchanged(
        self, operation: Operation, answer: Accepted, past: Past
    ) -> tuple[str, str] | None:
        version = answer.version
        if version is None or not past.was_current(version, operation):
            return "real time", f"version {version} was not current between call and answer"
        for decision, _ in self._decided(operation, past, version):
            if isinstance(decision, Unchanged) and past.ledger[decision.version] == answer.entry:
                return None
        return "rules", f"it was not already so at version {version}"

    def _wrong_with_refusal(
        self, operation: Operation, answer: CommandRefused, past: Past
    ) -> tuple[str, str] | None:
        version = answer.version or 0
        if not past.was_current(version, operation):
            return "refusals", f"version {version} was not current between call and answer"
        decided = self._decided(operation, past, version)
        moments = [seen.now for decision, seen in decided if alike(decision, answer.refusal)]
        if not moments:
            return "refusals", f"nobody may be told so on version {version}"
        if answer.refusal.may_pass and all(past.overdue(version, now) for now in moments):
            return "refusals", "holds were overdue and had not been ended"
        return None


def _wrong_with_nothing(operation: Operation, past: Past | None) -> tuple[str, str] | None:
    if past is not None and past.landed[0] < operation.called:
        return "real time", "the event was there before the call"
    return None


def _wrong_with_repetition(
    operation: Operation, answer: Accepted, past: Past
) -> tuple[str, str] | None:
    entry = answer.entry
    if entry not in past.ledger[entry.version : entry.version + 1]:
        return "acknowledged", "what was acknowledged is not in the ledger"
    if past.landed[entry.version] > (operation.answered or 0):
        return "real time", "it was not written yet"
    command = operation.command
    if (entry.idempotency_key, entry.request_hash) != (
        command.idempotency_key,
        command.request_hash(),
    ):
        return "one effect per key", "it is a repetition of something else"
    return None


def _is_open(operation: Operation) -> bool:
    """Whether nobody was told what came of it."""
    return operation.answer is None or isinstance(operation.answer, UNKNOWN)


def _step(seen: Seen) -> int:
    return seen.step
