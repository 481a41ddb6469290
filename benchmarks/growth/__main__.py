"""`python -m benchmarks.growth`: what becomes of TicketBoss on large events and as time passes."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click

from benchmarks.growth.memory import measure_memory
from benchmarks.growth.part import Part
from benchmarks.growth.size import measure_inserting, measure_listing
from benchmarks.growth.start import measure_start
from benchmarks.growth.wal import measure_wal
from benchmarks.load import require_wrk
from benchmarks.machine import describe
from benchmarks.output import Form, output_option
from benchmarks.report import listed, target_table
from benchmarks.servers import WORKERS
from benchmarks.versions import at_start

PARTS = ("start", "wal", "insert", "list", "memory")
RESERVATIONS, REQUESTS = 10_000_000, 1_000_000
ROUNDS, SECONDS = 5, 4
OFFICIAL = {
    "reservations": RESERVATIONS,
    "requests": REQUESTS,
    "rounds": ROUNDS,
    "seconds": SECONDS,
    "parts": PARTS,
}


@click.command()
@click.option(
    "--reservations",
    type=click.IntRange(10_000),
    default=RESERVATIONS,
    show_default=True,
)
@click.option("--requests", type=click.IntRange(10_000), default=REQUESTS, show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=ROUNDS, show_default=True)
@click.option(
    "--seconds",
    type=click.IntRange(1),
    default=SECONDS,
    show_default=True,
    help="Per figure.",
)
@click.option("--part", "names", type=click.Choice(PARTS), multiple=True, help="Default: all.")
@output_option
def main(
    reservations: int,
    requests: int,
    rounds: int,
    seconds: int,
    names: tuple[str, ...],
    output: Path | None,
) -> None:
    """Measure each part, and write a table."""
    require_wrk()
    wanted = tuple(name for name in PARTS if name in names) or PARTS
    form = Form(
        {
            "reservations": reservations,
            "requests": requests,
            "rounds": rounds,
            "seconds": seconds,
            "parts": wanted,
        },
        OFFICIAL,
    )
    form.require_folder(output)
    started = at_start()
    measures: dict[str, Callable[[], Part]] = {
        "start": lambda: measure_start(rounds),
        "wal": lambda: measure_wal(rounds * seconds),
        "insert": lambda: measure_inserting(reservations, rounds, seconds),
        "list": lambda: measure_listing(reservations, rounds, seconds),
        "memory": lambda: measure_memory(requests),
    }
    parts = []
    for name in wanted:
        click.echo(f"  {name}", err=True)
        parts.append(measures[name]())
    report = markdown(parts, form, started)
    path = form.folder(output) / "growth.md"
    path.write_text(report)
    click.echo(f"{report}\nWritten to {path}.")


def markdown(parts: Sequence[Part], form: Form, started: Mapping[str, str]) -> str:
    """The whole report; `started` is what was known before the start."""
    with tempfile.TemporaryDirectory() as folder:
        facts = describe(Path(folder))
    server = f"{WORKERS} gevent workers, keys, limits, metrics and log on"
    facts = {**started, **facts, "server": server, "settings": form.told}
    lines = ["# Results of `make bench-growth`", "", *listed(facts)]
    lines += ["", *target_table([target for part in parts for target in part.targets])]
    for part in parts:
        lines += ["", f"## {part.title}", "", *part.lines]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
