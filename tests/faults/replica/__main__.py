"""How much a lost machine takes with it: `python -m tests.faults.replica`."""

import statistics
import tempfile
from pathlib import Path

import click

from tests.faults.replica.drill import lose_a_machine


@click.command()
@click.option("--rounds", type=click.IntRange(1), default=10, show_default=True)
@click.option("--interval-ms", type=click.IntRange(10), default=1_000, show_default=True)
@click.option("--clients", type=click.IntRange(1, 100), default=4, show_default=True)
@click.option("--seconds", type=float, default=6.0, show_default=True, help="Of each drop.")
def main(rounds: int, interval_ms: int, clients: int, seconds: float) -> None:
    """Lose a machine again and again, and tell how far its replica was behind."""
    losses = []
    for number in range(1, rounds + 1):
        # Not always at the same moment between two looks at the log.
        length = seconds + interval_ms / 1_000 * number / rounds
        with tempfile.TemporaryDirectory() as folder:
            loss = lose_a_machine(Path(folder), interval_ms, clients, length)
        click.echo(
            f"{number:3}: {loss.committed} committed, {loss.restored} restored, "
            f"{loss.answered_and_lost} answered and lost; {loss.seconds:.2f} s behind"
        )
        losses.append(loss)
    behind = [loss.seconds for loss in losses]
    click.echo(
        f"Behind at {interval_ms} ms: median {statistics.median(behind):.2f} s, "
        f"most {max(behind):.2f} s; each one whole, and what its ledger began with."
    )


if __name__ == "__main__":
    main()
