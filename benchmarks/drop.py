"""The classic check by hand: more clients than seats, all at once, and every sum must be right.

Run as `make drop` or `python -m benchmarks.drop`.
"""

import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import requests

from tests.server import Server
from ticketboss.setting_checks import WORKER_CLASSES

ANSWER_SECONDS_MAX = 60.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the clients were told, and what the server says of itself afterwards.

    `answers` are pairs of a status and its JSON document.
    """

    answers: list[tuple[int, dict[str, Any]]]
    event: dict[str, Any]
    differences: list[str]
    seconds: float

    def count(self, status: int) -> int:
        """How many clients were answered with this status."""
        return sum(answered == status for answered, _ in self.answers)


def run_drop(server: Server, clients: int, seats_each: int) -> Outcome:
    """Send all clients off at the same moment, each with one reservation to make."""
    barrier = threading.Barrier(clients + 1)

    def reserve(number: int) -> tuple[int, dict[str, Any]]:
        body = {"partnerId": f"partner-{number}", "seats": seats_each}
        with requests.Session() as session:
            # Connected before the start, so that the requests arrive together.
            session.get(f"{server.url}/healthz", timeout=ANSWER_SECONDS_MAX)
            barrier.wait(ANSWER_SECONDS_MAX)
            answer = session.post(
                f"{server.url}/reservations", json=body, timeout=ANSWER_SECONDS_MAX
            )
        return answer.status_code, answer.json()

    with ThreadPoolExecutor(clients) as pool:
        futures = [pool.submit(reserve, number) for number in range(clients)]
        barrier.wait(ANSWER_SECONDS_MAX)
        started = time.perf_counter()
        answers = [future.result() for future in futures]
        seconds = time.perf_counter() - started
    event = requests.get(f"{server.url}/reservations", timeout=ANSWER_SECONDS_MAX).json()
    return Outcome(answers, event, server.differences(), seconds)


def complaints(outcome: Outcome, seats_total: int, clients: int, seats_each: int) -> list[str]:
    """Everything that is not as it must be; empty when all is well."""
    successes = min(clients, seats_total // seats_each)
    reserved = successes * seats_each
    ids = {document.get("reservationId") for status, document in outcome.answers if status == 201}
    refused = Counter(doc.get("code") for status, doc in outcome.answers if status == 409)
    event = outcome.event
    expectations = [
        ("answers 201", outcome.count(201), successes),
        ("different reservations", len(ids), successes),
        ("answers 409 not_enough_seats", refused["not_enough_seats"], clients - successes),
        ("seats reserved", event["reservedSeats"], reserved),
        ("seats held", event["heldSeats"], 0),
        ("seats available", event["availableSeats"], seats_total - reserved),
        ("reservations", event["reservationCount"], successes),
        ("version", event["version"], successes),
    ]
    found = [f"{what}: {is_}, not {must}" for what, is_, must in expectations if is_ != must]
    return found + [f"verify: {difference}" for difference in outcome.differences]


@click.command()
@click.option("--clients", type=click.IntRange(1, 500), default=60, show_default=True)
@click.option("--seats-each", type=click.IntRange(1, 10), default=10, show_default=True)
@click.option("--seats-total", type=click.IntRange(1), default=500, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--worker-class", type=click.Choice(WORKER_CLASSES), default="gevent")
def main(clients: int, seats_each: int, seats_total: int, workers: int, worker_class: str) -> None:
    """Let all clients reserve at once on a scratch server and check every sum."""
    click.echo(
        f"{clients} clients x {seats_each} seats at once on {seats_total} seats, "
        f"{workers} {worker_class} workers"
    )
    with tempfile.TemporaryDirectory() as folder:
        settings: dict[str, str | int] = {
            "WEB_CONCURRENCY": workers,
            "TICKETBOSS_WORKER_CLASS": worker_class,
            "TICKETBOSS_DEFAULT_EVENT_SEATS": seats_total,
        }
        with Server(Path(folder), **settings) as server:
            outcome = run_drop(server, clients, seats_each)
    found = complaints(outcome, seats_total, clients, seats_each)
    click.echo(_sums(outcome))
    for complaint in found:
        click.echo(f"WRONG: {complaint}")
    if found:
        raise SystemExit(1)
    click.echo("All as it must be: not one seat too many, none left unsold without need.")


def _sums(outcome: Outcome) -> str:
    sums = {
        "201 created": outcome.count(201),
        "409 refused": outcome.count(409),
        "other answers": len(outcome.answers) - outcome.count(201) - outcome.count(409),
        "seats reserved": outcome.event["reservedSeats"],
        "seats available": outcome.event["availableSeats"],
        "verify": f"{len(outcome.differences)} differences" if outcome.differences else "clean",
        "seconds": f"{outcome.seconds:.3f}",
    }
    return "\n".join(f"  {name:<16}{value:>8}" for name, value in sums.items())


if __name__ == "__main__":
    main()
