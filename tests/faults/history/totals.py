"""What all sales of a long run had in them; the first violation ends it, its history is kept."""

import shlex
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from tests.faults.history.checker import Verdict, check
from tests.faults.history.record import History, write_history
from tests.faults.history.violations import Violation, told


def where(path: Path) -> str:
    """Where a history is, and how it is checked again."""
    command = shlex.join(["python", "-m", "tests.faults.history", "--check", str(path)])
    return f"The history is in {path}; to check it again: {command}"


class Totals:
    """Adds up the verdicts on sales."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.versions = 0
        self.checks = 0
        self.sales = 0

    def add(self, verdict: Verdict) -> None:
        """Count one more sale."""
        self.counts += verdict.counts
        self.versions += verdict.versions
        self.checks += verdict.checks
        self.sales += 1

    def judge(self, history: History, folder: Path, besides: Sequence[Violation] = ()) -> None:
        """Check and count one more sale; what was found `besides` counts as well.

        Where something is wrong the history is left in `folder`, and the exit status is 1.
        """
        path = folder / f"history-{history.seed}.jsonl"
        # First of all: where the checker itself fails, the history must not be lost.
        write_history(path, history)
        try:
            verdict = check(history)
        except BaseException:
            click.echo(where(path))
            raise
        self.add(verdict)
        violations = [*verdict.violations, *besides]
        if violations:
            self.tell()
            click.echo(f"{told(violations)}\n{where(path)}")
            raise SystemExit(1)
        path.unlink()

    def tell(self) -> None:
        """Print a table of operations by kind and outcome, and the sums."""
        kinds = sorted({name.split()[0] for name in self.counts})
        click.echo(f"{'':<18}{'ok':>9}{'refused':>9}{'unknown':>9}")
        for kind in kinds:
            row = [self.counts[f"{kind} {outcome}"] for outcome in ("ok", "refused", "unknown")]
            click.echo(f"{kind:<18}" + "".join(f"{count:>9,}" for count in row))
        click.echo(
            f"{self.counts.total():,} operations, {self.versions:,} versions, "
            f"{self.checks:,} checks in {self.sales} sales"
        )
