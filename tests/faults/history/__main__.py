"""Many sales under load, recorded and checked: `python -m tests.faults.history --seconds N`."""

import tempfile
import time
from collections import Counter
from pathlib import Path

import click

from tests.faults.history.checker import Verdict, check
from tests.faults.history.killer import Killer
from tests.faults.history.record import read_history, write_history
from tests.faults.history.sale import SETTINGS, Keys, make_keys, run_sale
from tests.faults.history.violations import told
from tests.server import Server

SALE_SECONDS = 8.0


class Totals:
    """What all sales of a run had in them."""

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


def run(seconds: float, seed: int, folder: Path, *, kills: bool) -> None:
    """Sell one event after the other; ends with exit status 1 at the first violation."""
    totals = Totals()
    started = time.monotonic()
    killed = 0
    with tempfile.TemporaryDirectory() as files, Server(Path(files), **SETTINGS) as server:
        keys = make_keys(server)
        while (left := seconds - (time.monotonic() - started)) > 0:
            name = f"{seed}-{totals.sales + 1}"
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
    verdict = check(history)
    totals.add(verdict)
    if verdict.violations:
        path = folder / f"history-{name}.jsonl"
        write_history(path, history)
        totals.tell()
        click.echo(f"{told(verdict.violations)}\nThe history is in {path}")
        raise SystemExit(1)
    return len(killer.killed)


@click.command()
@click.option("--seconds", type=click.FloatRange(1), default=60, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--kills/--no-kills", default=True, help="kill -9 workers meanwhile")
@click.option("--check", "file", type=click.Path(exists=True, path_type=Path), help="a history")
@click.option("--folder", type=click.Path(path_type=Path), default=Path(), help="where it is left")
def main(seconds: float, seed: int, kills: bool, file: Path | None, folder: Path) -> None:
    """Record and check sales for so long, or check a history again."""
    if file is None:
        run(seconds, seed, folder, kills=kills)
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
