"""The long forms of all fault tests: `python -m tests.faults.soak --seconds N --seed N`."""

import shlex
import subprocess
import sys
import time
from dataclasses import dataclass

import click

from tests.faults.programs import need

SECONDS_MIN = 60.0


@dataclass(frozen=True, slots=True)
class Part:
    """A program of `tests.faults`: how far it goes, or its share where the time is limited.

    `program` is what it needs of Debian.
    """

    name: str
    share: float
    whole: str
    seed_option: str = "--seed"
    program: str = ""
    # How many seeds one run takes: the next soak goes on behind them.
    seeds: int = 1

    def command(self, seconds: float | None, seed: int) -> list[str]:
        """What to run within so many seconds, or to its end."""
        extent = self.whole if seconds is None else f"--seconds {max(1.0, seconds):.0f}"
        first = 1 + (seed - 1) * self.seeds
        options = [*extent.split(), self.seed_option, str(first)]
        return [sys.executable, "-m", f"tests.faults.{self.name}", *options]


PARTS = (
    Part("history", 0.15, "--seconds 1800"),
    Part("nemeses", 0.25, "--kills 1000"),
    Part("power", 0.2, "--recordings 5", program="strace", seeds=5),
    Part("io", 0.15, "", program="strace"),
    Part("io.damaging", 0.05, "--bits 500"),
    Part("simulation", 0.1, "--seeds 100000", "--first", seeds=100_000),
    Part("bad_clients", 0.1, "--seconds 600"),
)


@click.command()
@click.option("--seconds", type=click.FloatRange(SECONDS_MIN), help="For all of them together.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--part", "names", type=click.Choice([part.name for part in PARTS]), multiple=True, help="All."
)
def main(seconds: float | None, seed: int, names: tuple[str, ...]) -> None:
    """Look for a broken promise for hours: every part to its end, or for its share of --seconds.

    Each part says how to play again what it finds. The exit status is 1 if one found something.
    """
    failed = []
    chosen = [part for part in PARTS if not names or part.name in names]
    # At once, and not when its turn comes.
    for program in sorted({part.program for part in chosen if part.program}):
        need(program)
    for part in chosen:
        began = time.monotonic()
        share = part.share / sum(each.share for each in chosen)
        command = part.command(None if seconds is None else seconds * share, seed)
        click.secho(f"== {shlex.join(command[1:])}", bold=True)
        status = subprocess.run(command, check=False).returncode
        click.echo(f"== {part.name}: exit status {status}, {time.monotonic() - began:.0f} s")
        if status:
            failed.append(shlex.join(["python", *command[1:]]))
    if failed:
        click.echo("\n".join(["", "Something was found by:", *failed]))
        sys.exit(1)
    click.echo("Nothing was found.")


if __name__ == "__main__":
    main()
