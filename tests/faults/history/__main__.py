"""Many sales under load, recorded and checked: `python -m tests.faults.history --seconds N`."""

import itertools
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click

from tests.faults.again import again
from tests.faults.history.checker import check
from tests.faults.history.killer import Killer
from tests.faults.history.record import read_history
from tests.faults.history.sale import SETTINGS, Keys, make_keys, run_sale
from tests.faults.history.totals import Totals
from tests.faults.history.violations import told
from tests.server import Server

SALE_SECONDS = 8.0


def run(seconds: float, seed: int, folder: Path, *, kills: bool, sale: int | None = None) -> None:
    """Sell one event after the other, or only that of a number, which gives it its seed.

    Ends with exit status 1 at the first violation.
    """
    numbers: Iterator[int] = itertools.count(1) if sale is None else iter([sale])
    totals = Totals()
    started = time.monotonic()
    killed = 0
    with tempfile.TemporaryDirectory() as files, Server(Path(files), **SETTINGS) as server:
        keys = make_keys(server)
        while (left := seconds - (time.monotonic() - started)) > 0:
            number = next(numbers, None)
            if number is None:
                break
            name = f"{seed}-{number}"
            killed += _sell(server, keys, name, min(SALE_SECONDS, left), folder, totals, kills)
    totals.tell()
    click.echo(f"{time.monotonic() - started:.0f} s, seed {seed}, {killed} workers killed.")
    click.echo("No violation.")


def _sell(
    server: Server,
    keys: Keys,
    name: str,
    seconds: float,
    folder: Path,
    totals: Totals,
    kills: bool,
) -> int:
    killer = Killer(server, name)
    # The last fifth is left to the clients, so that they settle what was lost.
    kill = (lambda: killer.kill_for(seconds * 0.8)) if kills else (lambda: None)
    history = run_sale(server, keys, f"sale-{name}", name, seconds, kill)
    try:
        totals.judge(history, folder)
    except BaseException:
        seed, _, sale = name.partition("-")
        click.echo(again("history", "--seed", seed, "--sale", sale))
        raise
    return len(killer.killed)


@click.command()
@click.option("--seconds", type=click.FloatRange(1), default=60, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--sale", type=click.IntRange(1), help="only this one of those of the seed")
@click.option("--kills/--no-kills", default=True, help="kill -9 workers meanwhile")
@click.option("--check", "file", type=click.Path(exists=True, path_type=Path), help="a history")
@click.option("--folder", type=click.Path(path_type=Path), default=Path(), help="where it is left")
def main(
    seconds: float, seed: int, sale: int | None, kills: bool, file: Path | None, folder: Path
) -> None:
    """Record and check sales for so long, or one of them, or check a history again."""
    if file is None:
        run(seconds, seed, folder, kills=kills, sale=sale)
        return
    totals = Totals()
    verdict = check(read_history(file))
    totals.add(verdict)
    totals.tell()
    if verdict.violations:
        click.echo(told(verdict.violations))
        raise SystemExit(1)
    click.echo("No violation.")


if __name__ == "__main__":
    main()
