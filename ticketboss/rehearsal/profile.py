"""The shape of a drop: how many come and when, what they want, and what they do with it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

WISHES_MAX = 100_000
PARTNERS_MAX = 1_000
REQUESTS_AT_ONCE_MAX = 500
# Beside them there is this process alone, which is kept busy by far fewer.
CONNECTIONS_DEFAULT = 100
DROP_SECONDS_MAX = 3_600.0
KILLS_MAX = 100
# Of an exponential decay nearly nothing is left after so many means.
DECAY_MEANS_MAX = 8.0
GROUP_SIZE = re.compile(r"([1-9]\d{0,8})(?::([1-9]\d{0,8}))?", re.ASCII)


class BadProfile(Exception):
    """What is asked for cannot be rehearsed; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A drop of `wishes` requests for seats; the defaults are the classic check.

    They come all at T-0, or decaying from there with `burst_seconds` as their mean, or at `rate`
    a second. `group_sizes` has a weight for each number of seats. The shares are from 0 to 1:
    of the wishes that begin as a hold, of the holds that are confirmed (the rest is abandoned and
    expires), of what is confirmed and then cancelled, and of the successes that are asked for
    once more under their key. `think_seconds` lie between two steps of one partner, and
    `timeout_seconds` is the silence after which it asks again.
    """

    wishes: int = 60
    partners: int = 60
    connections: int = CONNECTIONS_DEFAULT
    group_sizes: Mapping[int, int] = field(default_factory=lambda: {10: 1})
    burst_seconds: float = 0.0
    rate: float | None = None
    hold_share: float = 0.0
    confirm_share: float = 1.0
    cancel_share: float = 0.0
    repeat_share: float = 0.0
    hold_seconds: int = 60
    think_seconds: float = 1.0
    timeout_seconds: float = 10.0
    seconds_max: float = 300.0
    kills: int = 0
    seed: int = 1

    def __post_init__(self) -> None:
        if self.rate is not None and self.burst_seconds:
            raise BadProfile("Arrivals are either a burst or at a rate, not both.")
        if self.arrival_seconds >= self.seconds_max:
            raise BadProfile(
                f"The last request would come {self.arrival_seconds:.0f} s after the first, and "
                f"all must be over within {self.seconds_max:.0f} s."
            )

    @property
    def arrival_seconds(self) -> float:
        """How long after T-0 the last wish may come."""
        if self.rate is not None:
            return (self.wishes - 1) / self.rate
        return self.burst_seconds * DECAY_MEANS_MAX


def parse_group_sizes(text: str) -> dict[int, int]:
    """Weights by number of seats, from `10`, or from `1:5,2:30,4:10`.

    Raises ValueError for anything else, and for a number of seats that is there twice.
    """
    sizes: dict[int, int] = {}
    for part in text.split(","):
        match = GROUP_SIZE.fullmatch(part.strip())
        if match is None or int(match[1]) in sizes:
            raise ValueError("must be like 10, or like 1:5,2:30,4:10 (seats:weight), each once")
        sizes[int(match[1])] = int(match[2] or 1)
    return sizes
