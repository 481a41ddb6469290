"""Waiting for an event's next ledger entry, for many at once and at little cost."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ticketboss.repository.interface import Repository, StorageUnavailable

FEED_WAIT_SECONDS_MAX = 25
FEED_WAITERS_MAX = 500
# It takes so many partners to fill the places of a worker: none has more than its share.
FEED_PARTNERS_MIN = 4
POLL_SECONDS = 0.1

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Waiter:
    """One request that waits until its event has a version later than `after_version`.

    `partner_id` says whose it is; None stands for operators, and for anybody in open mode.
    """

    event_id: str
    after_version: int
    partner_id: str | None = None
    wake: threading.Event = field(default_factory=threading.Event)


class Feed:
    """Lets requests wait; one thread (or greenlet) looks for all of them.

    It asks the database for the versions of all events that are waited for, in one query every
    POLL_SECONDS, and ends when nobody waits.
    """

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._waiters: set[Waiter] = set()
        self._lock = threading.Lock()
        self._is_looking = False

    def wait(
        self, waiter: Waiter, seconds: float, places: int, is_draining: Callable[[], bool]
    ) -> bool:
        """Wait until the waiter's event is past its version; false if there is no place for it.

        `places` bounds the requests that may wait in this process at once. Returns at the latest
        after `seconds`, and at once when `is_draining` says that this process is about to stop.
        """
        with self._lock:
            if not self._has_place(waiter, places):
                return False
            if not self._is_looking:
                looking = threading.Thread(
                    target=self._look, args=(is_draining,), name="feed", daemon=True
                )
                # If it cannot be started nobody waits, and the next one tries again.
                looking.start()
                self._is_looking = True
            self._waiters.add(waiter)
        try:
            waiter.wake.wait(seconds)
        finally:
            with self._lock:
                self._waiters.discard(waiter)
        return True

    def _has_place(self, waiter: Waiter, places: int) -> bool:
        if len(self._waiters) >= places:
            return False
        own = sum(each.partner_id == waiter.partner_id for each in self._waiters)
        return waiter.partner_id is None or own < max(1, places // FEED_PARTNERS_MIN)

    def _look(self, is_draining: Callable[[], bool]) -> None:
        while waiting := self._waiting():
            if is_draining():
                self._wake(waiting)
            else:
                self._wake(self._past_their_version(waiting))
            time.sleep(POLL_SECONDS)

    def _waiting(self) -> list[Waiter]:
        with self._lock:
            self._is_looking = bool(self._waiters)
            return list(self._waiters)

    def _past_their_version(self, waiting: list[Waiter]) -> list[Waiter]:
        try:
            versions = self._repository.versions({waiter.event_id for waiter in waiting})
        except StorageUnavailable as error:
            # They read for themselves when their time is over, and are told then.
            log.warning("The feed found no storage: %s", error)
            return []
        except Exception:
            log.exception("The feed failed; those who wait are answered at once.")
            return waiting
        return [each for each in waiting if versions.get(each.event_id, 0) > each.after_version]

    @staticmethod
    def _wake(waiters: list[Waiter]) -> None:
        for waiter in waiters:
            waiter.wake.set()
