"""Very many power cuts: `python -m tests.faults.power --images 100000`."""

import shutil
import sys
import tempfile
import time
from pathlib import Path

import click

from tests.faults.again import again
from tests.faults.power.cuts import Broken, broken, cuts
from tests.faults.power.planted import ROLLBACK_JOURNAL
from tests.faults.power.recording import record
from tests.faults.power.trace import Step, read
from tests.faults.programs import need

IMAGES_PER_RECORDING = 2_000
IMAGES_MAX = 1_000_000_000
TOLD_MAX = 10
STEPS_BEFORE = 3


@click.command(help=__doc__)
@click.option("--images", type=click.IntRange(1), help="so many; 1,000 without --seconds")
@click.option("--seconds", type=click.FloatRange(1), help="No recording begins later.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the first recording.")
@click.option(
    "--requests", type=click.IntRange(4), default=400, show_default=True, help="Per recording."
)
@click.option("--rollback-journal", is_flag=True, help="Without a write-ahead log.")
@click.option(
    "--trace", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Kept by a run."
)
def main(
    images: int | None,
    seconds: float | None,
    seed: int,
    requests: int,
    rollback_journal: bool,
    trace: Path | None,
) -> None:
    if trace is None:
        need("strace")
    started = time.monotonic()
    patches = ROLLBACK_JOURNAL if rollback_journal else ()
    images = images or (IMAGES_MAX if seconds else 1_000)
    for done in range(0, images, IMAGES_PER_RECORDING):
        if seconds and time.monotonic() - started >= seconds:
            break
        count = min(images - done, IMAGES_PER_RECORDING)
        with tempfile.TemporaryDirectory() as parent:
            folder = Path(parent) / "server"
            steps = read(trace) if trace else record(folder, requests, seed, patches)
            found = broken(steps, cuts(len(steps), count, seed), rollback_journal=rollback_journal)
            click.echo(
                f"seed {seed}: {count:,} images of {len(steps):,} steps, {len(found)} broken, "
                f"{time.monotonic() - started:.0f} s"
            )
            if found:
                _tell(found, steps)
                kept = trace or Path(shutil.copy(folder / "trace", f"power-{seed}.trace"))
                options = ["--rollback-journal"] if rollback_journal else []
                options += ["--seed", str(seed), "--images", str(count)]
                click.echo(again("power", "--trace", kept, *options))
                sys.exit(1)
        seed += 1


def _tell(found: list[Broken], steps: list[Step]) -> None:
    for one in found[:TOLD_MAX]:
        click.echo(str(one))
        for step in steps[max(0, one.cut.place - STEPS_BEFORE) : one.cut.place]:
            click.echo(f"    {step.place}: {str(step.operation)[:90]}")


if __name__ == "__main__":
    main()
