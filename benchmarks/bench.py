"""Throughput and latency of TicketBoss beside a bare Flask hello under the same gunicorn.

Run as `make bench` or `python -m benchmarks.bench`; benchmarks/README.md says how to read it.
"""

import datetime
import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
import requests

from benchmarks.load import Driver, Load, choose_driver, drive
from benchmarks.machine import describe
from benchmarks.report import METHODS, SERVERS, Round, Sample, summarise, table
from benchmarks.servers import HelloServer, KeyedServer, cpu_seconds, key_headers
from tests.server import Server
from ticketboss.setting_checks import WORKER_CLASSES

WORKERS = 2
EVENT_SEATS = 10_000_000
WARM_UP_SECONDS = 0.3
READ_SECONDS_MAX = 30


class Bench:
    """The servers, and what was asked of them so far."""

    def __init__(self, servers: dict[str, Server], driver: Driver, connections: int) -> None:
        self._servers = servers
        self._headers = {name: key_headers(server) for name, server in servers.items()}
        self._driver = driver
        self._connections = connections
        self.failures = 0
        self.acknowledged = dict.fromkeys(SERVERS, 0)

    def warm_up(self) -> None:
        """Have every worker import, connect and answer what the first round will ask."""
        for method in METHODS:
            for name in SERVERS:
                self._load(name, method, drive, WARM_UP_SECONDS)

    def run_round(self, number: int, seconds: float) -> Round:
        """Load each server with each method; every second round goes the other way about."""
        names = SERVERS if number % 2 == 0 else tuple(reversed(SERVERS))
        return {
            (name, method): self._sample(name, method, seconds)
            for method in METHODS
            for name in names
        }

    def complaints(self) -> list[str]:
        """What is wrong with the run as a whole; figures of a wrong run are worth nothing."""
        found = []
        for name in ("ticketboss", "keyed"):
            server = self._servers[name]
            found += [f"verify: {difference}" for difference in server.differences()]
            there, acknowledged = self._reservation_count(name), self.acknowledged[name]
            if there < acknowledged:
                found.append(f"{acknowledged} reservations were acknowledged, {there} are there")
        if self.failures:
            found.append(f"{self.failures} requests failed")
        return found

    def _reservation_count(self, name: str) -> int:
        url = f"{self._servers[name].url}/reservations"
        answer = requests.get(url, headers=self._headers[name], timeout=READ_SECONDS_MAX)
        count: int = answer.json()["reservationCount"]
        return count

    def _sample(self, name: str, method: str, seconds: float) -> Sample:
        server = self._servers[name]
        cpu_before = cpu_seconds(server)
        load = self._load(name, method, self._driver, seconds)
        cpu = cpu_seconds(server) - cpu_before
        if not load.requests:
            raise click.ClickException(f"{name} answered nothing:\n{server.log()}")
        return Sample(
            requests_per_second=load.requests / load.seconds,
            p50_ms=load.p50_ms,
            p99_ms=load.p99_ms,
            cpu_us=cpu * 1e6 / load.requests,
        )

    def _load(self, name: str, method: str, driver: Driver, seconds: float) -> Load:
        url = f"{self._servers[name].url}/reservations"
        load = driver(method, url, self._connections, seconds, self._headers[name])
        self.failures += load.failures
        if method == "POST":
            self.acknowledged[name] += load.requests - load.failures
        return load


@click.command()
@click.option("--seconds", type=click.IntRange(1), default=5, show_default=True, help="Per figure.")
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
@click.option("--connections", type=click.IntRange(1, 500), default=32, show_default=True)
@click.option("--driver", "driver_name", type=click.Choice(["wrk", "builtin"]))
@click.option("--worker-class", type=click.Choice(WORKER_CLASSES), default="gevent")
@click.option("--log-level", default="info", show_default=True, help="Of all servers.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def main(
    seconds: int,
    rounds: int,
    connections: int,
    driver_name: str | None,
    worker_class: str,
    log_level: str,
    as_json: bool,
) -> None:
    """Measure POST and GET on a large event, beside a bare Flask hello."""
    try:
        name, driver = choose_driver(driver_name)
    except LookupError as error:
        raise click.UsageError(str(error)) from None
    gunicorn = {"TICKETBOSS_WORKER_CLASS": worker_class, "LOG_LEVEL": log_level}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        bench = Bench(_start(stack, folder, gunicorn), driver, connections)
        bench.warm_up()
        samples = [bench.run_round(number, seconds) for number in range(rounds)]
        complaints = bench.complaints()
        report: dict[str, Any] = {
            "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
            "machine": describe(folder),
            "load": f"{name}, {connections} connections, {rounds} rounds of {seconds} s",
            "gunicorn": f"{WORKERS} {worker_class} workers, log level {log_level}",
            "figures": summarise(samples),
            "acknowledged": bench.acknowledged["ticketboss"] + bench.acknowledged["keyed"],
            "complaints": complaints,
        }
    click.echo(json.dumps(report) if as_json else table(report))
    if complaints:
        raise SystemExit(1)


def _start(stack: ExitStack, folder: Path, gunicorn: dict[str, str]) -> dict[str, Server]:
    kinds = {"hello": HelloServer, "ticketboss": Server, "keyed": KeyedServer}
    servers: dict[str, Server] = {}
    for name in SERVERS:
        (folder / name).mkdir()
        server = kinds[name](
            folder / name,
            WEB_CONCURRENCY=WORKERS,
            TICKETBOSS_DEFAULT_EVENT_SEATS=EVENT_SEATS,
            **gunicorn,
        )
        servers[name] = stack.enter_context(server)
    return servers


if __name__ == "__main__":
    main()
