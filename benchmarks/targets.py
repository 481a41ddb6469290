"""What TicketBoss should reach, as ratios within one run."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.catalogue import EXPRESS, HELLO, OURS, PEERS
from benchmarks.samples import Figure, Round, figure, ratio
from benchmarks.workloads import ENGINE_GREENLETS, SQLITE

POST = "post-32"
GET = "get-0"

# A workload and a contender.
Side = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Target:
    """A ratio that should lie within bounds; `reached` is None where the run cannot say."""

    name: str
    reached: Figure | None
    at_least: float | None = None
    at_most: float | None = None

    @property
    def wanted(self) -> str:
        """The bounds, for people."""
        bounds = [f"at least {self.at_least:g}" if self.at_least is not None else ""]
        bounds += [f"at most {self.at_most:g}" if self.at_most is not None else ""]
        return ", ".join(filter(None, bounds))

    @property
    def is_met(self) -> bool | None:
        """Whether the median lies within the bounds."""
        if self.reached is None:
            return None
        over = self.at_least is None or self.reached.median >= self.at_least
        return over and (self.at_most is None or self.reached.median <= self.at_most)


def targets(rounds: Sequence[Round], sizes: Sequence[int]) -> list[Target]:
    """All of them, those first that are about writing."""
    size = max(sizes)
    post, get, grown = (POST, OURS), (GET, OURS), (f"get-{size}", OURS)
    express, hello, hello_get = (POST, EXPRESS), (POST, HELLO), (GET, HELLO)
    engine, sqlite = ("engine", ENGINE_GREENLETS), ("engine", SQLITE)

    def target(
        name: str, figure_key: str, ours: Side, theirs: Side, *bounds: float | None
    ) -> Target:
        return Target(name, ratio(rounds, figure_key, ours, theirs), *bounds)

    return [
        target("POST, 32 connections: a second, to Express NORMAL", "rate", post, express, 2.0),
        target("POST, 32 connections: a second, to the bare hello", "rate", post, hello, 0.6),
        target("POST, 32 connections: CPU, to Express NORMAL", "cpu_us", post, express, None, 1.0),
        *(_p99(rounds, connections) for connections in (32, 256)),
        target(f"GET: CPU with {size:,} reservations, to none", "cpu_us", grown, get, 0.9, 1.1),
        target("GET: a second, to the bare hello", "rate", get, hello_get, 0.85),
        target("GET: 304 a second, to 200", "rate", ("get-304", OURS), get, 1.0),
        target("Engine alone: to SQLite with the same rows", "rate", engine, sqlite, 0.7),
        target("Bulk of 100: seats a second, to single POSTs", "seats", ("bulk", OURS), post, 5.0),
    ]


def _p99(rounds: Sequence[Round], connections: int) -> Target:
    """Against the peer that has the lowest p99 of all, whatever else it does."""
    workload = f"post-{connections}"
    name = f"POST, {connections} connections: p99"
    medians = {peer: figure(rounds, workload, peer, "p99_ms") for peer in PEERS}
    known = {peer: each.median for peer, each in medians.items() if each is not None}
    if not known:
        return Target(f"{name}, to the best peer", None, at_most=1.0)
    best = min(known, key=lambda peer: known[peer])
    reached = ratio(rounds, "p99_ms", (workload, OURS), (workload, best))
    return Target(f"{name}, to the best peer ({best})", reached, at_most=1.0)
