"""Many seeds, or one of them word for word: `python -m tests.faults.simulation --seeds N`."""

import os
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import click

from tests.faults.again import again
from tests.faults.simulation.engine import Engine
from tests.faults.simulation.run import Verdict, simulate, simulate_all

SEEDS_AT_ONCE = 100
# More than a processor can do: only the time is then the end.
SEEDS_PER_SECOND_MAX = 300


def run(first: int, count: int, seconds: float, jobs: int) -> None:
    """Simulate so many seeds, for at most so long; the exit status is 1 if any is wrong.

    Behind the first page with a violation it ends.
    """
    began = time.monotonic()
    over = began + seconds
    last = first + count
    pages = [range(at, min(at + SEEDS_AT_ONCE, last)) for at in range(first, last, SEEDS_AT_ONCE)]
    totals = {"seeds": 0, "turns": 0, "requests": 0, "checks": 0, "virtual seconds": 0}
    failed = False
    with ProcessPoolExecutor(jobs, get_context("spawn")) as processes:
        for page in processes.map(partial(simulate_all, over=over), pages):
            for verdict in page:
                failed |= _tell(verdict)
                sums = (1, verdict.steps, verdict.operations, verdict.checked, verdict.seconds)
                for name, value in zip(totals, sums, strict=True):
                    totals[name] += int(value)
            if failed or time.monotonic() > over:
                processes.shutdown(cancel_futures=True)
                break
    told = ", ".join(f"{value:,} {name}" for name, value in totals.items())
    click.echo(f"{told} in {time.monotonic() - began:.0f} s")
    if failed:
        raise SystemExit(1)
    if not totals["seeds"]:
        # The processes had not even started by then.
        click.echo("No seed was run in this time, which shows nothing: give it more --seconds.")
        raise SystemExit(1)
    click.echo("No violation.")


def _tell(verdict: Verdict) -> bool:
    """Print what is wrong with a seed, and how to see it again; gives whether anything is."""
    for violation in verdict.violations:
        click.echo(f"seed {verdict.seed}: {violation}")
    if verdict.violations:
        click.echo(again("simulation", "--seed", verdict.seed, "--trace"))
    return bool(verdict.violations)


@click.command()
@click.option("--seeds", type=click.IntRange(1), help="so many of them; 1,000 without --seconds")
@click.option("--seconds", type=click.FloatRange(1), help="none begins later")
@click.option("--first", type=int, default=1, show_default=True, help="the first seed")
@click.option("--seed", type=int, help="only this one")
@click.option("--trace", is_flag=True, help="with --seed: print all that happens")
@click.option("--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, show_default=True)
def main(
    seeds: int | None,
    seconds: float | None,
    first: int,
    seed: int | None,
    trace: bool,
    jobs: int,
) -> None:
    """Simulate many seeds, or a single one again."""
    if seed is None:
        count = int(seconds * jobs * SEEDS_PER_SECOND_MAX) if seconds else 1_000
        run(first, seeds or count, seconds or float("inf"), jobs)
        return
    verdict = simulate(seed, Engine(), with_trace=trace)
    for line in verdict.trace:
        click.echo(line)
    if _tell(verdict):
        raise SystemExit(1)
    click.echo(f"No violation in {verdict.steps:,} turns.")


if __name__ == "__main__":
    main()
