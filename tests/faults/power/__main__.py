"""Power cuts of each kind at each place: `python -m tests.faults.power --recordings N`."""

import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from tests.faults.again import again
from tests.faults.power.cuts import Broken, Cut, all_cuts, broken, cuts_at
from tests.faults.power.planted import ROLLBACK_JOURNAL
from tests.faults.power.recording import CLIENTS, record
from tests.faults.power.trace import Step, read
from tests.faults.programs import need

RECORDINGS_MAX = 1_000_000
TOLD_MAX = 10
STEPS_BEFORE = 3


@click.command(help=__doc__)
@click.option("--recordings", type=click.IntRange(1), help="so many; 1 without --seconds")
@click.option("--seconds", type=click.FloatRange(1), help="Nothing begins later.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the first recording.")
@click.option(
    "--requests",
    type=click.IntRange(CLIENTS),
    default=400,
    show_default=True,
    help="Per recording.",
)
@click.option("--rollback-journal", is_flag=True, help="Without a write-ahead log.")
@click.option(
    "--trace", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Kept by a run."
)
@click.option("--place", type=click.IntRange(1), help="Cut only behind so many steps.")
def main(
    recordings: int | None,
    seconds: float | None,
    seed: int,
    requests: int,
    rollback_journal: bool,
    trace: Path | None,
    place: int | None,
) -> None:
    if trace is None:
        need("strace")
    started = time.monotonic()
    over = started + (seconds or float("inf"))
    patches = ROLLBACK_JOURNAL if rollback_journal else ()
    images = 0
    for number in range(recordings or (RECORDINGS_MAX if seconds else 1)):
        if number and time.monotonic() >= over:
            break
        with tempfile.TemporaryDirectory() as parent:
            folder = Path(parent) / "server"
            steps = read(trace) if trace else record(folder, requests, seed, patches)
            rounds: Iterable[list[Cut]] = all_cuts(len(steps), seed)
            if place:
                rounds = [cuts_at(place, seed)]
            done, found = _cut(steps, rounds, over, rollback_journal=rollback_journal)
            click.echo(f"seed {seed}: {done:,} images of {len(steps):,} steps, {len(found)} broken")
            images += done
            if found:
                _tell(found, steps)
                kept = trace or Path(shutil.copy(folder / "trace", f"power-{seed}.trace"))
                options = ["--rollback-journal"] if rollback_journal else []
                options += ["--seed", str(seed), "--place", str(found[0].cut.place)]
                click.echo(again("power", "--trace", kept, *options))
                sys.exit(1)
        seed += 1
    click.echo(f"{images:,} images, {time.monotonic() - started:.0f} s")


def _cut(
    steps: Sequence[Step], rounds: Iterable[list[Cut]], over: float, *, rollback_journal: bool
) -> tuple[int, list[Broken]]:
    """Cut the power until something is found, or the time is over; gives the number of images."""
    done, found = 0, list[Broken]()
    for wanted in rounds:
        found = broken(steps, wanted, rollback_journal=rollback_journal)
        done += len(wanted)
        if found or time.monotonic() >= over:
            break
    return done, found


def _tell(found: list[Broken], steps: list[Step]) -> None:
    for one in found[:TOLD_MAX]:
        click.echo(str(one))
        for step in steps[max(0, one.cut.place - STEPS_BEFORE) : one.cut.place]:
            click.echo(f"    {step.place}: {str(step.operation)[:90]}")


if __name__ == "__main__":
    main()
