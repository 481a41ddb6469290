"""Very many damaged files: `python -m tests.faults.io.damaging --seed N --bits 1000`."""

import logging
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from tests.faults.again import again
from tests.faults.io.damage import cuts, turned_bits
from tests.faults.io.flips import TEMPLATES, Room
from tests.faults.power.trace import DATABASE


@click.command(help=__doc__)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--seconds", type=click.FloatRange(1), help="One seed after the other for so long.")
@click.option("--bits", type=click.IntRange(1), default=50, help="In each kind of place.")
@click.option("--cuts", "cut_files", type=click.IntRange(0), default=20, help="Of each file.")
def main(seed: int, seconds: float | None, bits: int, cut_files: int) -> None:
    started = time.monotonic()
    with _without_a_log(), tempfile.TemporaryDirectory() as folder:
        room = Room(Path(folder))
        while True:
            broken = _damage(room, str(seed), bits, cut_files)
            passed = time.monotonic() - started
            click.echo("\n".join([*broken, f"seed {seed}, {passed:.0f} s"]))
            if broken:
                options = ("--seed", seed, "--bits", bits, "--cuts", cut_files)
                click.echo(again("io.damaging", *options))
                sys.exit(1)
            if passed >= (seconds or 0):
                break
            seed += 1


@contextmanager
def _without_a_log() -> Iterator[None]:
    """Each refusal would be a line of it."""
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _damage(room: Room, seed: str, bits: int, cut_files: int) -> list[str]:
    """Damage each template, tell what came of it, and give what is wrong with that."""
    broken = []
    for template in TEMPLATES:
        files = room.templates[template]
        damages = [
            *turned_bits(files, DATABASE, seed, bits),
            *cuts(files, DATABASE, seed, cut_files),
        ]
        findings = room.look_at(template, damages)
        broken += findings.broken
        for (place, verdict), count in sorted(findings.counts.items()):
            click.echo(f"{template:<8} {place:<13} {count:>6}  {verdict}")
    return broken


if __name__ == "__main__":
    main()
