"""What is asked of the contenders, and what is noted of their answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Protocol

import requests as http

from benchmarks.engine import measure_engine, measure_sqlite
from benchmarks.load import Load, Request
from benchmarks.rig import Rig, size_event
from benchmarks.samples import CPU, FAILURES, P50, P99, RATE, Column, Sample

DROP_SEATS = 500
DROP_CONNECTIONS = 64
DROP_SECONDS_MAX = 60
ENGINE_THREADS = "engine, threads"
ENGINE_GREENLETS = "engine, greenlets"
SQLITE = "SQLite, 16 rows"


class Workload(Protocol):
    """One table of the report; `columns[0]` is what its chart shows."""

    @property
    def key(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def contenders(self) -> Sequence[str]: ...
    @property
    def columns(self) -> Sequence[Column]: ...

    def sample(self, rig: Rig, name: str, seconds: float) -> Sample:
        """Load one contender for about so many seconds."""
        ...


def _sample(load: Load, cpu: float) -> Sample:
    return {
        "rate": load.requests / load.seconds,
        "p50_ms": load.p50_ms,
        "p99_ms": load.p99_ms,
        "cpu_us": cpu * 1e6 / load.requests,
        "failures": load.failures,
    }


@dataclass(frozen=True, slots=True)
class Steady:
    """The same requests in turn, for the whole time.

    `reservations` is how many one request makes, on average.
    """

    key: str
    title: str
    contenders: Sequence[str]
    requests: Sequence[Request]
    event_ids: Sequence[str]
    reservations: float
    connections: int = 32
    columns: Sequence[Column] = (RATE, P50, P99, CPU, FAILURES)

    def sample(self, rig: Rig, name: str, seconds: float) -> Sample:
        load, cpu = rig.drive(name, self.requests, self.connections, seconds=seconds)
        sample = _sample(load, cpu)
        # Where requests differ, nobody knows which of them the last ones without an answer were.
        unsure = self.connections if len(self.requests) > 1 else 0
        answered = max(0, load.requests - load.failures - unsure)
        acknowledged = int(answered * self.reservations)
        asked = load.requests + load.broken + self.connections
        most = ceil(asked * self.reservations)
        rig.acknowledge(name, self.event_ids, acknowledged, most - acknowledged)
        return sample | {"seats": sample["rate"] * self.reservations}


@dataclass(frozen=True, slots=True)
class NotModified:
    """GET of a summary that has not changed since the client's last look."""

    key: str
    title: str
    contenders: Sequence[str]
    columns: Sequence[Column] = (RATE, P50, P99, CPU, FAILURES)

    def sample(self, rig: Rig, name: str, seconds: float) -> Sample:
        server = rig.servers[name]
        path = f"/events/{size_event(0)}"
        etag = http.get(server.url + path, headers=server.headers, timeout=30).headers["ETag"]
        headers = {"If-None-Match": etag}
        answer = http.get(server.url + path, headers={**server.headers, **headers}, timeout=30)
        if answer.status_code != http.codes.not_modified:
            raise RuntimeError(f"{name} answered {answer.status_code} instead of 304.")
        request = Request("GET", path)
        return _sample(*rig.drive(name, [request], 32, seconds=seconds, headers=headers))


@dataclass(frozen=True, slots=True)
class Holds:
    """A hold, and its confirmation as soon as it is answered: half of the requests each."""

    key: str
    title: str
    contenders: Sequence[str]
    hold: Request
    event_id: str
    columns: Sequence[Column] = (RATE, P50, P99, CPU, FAILURES)

    def sample(self, rig: Rig, name: str, seconds: float) -> Sample:
        load, cpu = rig.drive(name, [self.hold], 32, seconds=seconds, mode="holds")
        rig.acknowledge(name, [self.event_id], load.confirmed, load.unanswered(32))
        return _sample(load, cpu)


@dataclass(slots=True)
class Drop:
    """Many more requests than seats, on an event that has just gone on sale."""

    key: str
    title: str
    contenders: Sequence[str]
    requests: int
    columns: Sequence[Column] = (
        Column("sold_out_ms", "ms until sold out (less is better)", spread=True),
        Column("after", "answers a second afterwards", spread=True),
        Column("false_refusals", "false refusals", worst=True),
        Column("unsold", "unsold", worst=True),
        CPU,
        FAILURES,
    )
    _drops: int = field(default=0, init=False)

    def sample(self, rig: Rig, name: str, seconds: float) -> Sample:  # noqa: ARG002 - by requests
        self._drops += 1
        event_id = f"drop-{self._drops}"
        rig.servers[name].create_event(event_id, DROP_SEATS)
        request = Request(
            "POST", f"/events/{event_id}/reservations", '{"partnerId":"abc-corp","seats":1}'
        )
        load, cpu = rig.drive(
            name,
            [request],
            DROP_CONNECTIONS,
            seconds=DROP_SECONDS_MAX,
            mode="drop",
            answers_max=self.requests,
        )
        rig.acknowledge(name, [event_id], load.created, load.unanswered(DROP_CONNECTIONS))
        afterwards = load.stopped - load.sold_out_at
        return {
            "sold_out_ms": (load.sold_out_at - load.started) * 1000,
            "after": (self.requests - load.answered_at_sold_out) / afterwards,
            "false_refusals": load.false_refusals,
            "unsold": rig.servers[name].event(event_id)["availableSeats"],
            "cpu_us": cpu * 1e6 / load.requests,
            "failures": load.failures,
        }


@dataclass(slots=True)
class Engine:
    """The engine in a process of its own, and SQLite with the rows that it has just sold."""

    key: str
    title: str
    contenders: Sequence[str] = (ENGINE_GREENLETS, ENGINE_THREADS, SQLITE)
    columns: Sequence[Column] = (RATE, P50, P99, CPU)
    _runs: int = field(default=0, init=False)
    _sold: str = field(default="", init=False)

    def sample(self, rig: Rig, name: str, seconds: float) -> Sample:
        self._runs += 1
        url = f"sqlite:///{rig.folder}/engine-{self._runs}.db"
        if name == SQLITE:
            if not self._sold:
                # In every second round it comes first, and needs rows.
                measure_engine(f"{url}.rows", 1.0, greenlets=True)
                self._sold = f"{url}.rows"
            return measure_sqlite(self._sold, url)
        self._sold = url
        return measure_engine(url, seconds, greenlets=name == ENGINE_GREENLETS)
