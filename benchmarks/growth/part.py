"""What each part of the growth run gives."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.samples import Figure
from benchmarks.targets import Target


@dataclass(frozen=True, slots=True)
class Part:
    """A chapter of the report: its targets, and lines of Markdown with what was seen."""

    title: str
    targets: Sequence[Target]
    lines: Sequence[str]


def over(values: Iterable[float]) -> Figure:
    """The median of some values, with the smallest and the largest."""
    seen = list(values)
    return Figure(median(seen), min(seen), max(seen))


def shown(figure: Figure, digits: int = 0) -> str:
    """A figure with its spread."""
    low, high = f"{figure.low:,.{digits}f}", f"{figure.high:,.{digits}f}"
    return f"{figure.median:,.{digits}f} ({low} to {high})"
