"""What TicketBoss should reach, as ratios within one run."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.catalogue import EXPRESS, HELLO, OURS, PEERS
from benchmarks.samples import Figure, Round, figure, ratio
from benchmarks.workloads import ENGINE_GREENLETS, SQLITE

POST = "post-32"
GET = "get-0"


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

    def to(key: str, ours: str, name: str, theirs: str, of: str = OURS) -> Figure | None:
        return ratio(rounds, key, (ours, of), (theirs, name))

    largest = f"get-{max(sizes)}"
    return [
        Target("POST, 32 connections: a second, to Express NORMAL", to("rate", POST, EXPRESS, POST), 2.0),
        Target("POST, 32 connections: a second, to the bare hello", to("rate", POST, HELLO, POST), 0.6),
        Target("POST, 32 connections: CPU, to Express NORMAL", to("cpu_us", POST, EXPRESS, POST), None, 1.0),
        *(_p99(rounds, connections) for connections in (32, 256)),
        Target(
            f"GET: CPU with {max(sizes):,} reservations, to none",
            to("cpu_us", largest, OURS, GET), 0.9, 1.1,
        ),
        Target("GET: a second, to the bare hello", to("rate", GET, HELLO, GET), 0.85),
        Target("GET: 304 a second, to 200", to("rate", "get-304", OURS, GET), 1.0),
        Target(
            "Engine alone, 64 submitters: to SQLite with the same rows, 16 a transaction",
            to("rate", "engine", SQLITE, "engine", ENGINE_GREENLETS), 0.7,
        ),
        Target("Bulk of 100: seats a second, to single POSTs", to("seats", "bulk", OURS, POST), 5.0),
    ]  # fmt: skip


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
