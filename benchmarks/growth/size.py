"""Selling and listing on an event with very many reservations."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.engine import SUBMITTERS, sell
from benchmarks.fill import fill
from benchmarks.growth.part import Part, over, shown
from benchmarks.load import Request, drive
from benchmarks.processes import cpu_seconds
from benchmarks.servers import KeyedTicketBoss
from benchmarks.targets import Target
from benchmarks.writer import event_ids

SMALL = 10_000
PAGE = 100
[EVENT] = event_ids(1)


def measure_inserting(reservations: int, rounds: int, seconds: float) -> Part:
    """The engine alone on a large event and, by turns, on a small one in a file of its own."""
    rates: dict[int, list[float]] = {reservations: [], SMALL: []}
    with tempfile.TemporaryDirectory() as folder:
        large = f"sqlite:///{folder}/large.db"
        fill(large, EVENT, reservations)
        for number in range(rounds):
            # Anew in each round, because it does not stay small.
            small = f"sqlite:///{folder}/small-{number}.db"
            fill(small, EVENT, SMALL)
            turns = [(reservations, large), (SMALL, small)]
            for size, url in turns if number % 2 == 0 else reversed(turns):
                rates[size].append(sell(url, seconds, greenlets=True)["rate"])
    ratio = over(
        ours / theirs for ours, theirs in zip(rates[reservations], rates[SMALL], strict=True)
    )
    return Part(
        "Selling on a large event",
        [Target(f"Selling at {reservations:,} reservations, to {SMALL:,}", ratio, at_least=0.9)],
        [
            f"- The engine alone, {SUBMITTERS} submitters, at {size:,} reservations: "
            f"{shown(over(each))} a second."
            for size, each in rates.items()
        ],
    )


def measure_listing(reservations: int, rounds: int, seconds: float) -> Part:
    """The first page of a list and the last one, by turns."""
    last = max(1, reservations // PAGE)
    cpu: dict[int, list[float]] = {1: [], last: []}
    rates: dict[int, list[float]] = {1: [], last: []}
    with tempfile.TemporaryDirectory() as folder:
        server = KeyedTicketBoss(Path(folder) / "server")
        fill(server.environment["DATABASE_URL"], EVENT, reservations)
        with server:
            ask = _asker(server, seconds)
            ask(1)
            for number in range(rounds):
                for page in (1, last) if number % 2 == 0 else (last, 1):
                    rate, used = ask(page)
                    rates[page].append(rate)
                    cpu[page].append(used)
    ratio = over(ours / theirs for ours, theirs in zip(cpu[last], cpu[1], strict=True))
    return Part(
        "Lists",
        [Target(f"List: CPU of page {last:,}, to page 1", ratio, at_least=0.8, at_most=1.2)],
        [
            f"- Page {page:,} of {PAGE} reservations: {shown(over(rates[page]))} a second, "
            f"{shown(over(cpu[page]))} µs of CPU."
            for page in cpu
        ],
    )


def _asker(server: KeyedTicketBoss, seconds: float) -> Callable[[int], tuple[float, float]]:
    def ask(page: int) -> tuple[float, float]:
        """Requests a second for one page, and the CPU of each in microseconds."""
        query = f"limit={PAGE}" + (f"&cursor={(page - 1) * PAGE}" if page > 1 else "")
        request = Request("GET", f"/events/{EVENT}/reservations?{query}")
        before = cpu_seconds(server.master_pid)
        # A partner's list has its own reservations alone, and the event is of a hundred partners.
        load = drive(
            server.url,
            [request],
            connections=8,
            seconds=seconds,
            headers=server.operator_headers(),
        )
        if load.failures:
            raise RuntimeError(f"{load.failures} lists failed:\n{server.log()[-2000:]}")
        used = cpu_seconds(server.master_pid) - before
        return load.requests / load.seconds, used * 1e6 / load.requests

    return ask
