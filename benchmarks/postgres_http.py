"""`python -m benchmarks.postgres_http`: what a POST costs over HTTP, on PostgreSQL and on SQLite.

CPU time of the server's processes and of PostgreSQL's, for batches of one and for larger ones, and
for refusals. Both databases have a server of their own with everything on; they take turns.
"""

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import drive
from benchmarks.machine import describe
from benchmarks.processes import cpu_seconds
from benchmarks.rig import post
from benchmarks.servers import KeyedTicketBoss
from tests.postgres import PostgresServer

DATABASES = ("PostgreSQL", "SQLite")
WORKERS = 2
SEATS = 10_000_000
EVENTS = tuple(f"event-{number}" for number in range(16))
SOLD_OUT = "sold-out"
HEAD = (
    "| what | database | connections | events | answers/s | server us | database us |\n"
    "|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked, on how many connections."""

    what: str
    connections: int
    events: Sequence[str]


ASKS = [
    Ask("sold", 1, EVENTS[:1]),
    Ask("sold", 32, EVENTS[:1]),
    Ask("sold", 16, EVENTS),
    Ask("refused", 1, [SOLD_OUT]),
    Ask("refused", 32, [SOLD_OUT]),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=4, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3, help="the median of them is shown")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = stack.enter_context(PostgresServer(shared_buffers="256MB"))
        for name, fact in describe(folder).items():
            print(f"{name:<10} {fact}")
        postgres.execute("CREATE DATABASE bench")
        urls = {"PostgreSQL": postgres.url("bench"), "SQLite": f"sqlite:///{folder}/bench.db"}
        servers = {
            name: stack.enter_context(
                KeyedTicketBoss(folder / name, DATABASE_URL=urls[name], WEB_CONCURRENCY=WORKERS)
            )
            for name in DATABASES
        }
        for server in servers.values():
            _prepare(server)
        print(f"\n{HEAD}")
        for ask in ASKS:
            found: dict[str, list[tuple[float, ...]]] = {name: [] for name in DATABASES}
            for _ in range(chosen.rounds):
                for name in DATABASES:
                    found[name].append(_measure(servers[name], postgres, ask, chosen.seconds))
            for name in DATABASES:
                print(_line(ask, name, found[name]), flush=True)


def _prepare(server: KeyedTicketBoss) -> None:
    """Make the events, one of which sells its only seat at once, and warm up."""
    for event_id in EVENTS:
        server.create_event(event_id, SEATS)
    server.create_event(SOLD_OUT, 1)
    for event_id in (EVENTS[0], SOLD_OUT):
        drive(server.url, [post(event_id)], connections=32, seconds=1, headers=server.headers)


def _measure(
    server: KeyedTicketBoss, postgres: PostgresServer, ask: Ask, seconds: int
) -> tuple[float, ...]:
    before = cpu_seconds(server.master_pid), cpu_seconds(postgres.pid)
    load = drive(
        server.url,
        [post(event_id) for event_id in ask.events],
        connections=ask.connections,
        seconds=seconds,
        headers=server.headers,
    )
    # A refusal is an error to the load generator, and what is asked for here.
    wrong = load.broken + (load.errors if ask.what == "sold" else load.requests - load.errors)
    if wrong:
        raise RuntimeError(f"{wrong} of {load.requests} answers were not those asked for.")
    spent = cpu_seconds(server.master_pid) - before[0], cpu_seconds(postgres.pid) - before[1]
    return load.requests / load.seconds, *(each * 1e6 / load.requests for each in spent)


def _line(ask: Ask, database: str, results: Sequence[tuple[float, ...]]) -> str:
    rate, server_us, database_us = (statistics.median(each) for each in zip(*results, strict=True))
    last = f"{database_us:,.0f}" if database == "PostgreSQL" else "-"
    return (
        f"| {ask.what} | {database} | {ask.connections} | {len(ask.events)} "
        f"| {rate:,.0f} | {server_us:,.0f} | {last} |"
    )


if __name__ == "__main__":
    main()
