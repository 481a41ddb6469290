"""How long a call goes on trying."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

EXPONENT_MAX = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Limits of one call; `attempts_max` of None is no limit but the deadline's.

    Before the n-th repetition it pauses a random time of up to `backoff_seconds` x 2^(n-1)
    ("full jitter"), and of up to `backoff_seconds_max`, so that clients that failed together do
    not come back together.
    """

    timeout_seconds: float
    connect_timeout_seconds: float
    attempts_max: int | None
    deadline_seconds: float
    backoff_seconds: float
    backoff_seconds_max: float

    def __post_init__(self) -> None:
        for name in ("timeout_seconds", "connect_timeout_seconds", "deadline_seconds"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be more than 0.")
        if self.attempts_max is not None and self.attempts_max < 1:
            raise ValueError("attempts_max must be 1 or more.")
        if min(self.backoff_seconds, self.backoff_seconds_max) < 0:
            raise ValueError("backoff_seconds and backoff_seconds_max must not be negative.")

    def pause_seconds(self, tries: int, retry_after_seconds: float | None) -> float:
        """How long to wait after so many tries: never less than the server asked for."""
        longest = self.backoff_seconds * 2 ** min(tries - 1, EXPONENT_MAX)
        longest = min(longest, self.backoff_seconds_max)
        jitter = random.uniform(0, longest)  # noqa: S311 - no secret  # nosec B311
        return (retry_after_seconds or 0) + jitter

    def is_over(self, tries: int) -> bool:
        """Whether there were as many tries as may be."""
        return self.attempts_max is not None and tries >= self.attempts_max


def parse_retry_after(header: str | None) -> float | None:
    """Seconds from now of a Retry-After (RFC 9110 section 10.2.3), None if it says nothing."""
    if header is None:
        return None
    try:
        if header.strip().isdecimal():
            return float(header)
        moment = parsedate_to_datetime(header)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())
    # A date beyond what can be reckoned with is an OverflowError.
    except (ValueError, OverflowError):
        return None
