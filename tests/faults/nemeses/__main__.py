"""Sales under nemeses for long: `python -m tests.faults.nemeses --kills 1000 --seed 1`."""

import tempfile
import time
from collections import Counter
from pathlib import Path

import click

from tests.faults.again import again
from tests.faults.history.totals import Totals
from tests.faults.nemeses.clock import PROGRAM, Clock, is_installed
from tests.faults.nemeses.ordeal import Ordeal, server_in
from tests.faults.nemeses.schedule import GUESTS, JUMPS, OF_PROCESSES, for_ever

SALE_SECONDS = 8.0
SALES_PER_ROUND = 4


class Soak:
    """Rounds with a server of their own each; in every other one the clock jumps as well."""

    def __init__(self, seed: int, folder: Path) -> None:
        self._seed = seed
        self._folder = folder
        self._started = time.monotonic()
        self._rounds = 0
        self.totals = Totals()
        self.tally: Counter[str] = Counter()

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self._started

    @property
    def kills(self) -> int:
        """How many processes were killed so far."""
        return self.tally["workers killed"] + self.tally["masters killed"]

    def run(self, seconds: float | None, kills: int | None) -> None:
        """Go on until so long has passed and so many were killed."""
        while self.seconds < (seconds or 0) or self.kills < (kills or 0):
            self.play(self._rounds + 1)

    def play(self, number: int) -> None:
        """One round; where something is wrong, the command that plays it again is printed."""
        self._rounds = number
        try:
            with tempfile.TemporaryDirectory() as files:
                self._round(Path(files), jumps=number % 2 == 0)
        except BaseException:
            click.echo(again("nemeses", "--seed", self._seed, "--round", number))
            raise
        click.echo(f"round {number}: {self.kills:,} kills, {self.seconds:.0f} s")

    def _round(self, files: Path, *, jumps: bool) -> None:
        clock = Clock(files) if jumps else None
        seed = f"{self._seed}-{self._rounds}"
        beside = {**GUESTS, **JUMPS} if jumps else GUESTS
        with server_in(files, clock) as (server, keys):
            lines = [for_ever(OF_PROCESSES, seed), for_ever(beside, f"{seed}-beside")]
            ordeal = Ordeal(server, keys, seed, lines, clock)
            for _ in range(SALES_PER_ROUND):
                try:
                    history = ordeal.sell(SALE_SECONDS)
                    self.totals.judge(history, self._folder, ordeal.found)
                except BaseException:
                    self.tally += ordeal.tally
                    self.tell()
                    raise
            self.tally += ordeal.tally

    def tell(self) -> None:
        """Print what was done."""
        for name, count in sorted(self.tally.items()):
            click.echo(f"{name:<24}{count:>9,}")
        click.echo(f"{self.kills:,} kills, {self.seconds:.0f} s, seed {self._seed}.")


@click.command(help=__doc__)
@click.option("--kills", type=click.IntRange(1), help="at least so many")
@click.option("--seconds", type=click.FloatRange(1), help="at least so long")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--round", "only", type=click.IntRange(1), help="only this one of those of the seed")
@click.option("--folder", type=click.Path(path_type=Path), default=Path(), help="for a history")
def main(
    kills: int | None, seconds: float | None, seed: int, only: int | None, folder: Path
) -> None:
    if kills is None and seconds is None and only is None:
        raise click.UsageError("Say --kills, --seconds or --round.")
    if not is_installed():
        raise click.ClickException(f"There is no {PROGRAM}: apt install faketime.")
    soak = Soak(seed, folder)
    if only is None:
        soak.run(seconds, kills)
    else:
        soak.play(only)
    soak.totals.tell()
    soak.tell()
    click.echo("No violation.")


if __name__ == "__main__":
    main()
