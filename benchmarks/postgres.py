"""`python -m benchmarks.postgres`: how the engine alone grows with processes, events and batches.

Several processes, each with a committer of its own as server processes have, sell single seats
on one hot event or on 16, on a scratch PostgreSQL of this machine and, beside it, on SQLite.
"""

import argparse
import json
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.engine import run_together, start_writer
from benchmarks.machine import describe
from benchmarks.processes import cpu_seconds
from benchmarks.writer import prepare
from tests.postgres import PostgresServer

HEAD = (
    "| database | processes | threads each | events | reservations/s | commits/s | a commit |"
    " conflicts/commit | p50 ms | p99 ms | engine us | database us |"
    " WAL bytes |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True, slots=True)
class Load:
    """How much is asked at once, and where."""

    database: str
    processes: int
    threads: int
    events: int


LOADS = [
    *(Load("PostgreSQL", 1, threads, 1) for threads in (1, 4, 16, 64, 256)),
    *(Load("PostgreSQL", processes, 32, events) for events in (1, 16) for processes in (1, 2, 4)),
    *(Load("SQLite", processes, 32, events) for events in (1, 16) for processes in (1, 2, 4)),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3, help="the median of them is shown")
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        PostgresServer(shared_buffers="256MB") as server,
    ):
        for name, fact in describe(Path(folder)).items():
            print(f"{name:<10} {fact}")
        print(f"{'postgres':<10} {server.execute('SHOW server_version')[0][0]}\n\n{HEAD}")
        for number, load in enumerate(LOADS):
            results = []
            for round_ in range(chosen.rounds):
                name = f"bench_{number}_{round_}"
                server.execute(f"CREATE DATABASE {name}")
                url = (
                    server.url(name)
                    if load.database == "PostgreSQL"
                    else f"sqlite:///{folder}/{name}.db"
                )
                results.append(_measure(load, url, chosen.seconds, server))
                server.execute(f"DROP DATABASE {name} WITH (FORCE)")
            print(_line(load, results), flush=True)


def _measure(load: Load, url: str, seconds: float, server: PostgresServer) -> dict[str, float]:
    prepare(url, load.events)
    database_cpu, wal_bytes = cpu_seconds(server.pid), _wal_bytes(server)
    command = [url, str(load.events), str(load.threads), str(seconds)]
    writers = [start_writer(command) for _ in range(load.processes)]
    told = [json.loads(line) for line in run_together(writers)]
    latencies = sorted(latency for each in told for latency in each["latencies_ms"])
    counted = statistics.mean(each["seconds"] for each in told)
    commits = sum(each["commits"] for each in told)
    # The database worked while we warmed up as well, which the reservations do not count.
    share = counted / seconds
    database_cpu = (cpu_seconds(server.pid) - database_cpu) * share
    wal_bytes = (_wal_bytes(server) - wal_bytes) * share
    return {
        "reservations": len(latencies) / counted,
        "commits": commits / counted,
        "batch": len(latencies) / commits,
        "conflicts": sum(each["conflicts"] for each in told) / commits,
        "p50": latencies[len(latencies) // 2],
        "p99": latencies[len(latencies) * 99 // 100],
        "engine_us": sum(each["cpu_seconds"] for each in told) * 1e6 / len(latencies),
        "database_us": database_cpu * 1e6 / len(latencies),
        "wal_bytes": wal_bytes / len(latencies),
    }


def _wal_bytes(server: PostgresServer) -> float:
    ((position,),) = server.execute("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")
    return float(str(position))


def _line(load: Load, results: list[dict[str, float]]) -> str:
    middle = {name: statistics.median(each[name] for each in results) for name in results[0]}
    database = (
        "- | -"
        if load.database == "SQLite"
        else f"{middle['database_us']:.0f} | {middle['wal_bytes']:,.0f}"
    )
    return (
        f"| {load.database} | {load.processes} | {load.threads} | {load.events} "
        f"| {middle['reservations']:,.0f} | {middle['commits']:,.0f} | {middle['batch']:.1f} "
        f"| {middle['conflicts']:.2f} | {middle['p50']:.1f} | {middle['p99']:.1f} "
        f"| {middle['engine_us']:.0f} | {database} |"
    )


if __name__ == "__main__":
    main()
