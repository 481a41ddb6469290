"""Bad clients for long: `python -m tests.faults.bad_clients --seconds N --seed N`."""

import tempfile
import time
from pathlib import Path

import click

from tests.faults.again import again
from tests.faults.bad_clients.run import SETTINGS, Measured, measure
from tests.server import Server

ROUND_SECONDS = 30.0
# Of the last round: in a shorter one a single wait is one of a hundred.
ROUND_SECONDS_MIN = 5.0


def told(seed: int, measured: Measured) -> str:
    """One line for one round."""
    acts = sum(measured.crowd["acts"].values())
    return (
        f"seed {seed}: {acts:,} acts, {sum(measured.crowd['answers'].values()):,} answers; "
        f"{measured.answers:,} good answers, p99 {measured.quiet_p99_ms:.0f} ms alone and "
        f"{measured.beside_p99_ms:.0f} ms beside (bound {measured.bound_ms:.0f} ms), longest "
        f"{measured.beside_longest_ms:.0f} ms; a worker {measured.rss_before_mib:.0f} MiB before, "
        f"{measured.rss_most_mib:.0f} at most, {measured.rss_after_mib:.0f} after"
    )


@click.command()
@click.option("--seconds", type=click.FloatRange(1), default=60, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def main(seconds: float, seed: int) -> None:
    """Let bad clients act on one server for so long, in rounds of one seed after the other."""
    first: float | None = None
    with tempfile.TemporaryDirectory() as files, Server(Path(files), **SETTINGS) as server:
        began = time.monotonic()
        while first is None or seconds - (time.monotonic() - began) >= ROUND_SECONDS_MIN:
            left = seconds - (time.monotonic() - began)
            round_seconds = max(1, round(min(ROUND_SECONDS, left)))
            measured = measure(server, round_seconds, seed)
            click.echo(told(seed, measured))
            first = first or measured.rss_before_mib
            faults = measured.faults(first) + server.differences()
            if faults:
                click.echo("\n".join(faults))
                click.echo(again("bad_clients", "--seconds", round_seconds, "--seed", seed))
                raise SystemExit(1)
            seed += 1
    click.echo("No fault.")


if __name__ == "__main__":
    main()
