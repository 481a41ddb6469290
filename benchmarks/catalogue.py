"""All workloads of `make bench`, in the order in which they are run and shown."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.load import PARTNER_ID, Request
from benchmarks.rig import HOT, SIXTEEN, get, post, size_event
from benchmarks.samples import CPU, FAILURES, P50, P99, RATE, SEATS
from benchmarks.servers import CONTENDERS
from benchmarks.workloads import (
    DROP_SEATS,
    Drop,
    Engine,
    Holds,
    NotModified,
    Steady,
    Workload,
)

OURS = "TicketBoss"
OPEN = "TicketBoss, no keys"
HELLO = "hello"
EXPRESS = "Express NORMAL"
BULK_ITEMS = 100
HOLD_SECONDS = 600
CONNECTIONS = (1, 32, 256)

ALL = tuple(CONTENDERS)
BUT_OPEN = tuple(name for name in ALL if name != OPEN)
PEERS = tuple(name for name in BUT_OPEN if name not in (OURS, HELLO))
# Two processes do what one does where one connection asks, and more where most requests read.
ALONE = ("FastAPI NORMAL, one process", "FastAPI FULL, one process")
CLUSTER = "Express NORMAL, cluster"
SELLERS = (OURS, *(name for name in PEERS if name not in ALONE))
# Nothing is synced where nothing is written, so one of the two stands for both.
READERS = tuple(name for name in BUT_OPEN if name not in ("Express FULL", "FastAPI FULL", *ALONE))
# Express makes entity tags by itself, the other peers have none.
WITH_ETAGS = (OURS, *(name for name in READERS if name.startswith("Express")))


@dataclass(frozen=True, slots=True)
class Scale:
    """How large a run is: the reservations of the events that are read, and the rest."""

    sizes: Sequence[int]
    drop_requests: int
    rounds: int
    seconds: int


WHOLE = Scale((0, 100_000, 1_000_000), drop_requests=10_000, rounds=5, seconds=4)
QUICK = Scale((0, 10_000, 100_000), drop_requests=2_000, rounds=1, seconds=1)


# What `--quick` may take, with starting, filling and checking; it is told of if it takes longer.
QUICK_SECONDS_MAX = 120


def planned_seconds(scale: Scale, wanted: Sequence[Workload]) -> int:
    """How long the servers are under load, if all peers are there; a drop ends by itself."""
    return scale.rounds * scale.seconds * sum(len(each.contenders) for each in wanted)


def workloads(scale: Scale) -> list[Workload]:
    """All of them."""
    return [
        *_posts(),
        _bulk(),
        _holds(),
        *_gets(scale.sizes),
        *_others(scale.drop_requests),
        Engine("engine", "The engine alone, 64 submitters in one process"),
    ]


def _posts() -> list[Workload]:
    return [
        Steady(
            f"post-{connections}",
            f"POST of one seat on one event, {connections} connection{'s'[: connections - 1]}",
            _posting(connections),
            requests=[post(HOT)],
            event_ids=[HOT],
            reservations=1,
            connections=connections,
        )
        for connections in CONNECTIONS
    ]


def _posting(connections: int) -> Sequence[str]:
    if connections == 1:
        return tuple(name for name in BUT_OPEN if name not in (CLUSTER, *ALONE))
    return ALL if connections == 32 else BUT_OPEN


def _bulk() -> Workload:
    body = {"partnerId": PARTNER_ID, "items": [{"seats": 1}] * BULK_ITEMS}
    return Steady(
        "bulk",
        f"POST of {BULK_ITEMS} reservations in one request",
        [OURS],
        requests=[Request("POST", f"/events/{HOT}/reservations/bulk", json.dumps(body))],
        event_ids=[HOT],
        reservations=BULK_ITEMS,
        columns=(SEATS, RATE, P50, P99, CPU, FAILURES),
    )


def _holds() -> Workload:
    return Holds(
        "holds",
        "Holds, each confirmed as soon as it is answered",
        [OURS],
        hold=post(HOT, holdSeconds=HOLD_SECONDS),
        event_id=HOT,
    )


def _gets(sizes: Sequence[int]) -> list[Workload]:
    largest = max(sizes)
    found: list[Workload] = [
        Steady(
            f"get-{size}",
            f"GET of the summary of an event with {size:,} reservations",
            # What grows with the event is our own to show; the hello is beside each end of it.
            READERS if size == 0 else (OURS, HELLO) if size == largest else (OURS,),
            requests=[get(size_event(size))],
            event_ids=[],
            reservations=0,
        )
        for size in sizes
    ]
    return [*found, NotModified("get-304", "GET with If-None-Match: 304", WITH_ETAGS)]


def _others(drop_requests: int) -> list[Workload]:
    return [
        Steady(
            "mixed",
            "80 % GET and 20 % POST on one event",
            SELLERS,
            requests=[post(HOT), *[get(HOT)] * 4],
            event_ids=[HOT],
            reservations=0.2,
        ),
        Steady(
            "sixteen",
            "POST of one seat on 16 events in turn",
            (OURS, *PEERS),
            requests=[post(event_id) for event_id in SIXTEEN],
            event_ids=SIXTEEN,
            reservations=1,
        ),
        Drop(
            "drop",
            f"A drop: {drop_requests:,} requests for {DROP_SEATS} seats",
            SELLERS,
            drop_requests,
        ),
    ]
