"""How many requests a key may send, and how many wrong keys an address."""

import logging
import math
import time

from limits import RateLimitItem, RateLimitItemPerMinute, parse_many
from limits.errors import StorageError
from limits.storage import RedisStorage
from limits.strategies import FixedWindowRateLimiter

from ticketboss.api.window_counts import WindowCounts

FAILED_KEYS_PER_MINUTE_MAX = 30
FAILED_KEYS = RateLimitItemPerMinute(FAILED_KEYS_PER_MINUTE_MAX, namespace="failed-keys")
# Redis is asked in the middle of a request; without an answer the worker counts by itself.
REDIS_SECONDS_MAX = 0.25
WITHOUT_REDIS_SECONDS = 5.0
CLOCK_STEP_SECONDS_MAX = 2.0

log = logging.getLogger(__name__)


class RateLimits:
    """Counts in fixed windows: in this process, or in a Redis that several processes share.

    While Redis does not answer, the limits hold for each worker by itself: a sale does not stop
    because nobody counts.
    """

    def __init__(self, writes: str, reads: str, storage_url: str) -> None:
        """`writes` and `reads` are in the notation of the `limits` library, empty for none."""
        self._writes = parse_many(writes) if writes else []
        self._reads = parse_many(reads) if reads else []
        self._own = FixedWindowRateLimiter(WindowCounts())
        self._shared = _shared(storage_url)
        self._without_shared_until = 0.0

    def wait_seconds(self, key_id: str, is_write: bool) -> int:
        """Count one request of a key; 0 if it may go on, else the seconds until it may."""
        kind, limits = ("writes", self._writes) if is_write else ("reads", self._reads)
        return self._counted(limits, kind, key_id)

    def failures_wait_seconds(self, address: str) -> int:
        """The seconds until an address may try unknown keys again, 0 if it may now."""
        if self._own.test(FAILED_KEYS, address):
            return 0
        return _until_reset(self._own, FAILED_KEYS, address)

    def count_failure(self, address: str) -> None:
        """Count one wrong key. In this process only: nobody shares what he guessed."""
        self._own.hit(FAILED_KEYS, address)

    def _go_without_shared(self, error: StorageError) -> None:
        # Those in flight find it out one after the other: it is said once.
        if time.monotonic() >= self._without_shared_until:
            # Only its type: the text may have the URL.
            reason = type(error.storage_error).__name__
            log.warning("Redis does not answer (%s): each worker counts by itself.", reason)
        self._without_shared_until = time.monotonic() + WITHOUT_REDIS_SECONDS

    def _counted(self, limits: list[RateLimitItem], kind: str, key_id: str) -> int:
        if self._shared is not None and time.monotonic() >= self._without_shared_until:
            try:
                return _count(self._shared, limits, kind, key_id)
            except StorageError as error:
                self._go_without_shared(error)
        return _count(self._own, limits, kind, key_id)


def _count(
    limiter: FixedWindowRateLimiter, limits: list[RateLimitItem], kind: str, key_id: str
) -> int:
    for limit in limits:
        if not limiter.hit(limit, kind, key_id):
            return _until_reset(limiter, limit, kind, key_id)
    return 0


def _until_reset(limiter: FixedWindowRateLimiter, limit: RateLimitItem, *identifiers: str) -> int:
    seconds = limiter.get_window_stats(limit, *identifiers).reset_time - time.time()
    if seconds > limit.get_expiry() + CLOCK_STEP_SECONDS_MAX:
        # The clock went back: that window would last for as long as it went back.
        limiter.clear(limit, *identifiers)
        return 0
    return max(1, math.ceil(seconds))


def _shared(url: str) -> FixedWindowRateLimiter | None:
    if url.startswith("memory:"):
        return None
    # Here, because it takes as long to import as all of ours.
    from redis import ConnectionPool
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    pool = ConnectionPool.from_url(
        url,
        socket_timeout=REDIS_SECONDS_MAX,
        socket_connect_timeout=REDIS_SECONDS_MAX,
        retry=Retry(NoBackoff(), 0),
    )
    return FixedWindowRateLimiter(RedisStorage(url, connection_pool=pool, wrap_exceptions=True))
