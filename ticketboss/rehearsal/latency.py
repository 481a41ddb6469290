"""Percentiles of what was waited for.

Latencies count from the moment at which a request was meant to be sent. Counted from the real
sending, requests that a stalled server has held up before they were sent look quick, and exactly
the worst moments are left out: Gil Tene's "coordinated omission" (his talk "How NOT to Measure
Latency").
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

PERCENTS = (50.0, 95.0, 99.0, 100.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """The percentiles of some requests, in milliseconds; the largest is `max_ms`."""

    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The smallest value that at least so many percent do not exceed (nearest rank).

    `ordered` is sorted and has one value at least.
    """
    rank = math.ceil(percent * len(ordered) / 100)
    return ordered[max(rank, 1) - 1]


def latency(milliseconds: Sequence[float]) -> Latency | None:
    """The percentiles of these times, None of none."""
    if not milliseconds:
        return None
    ordered = sorted(milliseconds)
    p50, p95, p99, largest = (percentile(ordered, percent) for percent in PERCENTS)
    return Latency(count=len(ordered), p50_ms=p50, p95_ms=p95, p99_ms=p99, max_ms=largest)
