"""All servers of a run, up together, and what was asked of them so far."""

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.fill import fill
from benchmarks.load import PARTNER_ID, Load, Request, drive
from benchmarks.processes import cpu_seconds
from benchmarks.rows import Promised, miscounts
from benchmarks.servers import CONTENDERS, WORKERS, Contender, Hello, TicketBoss

HOT = "hot"
SIXTEEN = tuple(f"of-sixteen-{number}" for number in range(16))
SEATS = 100_000_000
WARM_UP_ANSWERS = 1_500
WARM_UP_SECONDS_MAX = 20


def size_event(size: int) -> str:
    """The event that has so many reservations and gets no more."""
    return f"size-{size}"


def post(event_id: str, **members: int) -> Request:
    """A reservation of one seat."""
    rest = "".join(f',"{name}":{value}' for name, value in members.items())
    body = f'{{"partnerId":"{PARTNER_ID}","seats":1{rest}}}'
    return Request("POST", f"/events/{event_id}/reservations", body)


def get(event_id: str) -> Request:
    """The summary of an event."""
    return Request("GET", f"/events/{event_id}")


class Rig:
    """The servers by name, and how much of what they acknowledged must be there afterwards."""

    def __init__(self, servers: dict[str, Contender], folder: Path) -> None:
        self.servers = servers
        self.folder = folder
        self.failures: dict[str, int] = defaultdict(int)
        self._promised: dict[tuple[str, tuple[str, ...]], Promised] = defaultdict(Promised)

    @property
    def acknowledged(self) -> int:
        """Reservations that TicketBoss has acknowledged."""
        return sum(
            promised.at_least
            for (name, _), promised in self._promised.items()
            if self._is_ours(name)
        )

    def drive(
        self, name: str, requests: Sequence[Request], connections: int, **options: Any
    ) -> tuple[Load, float]:
        """Load a server; gives what was seen, and its CPU seconds."""
        server = self.servers[name]
        cpu_before = cpu_seconds(server.master_pid)
        headers = {**server.headers, **options.pop("headers", {})}
        load = drive(server.url, requests, connections=connections, headers=headers, **options)
        cpu = cpu_seconds(server.master_pid) - cpu_before
        if not load.requests:
            raise RuntimeError(f"{name} answered nothing:\n{server.log()}")
        self.failures[name] += load.failures
        return load, cpu

    def acknowledge(
        self, name: str, event_ids: Sequence[str], reservations: int, unanswered: int
    ) -> None:
        """Note that a server has acknowledged so many, in these events together.

        `unanswered` is how many more it may have made for requests that nobody saw the answer of.
        """
        if event_ids:
            promised = Promised(reservations, reservations + unanswered)
            self._promised[name, tuple(event_ids)] += promised

    def warm_up(self) -> None:
        """Have every worker import, connect and answer what the first round will ask."""
        for name in self.servers:
            for request in (post(HOT), get(HOT)):
                load, _ = self.drive(
                    name, [request], 32, seconds=WARM_UP_SECONDS_MAX, answers_max=WARM_UP_ANSWERS
                )
                self.acknowledge(name, [HOT], load.created, load.unanswered(32))

    def miscounts(self) -> list[str]:
        """Where the rows in the tables of those who sell are not what they have acknowledged."""
        return [
            f"{name}: {each}"
            for (name, event_ids), promised in self._promised.items()
            if not isinstance(self.servers[name], Hello)
            for each in miscounts(self.servers[name].database_path, event_ids, promised)
        ]

    def complaints(self) -> list[str]:
        """What is wrong with the run as a whole; figures of a wrong run are worth nothing.

        That a peer fails under load is a figure, but nobody may lose or over-sell anything.
        """
        found = [
            f"{name}: {count} requests failed"
            for name, count in self.failures.items()
            if count and self._is_ours(name)
        ]
        for (name, event_ids), promised in self._promised.items():
            if not isinstance(self.servers[name], Hello):
                found += self._lost_or_over_sold(name, event_ids, promised.at_least)
        for name, server in self.servers.items():
            if self._is_ours(name):
                found += [f"{name}: verify: {each}" for each in server.differences()]
        return found

    def _lost_or_over_sold(
        self, name: str, event_ids: Sequence[str], acknowledged: int
    ) -> Iterator[str]:
        events = [self.servers[name].event(event_id) for event_id in event_ids]
        there = sum(event["reservationCount"] for event in events)
        where = f"{name}, {event_ids[0]}"
        if there < acknowledged:
            yield f"{where}: {acknowledged} reservations were acknowledged, {there} are there"
        for event in events:
            left = event["availableSeats"] + event.get("heldSeats", 0)
            # Whoever measures here takes one seat at a time.
            if left + event["reservationCount"] != event["totalSeats"] or left < 0:
                yield f"{where}: the sums of {event['eventId']} are wrong"

    def _is_ours(self, name: str) -> bool:
        return isinstance(self.servers[name], TicketBoss)


@contextmanager
def running(names: Sequence[str], sizes: Sequence[int], **settings: str) -> Iterator[Rig]:
    """All of them up, with their events, in a folder that goes with them.

    `settings` are those of TicketBoss's gunicorn, for the hello as well.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = {}
        for name in names:
            server = CONTENDERS[name](folder / name, WEB_CONCURRENCY=WORKERS, **settings)
            stack.callback(server.destroy)
            servers[name] = server
        with ThreadPoolExecutor(len(servers)) as pool:
            list(pool.map(lambda each: _start(each, sizes), servers.values()))
        yield Rig(servers, folder)


def _start(server: Contender, sizes: Sequence[int]) -> None:
    if isinstance(server, TicketBoss):
        for size in sizes:
            if size:
                fill(server.environment["DATABASE_URL"], size_event(size), size)
    server.start()
    server.wait_until_ready()
    if not isinstance(server, Hello):
        for event_id in (HOT, size_event(0), *SIXTEEN):
            server.create_event(event_id, SEATS)
