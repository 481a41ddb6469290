"""The database's time, so that several servers agree on it."""

import time
from collections.abc import Callable

# Between two looks at it, this process's own clock tells how much time has passed.
LOOK_SECONDS = 5.0


class DatabaseClock:
    """Tells the milliseconds since 1970, UTC, as the database does."""

    def __init__(self, look: Callable[[], int]) -> None:
        """`look` asks the database."""
        self._look = look
        # What the database said, and what the monotonic clock (seconds) said then.
        self._seen: tuple[int, float] | None = None

    def __call__(self) -> int:
        now = time.monotonic()
        if self._seen is None or now - self._seen[1] > LOOK_SECONDS:
            # Behind the answer: what the way there took is then not added twice.
            self._seen = (self._look(), time.monotonic())
        seen, then = self._seen
        return seen + int((time.monotonic() - then) * 1000)
