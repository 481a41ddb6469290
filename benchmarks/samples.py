"""What is measured of a contender in one round, and how rounds become figures."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

# One contender in one workload of one round: figures by the key of their column.
Sample = dict[str, float]
# One round: a sample for each (workload, contender).
Round = dict[tuple[str, str], Sample]


@dataclass(frozen=True, slots=True)
class Column:
    """A figure of a table; with `spread` its smallest and largest round is shown as well.

    `worst` shows the largest round instead of the median: for what should never happen.
    """

    key: str
    heading: str
    digits: int = 0
    spread: bool = False
    worst: bool = False


RATE = Column("rate", "a second", spread=True)
SEATS = Column("seats", "seats a second", spread=True)
P50 = Column("p50_ms", "p50 ms", 1)
P99 = Column("p99_ms", "p99 ms", 1, spread=True)
CPU = Column("cpu_us", "CPU µs", spread=True)
FAILURES = Column("failures", "failed", worst=True)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure over all rounds."""

    median: float
    low: float
    high: float


def figure(rounds: Sequence[Round], workload: str, contender: str, key: str) -> Figure | None:
    """A figure over those rounds that have it; None if none has."""
    values = [
        sample[key]
        for round_ in rounds
        if (sample := round_.get((workload, contender))) and key in sample
    ]
    return Figure(statistics.median(values), min(values), max(values)) if values else None


def ratio(
    rounds: Sequence[Round], key: str, ours: tuple[str, str], theirs: tuple[str, str]
) -> Figure | None:
    """What `ours` is of `theirs`, each a (workload, contender), taken within each round.

    There both met the same machine. None unless some round has both.
    """
    values = [
        round_[ours][key] / round_[theirs][key]
        for round_ in rounds
        # Nothing was used where the time was shorter than a tick of the clock.
        if ours in round_ and theirs in round_ and round_[theirs][key]
    ]
    return Figure(statistics.median(values), min(values), max(values)) if values else None
