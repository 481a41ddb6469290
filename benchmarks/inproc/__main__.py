"""`python -m benchmarks.inproc`: CPU microseconds of one call of the application in process."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from benchmarks.growth.part import over, shown
from benchmarks.inproc.calls import GREENLETS, HELLO, KINDS
from benchmarks.machine import describe
from benchmarks.report import listed
from benchmarks.servers import UNLIMITED
from benchmarks.versions import PROJECT, at_start

ROUNDS, REQUESTS = 5, 4_000
# As gevent's worker has it: all that waits lets the others go on.
PATCHED = (sys.executable, "-m", "gevent.monkey", "--module")


@click.command()
@click.option("--rounds", type=click.IntRange(1), default=ROUNDS, show_default=True)
@click.option(
    "--requests",
    type=click.IntRange(GREENLETS),
    default=REQUESTS,
    show_default=True,
    help="Of each kind, in each round.",
)
def main(rounds: int, requests: int) -> None:
    """Call it and a bare Flask by turns, and write a table."""
    facts = at_start()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), rounds, requests)
        facts |= describe(Path(folder))
    facts["calls"] = (
        f"{rounds} rounds of {requests:,} of each kind, by {GREENLETS} greenlets in one process; "
        f"keys, limits, metrics and log on"
    )
    click.echo(markdown(facts, found))


def measure(folder: Path, rounds: int, requests: int) -> dict[str, list[float]]:
    """The CPU microseconds of one call of each kind, in each round; with a database in `folder`."""
    metrics = folder / "metrics"
    metrics.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    settings = {
        "DATABASE_URL": f"sqlite:///{folder}/inproc.db",
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        "TICKETBOSS_AUTH": "keys",
        "TICKETBOSS_ENV_FILE": "",
        "TICKETBOSS_RATE_LIMIT_READS": UNLIMITED,
        "TICKETBOSS_RATE_LIMIT_WRITES": UNLIMITED,
    }
    program = ["benchmarks.inproc.calls", str(rounds), str(requests), str(folder / "log")]
    done = subprocess.run(
        [*PATCHED, *program],
        cwd=PROJECT,
        env=kept | settings,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, list[float]] = json.loads(done.stdout)
    return found


def markdown(facts: Mapping[str, str], found: Mapping[str, Sequence[float]]) -> str:
    """The whole report."""
    lines = ["# CPU of a call in process", "", *listed(facts), ""]
    lines += [
        "Medians over the rounds, with the smallest and the largest. What it takes to make the",
        "environ and to switch to another greenlet is taken off.",
        "",
        "| Call | CPU µs | (to the hello) |",
        "|---|---:|---:|",
    ]
    for kind in KINDS:
        ratios = (ours / hello for ours, hello in zip(found[kind], found[HELLO], strict=True))
        lines.append(f"| {kind} | {shown(over(found[kind]))} | {shown(over(ratios), 2)} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
