"""What contradicts the rules, with the operations that show it, and how that is told."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.faults.history.record import Document, Operation

TEXT_LENGTH_MAX = 600


@dataclass(frozen=True, slots=True)
class Violation:
    """One contradiction: which check found it, why in a sentence, and who is concerned.

    `entries` are the entries of the ledger that belong to it.
    """

    check: str
    why: str
    operations: tuple[Operation, ...] = ()
    entries: tuple[Document, ...] = ()

    @property
    def size(self) -> int:
        """How much one has to read to see it."""
        return len(self.operations) + len(self.entries)


def shortest(violations: Sequence[Violation]) -> Violation:
    """The one that is shown with the least; of equals the earliest found."""
    # Without anybody's operation there is little to see.
    return min(violations, key=lambda violation: (not violation.operations, violation.size))


def told(violations: Sequence[Violation]) -> str:
    """The shortest contradiction in full, and how many others there are of each check."""
    first = shortest(violations)
    counts = Counter(violation.check for violation in violations)
    lines = [
        f"{len(violations)} violations: "
        + ", ".join(f"{count} of {check}" for check, count in counts.most_common()),
        f"The shortest ({first.check}): {first.why}.",
    ]
    began = min((operation.called_ns for operation in first.operations), default=0)
    for operation in sorted(first.operations, key=lambda operation: operation.called_ns):
        lines += _lines(operation, began)
    lines += [f"  ledger {_cut(json.dumps(entry))}" for entry in first.entries]
    return "\n".join(lines)


def _lines(operation: Operation, began: int) -> Iterator[str]:
    called = (operation.called_ns - began) / 1e6
    answered = "no answer"
    if operation.answered_ns is not None:
        answered = f"answered {(operation.answered_ns - began) / 1e6:+.3f} ms"
    headers = "".join(
        f" {name}={value}"
        for name, value in (("key", operation.key), ("If-Match", operation.if_match))
        if value
    )
    body = "" if operation.body is None else f" {json.dumps(operation.body)}"
    yield (
        f"  #{operation.number} {operation.client} called {called:+.3f} ms, {answered}: "
        f"{operation.actor} {operation.method} {operation.path}{headers}{body}"
    )
    repeated = " repeated" if operation.replayed else ""
    version = f" version {operation.version}" if operation.version is not None else ""
    yield f"      -> {operation.status}{version}{repeated} {_cut(operation.text)}"


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_LENGTH_MAX else text[:TEXT_LENGTH_MAX] + "..."
