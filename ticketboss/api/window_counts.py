"""Counts in fixed windows, in the memory of this process."""

import threading
import time

from limits.storage import Storage

SWEEP_SECONDS = 10.0


class WindowCounts(Storage):
    """How often each key came since its window began.

    The MemoryStorage of `limits` looks at every count whether a thread of its own still runs, and
    starts that anew up to a hundred times a second; in a cooperative worker each look also lets
    all others go first. Here whoever counts sweeps, now and then.
    """

    STORAGE_SCHEME = None

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[str, tuple[int, float]] = {}
        self._sweep_at = 0.0
        self._lock = threading.Lock()

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        now = time.time()
        with self._lock:
            if not 0 <= self._sweep_at - now <= SWEEP_SECONDS:
                self._sweep(now)
            count, expires_at = self._counts.get(key, (0, 0.0))
            if expires_at <= now:
                count, expires_at = 0, now + expiry
            count += amount
            self._counts[key] = (count, expires_at)
        return count

    def get(self, key: str) -> int:
        count, expires_at = self._counts.get(key, (0, 0.0))
        return count if expires_at > time.time() else 0

    def get_expiry(self, key: str) -> float:
        return self._counts.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        with self._lock:
            count = len(self._counts)
            self._counts.clear()
        return count

    def clear(self, key: str) -> None:
        with self._lock:
            self._counts.pop(key, None)

    def _sweep(self, now: float) -> None:
        # Whatever way the clock went.
        self._sweep_at = now + SWEEP_SECONDS
        self._counts = {key: kept for key, kept in self._counts.items() if kept[1] > now}
