"""What clients were told in one run, kept in a file for whoever looks at the database later."""

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Self


@dataclass(slots=True)
class Told:
    """`accepted` has versions by key; of the keys in `unknown` nothing is certain.

    `reads` are pairs of an event's version and its available seats. `bug` is a traceback.
    """

    accepted: dict[str, int] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    without_effect: list[str] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    reads: list[tuple[int, int]] = field(default_factory=list)
    first_read_failed: bool = False
    later_reads_failed: int = 0
    # Keys whose first answer was that of an earlier play.
    repeated: list[str] = field(default_factory=list)
    issued_keys: list[str] = field(default_factory=list)
    recovered: bool = False
    bug: str = ""

    def count(self, answer: str) -> None:
        """Note one more answer of this kind."""
        self.answers[answer] = self.answers.get(answer, 0) + 1

    def followed_by(self, later: Self) -> Self:
        """What both plays together were told; what was without effect may have one since."""
        first = self.accepted
        other = {key for key in first if later.accepted.get(key) != first[key]}
        bug = f"The next process told otherwise of {sorted(other)}.\n" if other else ""
        if lies := {*self.without_effect} & {*later.repeated}:
            bug += f"Told to be without effect, and repeated by the next process: {sorted(lies)}.\n"
        return replace(
            later,
            accepted=first | later.accepted,
            reads=self.reads + later.reads,
            later_reads_failed=self.later_reads_failed + later.later_reads_failed,
            issued_keys=self.issued_keys + later.issued_keys,
            bug=self.bug + later.bug + bug,
        )

    def write(self, path: Path) -> None:
        """Keep it."""
        path.write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, path: Path) -> Self:
        """What was kept."""
        return cls(**json.loads(path.read_text()))
