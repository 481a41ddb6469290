"""One system call after the other fails: `python -m tests.faults.io --seed N`."""

import random
import sys
import tempfile
import time
from pathlib import Path

import click

from tests.faults.again import again
from tests.faults.io.faults import CALLS, ERRORS, SPANS, Fault
from tests.faults.io.harness import Outcome, Stage
from tests.faults.programs import need

COMPLAINTS_SHOWN_MAX = 10


@click.command(help=__doc__)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the power cuts.")
@click.option("--seconds", type=click.FloatRange(1), help="No kind of fault begins later.")
@click.option(
    "--call", "calls", type=click.Choice([*CALLS]), multiple=True, help="All if not given."
)
@click.option("--error", "errors", type=click.Choice(ERRORS), multiple=True)
@click.option("--span", "spans", type=click.Choice([*SPANS]), multiple=True)
@click.option("--first", type=click.IntRange(1), help="Only from this call on, to try it again.")
@click.option("--every", type=click.IntRange(1), default=1, help="Leave calls out between.")
@click.option("--rollback-journal", is_flag=True, help="Without a write-ahead log.")
def main(
    seed: int,
    seconds: float | None,
    calls: tuple[str, ...],
    errors: tuple[str, ...],
    spans: tuple[str, ...],
    first: int | None,
    every: int,
    rollback_journal: bool,
) -> None:
    need("strace")
    started = time.monotonic()
    outcomes: list[Outcome] = []
    faults = [
        Fault(call, error, span)
        for call in calls or CALLS
        for error in errors or ERRORS
        for span in spans or SPANS
    ]
    # So that no kind is always behind the end of the time.
    random.Random(seed).shuffle(faults)
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), rollback_journal=rollback_journal)
        for fault in faults:
            if seconds and time.monotonic() - started >= seconds:
                break
            # Where one fails others are made, to try it again: so some more than are counted.
            firsts = [first] if first else range(1, stage.calls(fault.call) + 1, every)
            outcomes.append(stage.fail(fault, firsts, seed))
            _tell(outcomes[-1], ["--seed", str(seed)] + ["--rollback-journal"] * rollback_journal)
    plays, cuts = sum(each.plays for each in outcomes), sum(each.cuts for each in outcomes)
    click.echo(
        f"{plays:,} plays, {cuts:,} power cuts behind them, seed {seed}, "
        f"{time.monotonic() - started:.0f} s"
    )
    if any(outcome.broken for outcome in outcomes):
        sys.exit(1)


def _tell(outcome: Outcome, options: list[str]) -> None:
    answers = ", ".join(f"{count} {name}" for name, count in sorted(outcome.answers.items()))
    fault = outcome.fault
    how = "recovered" if fault.passes else "went on in another process"
    click.echo(f"{fault}: {outcome.plays} plays, {outcome.recovered} {how}; {answers}")
    shown = outcome.broken[:COMPLAINTS_SHOWN_MAX]
    for each in shown:
        click.echo(f"    {each}")
    if len(outcome.broken) > COMPLAINTS_SHOWN_MAX:
        click.echo(f"    ... {len(outcome.broken):,} in all")
    for first in dict.fromkeys(each.first for each in shown):
        kind = ("--call", fault.call, "--error", fault.error, "--span", fault.span)
        click.echo(again("io", *options, *kind, "--first", first))


if __name__ == "__main__":
    main()
