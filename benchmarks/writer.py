"""One process that sells seats straight through the engine, as one server process does.

`python -m benchmarks.writer URL EVENTS THREADS SECONDS`: says "ready", waits for a line, submits
single seats from that many threads, and prints what came of it as one JSON object.
"""

import json
import sys
import threading
import time
from collections.abc import Sequence

from ticketboss.domain.commands import CreateEvent, Reserve
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.engine.committer import Committer
from ticketboss.engine.ids import new_id
from ticketboss.engine.meter import Meter
from ticketboss.repository import open_repository
from ticketboss.repository.interface import Repository

SEATS = 10_000_000


class Counting(Meter):
    """Counts what the figures are made of."""

    def __init__(self) -> None:
        self.commits = 0
        self.conflicts = 0

    def committed(self, seconds: float, entries: Sequence[LedgerEntry]) -> None:  # noqa: ARG002
        self.commits += 1

    def conflict(self) -> None:
        self.conflicts += 1


def event_ids(count: int) -> list[str]:
    """The events of a run."""
    return [f"event-{number}" for number in range(count)]


def prepare(url: str, events: int) -> None:
    """Migrate, and create the events."""
    repository = open_repository(url)
    repository.migrate()
    for event_id in event_ids(events):
        create_event(repository, event_id, SEATS)
    repository.close()


def create_event(repository: Repository, event_id: str, seats: int) -> None:
    """Put an event on sale."""
    Committer(repository, command_seconds_max=25.0, queue_length_max=10).submit(
        CreateEvent(
            event_id=event_id,
            actor="operator:cli",
            name="Benchmark",
            total_seats=seats,
            seats_per_reservation_max=10,
        )
    )


def main(url: str, events: int, threads: int, seconds: float) -> None:
    """Sell for so many seconds; the first fifth of them warms up and is not counted."""
    repository, meter = open_repository(url), Counting()
    committer = Committer(repository, 25.0, queue_length_max=10_000, meter=meter)
    latencies: list[float] = []
    ids = event_ids(events)

    def sell(number: int) -> None:
        event_id = ids[number % events]
        while time.monotonic() < end:
            started = time.monotonic()
            committer.submit(
                Reserve(event_id=event_id, reservation_id=new_id(), partner_id="p", seats=1)
            )
            if started >= counted_from:
                latencies.append(time.monotonic() - started)

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    counted_from = time.monotonic() + seconds / 5
    end = time.monotonic() + seconds
    sellers = [threading.Thread(target=sell, args=(number,)) for number in range(threads)]
    for seller in sellers:
        seller.start()
    time.sleep(max(0.0, counted_from - time.monotonic()))
    before, cpu_before = (meter.commits, meter.conflicts), time.process_time()
    for seller in sellers:
        seller.join()
    result = {
        "seconds": time.monotonic() - counted_from,
        "commits": meter.commits - before[0],
        "conflicts": meter.conflicts - before[1],
        "cpu_seconds": time.process_time() - cpu_before,
        "latencies_ms": [round(latency * 1000, 2) for latency in latencies],
    }
    sys.stdout.write(json.dumps(result) + "\n")
    repository.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
