"""Real time: what was answered before another request was sent is what that request builds on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.faults.history.record import History, Operation
from tests.faults.history.violations import Violation


@dataclass(frozen=True, slots=True)
class Known:
    """The highest version that anybody had been told of, and by which operation."""

    version: int
    told: Operation | None = None


NOTHING_KNOWN = Known(-1)


class Bounds:
    """What was known when each operation was called, and before which version each was made.

    One pass over the calls and answers in the order of their times.
    """

    def __init__(self, history: History) -> None:
        self._known: dict[int, Known] = {}
        moments: list[tuple[int, int, Operation]] = []
        for operation in history.operations:
            # At the same nanosecond nobody was first: the call comes before the answer.
            moments.append((operation.called_ns, 0, operation))
            if operation.answered_ns is not None:
                moments.append((operation.answered_ns, 1, operation))
        moments.sort(key=lambda moment: (moment[0], moment[1], moment[2].number))
        known = NOTHING_KNOWN
        for _, is_answer, operation in moments:
            if not is_answer:
                self._known[operation.number] = known
            elif (seen := newest_version_in(operation)) > known.version:
                known = Known(seen, operation)

    def at_call_of(self, operation: Operation) -> Known:
        """What had been told by the time of the call."""
        return self._known[operation.number]

    def of_decided(self, operations: Iterable[Operation]) -> Iterator[Violation]:
        """Answers that were decided at, or read from, a version that was out of date."""
        for operation in operations:
            version = version_decided_at(operation)
            known = self.at_call_of(operation)
            if version is None or known.told is None or version >= known.version:
                continue
            yield Violation(
                "real time",
                f"version {known.version} had been told before the call, "
                f"the answer is of version {version}",
                (known.told, operation),
            )

    def of_made(self, maker: Operation, version: int) -> Iterator[Violation]:
        """A new entry whose request was sent when its version was history already."""
        known = self.at_call_of(maker)
        if known.told is not None and version <= known.version:
            yield Violation(
                "real time",
                f"version {known.version} had been told before the call, "
                f"which then made version {version}",
                (known.told, maker),
            )


def version_decided_at(operation: Operation) -> int | None:
    """The version of the event that an answer is about; None where it does not say."""
    if operation.replayed or operation.status is None:
        # A repeated answer is as old as it likes.
        return None
    if operation.kind == "read_event" and operation.status == 200:
        version: int = operation.document["version"]
        return version
    return operation.version


def newest_version_in(operation: Operation) -> int:
    """The highest version whose existence an answer proves."""
    found = [operation.version if operation.version is not None else -1]
    document = operation.document
    if operation.outcome == "ok" and operation.text:
        found.append(document.get("version", -1))
        for name in ("reservations", "entries"):
            found += [item["version"] for item in document.get(name, ())]
    return max(found)
