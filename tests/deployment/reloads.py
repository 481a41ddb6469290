"""SIGHUP under load, one after the other, while partners ask directly and through nginx."""

import json
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from tests.concurrency.background import Background
from tests.concurrency.watching import reload_workers, wait_until
from tests.deployment.nginx import Nginx
from tests.deployment.partners import SECONDS_MAX, connection_to, new_key
from tests.server import Server

# Between two requests of a client: the connection is kept, and idle when a reload comes.
PAUSES_SECONDS = (0.0, 0.05, 0.5, 2.0)
SEATS_ENOUGH_FOR_ALL = 10_000_000


@dataclass
class Told:
    """What the clients of one way in have seen."""

    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)


class Partners(Background):
    """Clients that reserve and ask nothing twice: what gets no 201 is noted as a failure.

    A connection is used until an answer says that it ends, as HTTP has it.
    """

    def __init__(self, count: int, key: str, server: Server, nginx: Nginx) -> None:
        super().__init__(count)
        self._key = key
        self._server = server
        self._nginx = nginx
        self.told = {"directly": Told(), "through nginx": Told()}

    def wait_for_more(self, count: int) -> None:
        """Return when so many further requests have ended."""
        goal = self._count_of_requests() + count
        wait_until(lambda: self._count_of_requests() >= goal, "nobody was answered")

    def _count_of_requests(self) -> int:
        return sum(len(told.seconds) for told in self.told.values())

    def _connection(self, way: str) -> HTTPConnection:
        if way == "through nginx":
            return connection_to(self._nginx)
        return HTTPConnection("127.0.0.1", self._server.port, timeout=SECONDS_MAX)

    def _run(self, number: int) -> None:
        way = list(self.told)[number % 2]
        pause_seconds = PAUSES_SECONDS[number // 2 % len(PAUSES_SECONDS)]
        connection, told = self._connection(way), self.told[way]
        while not self._stopping.wait(pause_seconds):
            began = time.monotonic()
            try:
                self._reserve(connection, told)
            except Exception as error:  # noqa: BLE001 - each of them is a failed request
                told.failures.append(repr(error))
                connection.close()
            told.seconds.append(time.monotonic() - began)
        connection.close()

    def _reserve(self, connection: HTTPConnection, told: Told) -> None:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._key}"}
        connection.request("POST", "/reservations", b'{"seats":1}', headers)
        # It opens another connection by itself, behind an answer that has ended this one.
        answer = connection.getresponse()
        document = json.loads(answer.read())
        if answer.status != 201:
            told.failures.append(f"{answer.status} {document}")
        else:
            told.versions.append(document["version"])


@dataclass
class Result:
    """What came of a number of reloads."""

    told: dict[str, Told]
    final_version: int
    differences: list[str]

    def faults(self) -> list[str]:
        """What went wrong; empty when all is well."""
        versions = sorted(version for told in self.told.values() for version in told.versions)
        found = [
            f"failed {way}: {each}" for way, told in self.told.items() for each in told.failures
        ]
        # Each was answered once, and nothing was reserved that nobody was told of.
        if versions != list(range(1, self.final_version + 1)):
            found.append(f"{len(versions)} were answered, {self.final_version} reserved")
        return found + self.differences


def run(folder: Path, reloads: int, clients: int) -> Result:
    """Reload so often under the load of so many clients, half of them through nginx."""
    settings: dict[str, str | int] = {
        "TICKETBOSS_AUTH": "keys",
        "TICKETBOSS_DEFAULT_EVENT_SEATS": SEATS_ENOUGH_FOR_ALL,
        # One key asks for all of them.
        "TICKETBOSS_RATE_LIMIT_WRITES": "",
    }
    with Server(folder, **settings) as server, Nginx(folder, server.port) as nginx:
        key = new_key(server, "abc-corp")
        with Partners(clients, key, server, nginx) as partners:
            for _ in range(reloads):
                partners.wait_for_more(clients)
                reload_workers(server)
        final = server.operate("events", "show", "node-meetup-2025")["version"]
        return Result(partners.told, final, server.differences())


@click.command()
@click.option("--reloads", default=20, show_default=True, help="How often it is reloaded.")
@click.option("--clients", default=16, show_default=True, help="Half of them through nginx.")
def main(reloads: int, clients: int) -> None:
    """Reload a scratch server under load, and say what its clients have seen."""
    began = time.monotonic()
    with TemporaryDirectory() as folder:
        result = run(Path(folder), reloads, clients)
    click.echo(f"{reloads} reloads in {time.monotonic() - began:.0f} s")
    for way, told in result.told.items():
        ordered = sorted(told.seconds)
        p99, longest = ordered[len(ordered) * 99 // 100], ordered[-1]
        click.echo(
            f"{way}: {len(ordered)} requests, {len(told.failures)} failed,"
            f" p99 {p99 * 1000:.0f} ms, longest {longest * 1000:.0f} ms"
        )
        for failure in told.failures:
            click.echo(f"  {failure}")
    if result.faults():
        raise click.ClickException("; ".join(result.faults()))


if __name__ == "__main__":
    main()
