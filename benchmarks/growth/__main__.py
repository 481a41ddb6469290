"""`python -m benchmarks.growth`: what becomes of TicketBoss on large events and as time passes."""

import datetime
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from benchmarks.bench import RESULTS
from benchmarks.growth.memory import measure_memory
from benchmarks.growth.part import Part
from benchmarks.growth.size import measure_inserting, measure_listing
from benchmarks.growth.start import measure_start
from benchmarks.growth.wal import measure_wal
from benchmarks.load import require_wrk
from benchmarks.machine import describe
from benchmarks.report import listed, target_table

PARTS = ("start", "wal", "insert", "list", "memory")


@click.command()
@click.option("--reservations", type=click.IntRange(10_000), default=10_000_000, show_default=True)
@click.option("--requests", type=click.IntRange(10_000), default=1_000_000, show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True)
@click.option("--seconds", type=click.IntRange(1), default=4, show_default=True, help="Per figure.")
@click.option("--part", "names", type=click.Choice(PARTS), multiple=True, help="Default: all.")
@click.option("--results", type=click.Path(path_type=Path), default=RESULTS, help="A folder.")
def main(
    reservations: int,
    requests: int,
    rounds: int,
    seconds: int,
    names: tuple[str, ...],
    results: Path,
) -> None:
    """Measure each part, and write a table."""
    require_wrk()
    measures: dict[str, Callable[[], Part]] = {
        "start": lambda: measure_start(rounds),
        "wal": lambda: measure_wal(rounds * seconds),
        "insert": lambda: measure_inserting(reservations, rounds, seconds),
        "list": lambda: measure_listing(reservations, rounds, seconds),
        "memory": lambda: measure_memory(requests),
    }
    parts = []
    for name in names or PARTS:
        click.echo(f"  {name}", err=True)
        parts.append(measures[name]())
    report = markdown(parts)
    results.mkdir(parents=True, exist_ok=True)
    path = results / ("quick.growth.md" if names else "growth.md")
    path.write_text(report)
    click.echo(f"{report}\nWritten to {path}.")


def markdown(parts: Sequence[Part]) -> str:
    """The whole report."""
    with tempfile.TemporaryDirectory() as folder:
        facts = describe(Path(folder))
    date = datetime.datetime.now(datetime.UTC).date().isoformat()
    lines = ["# Results of `make bench-growth`", "", *listed({"date": date, **facts})]
    lines += ["", *target_table([target for part in parts for target in part.targets])]
    for part in parts:
        lines += ["", f"## {part.title}", "", *part.lines]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
