"""A feed over a real database whose polls a test can count, and requests that wait for it."""

import threading
from collections.abc import Collection
from concurrent.futures import Future
from pathlib import Path

from tests.database import new_database, opened
from tests.unit.examples import EVENT_ID, create_event, reserve
from tests.unit.rig import until
from tests.unit.storage import RealRepository, place_of
from ticketboss.engine.committer import Committer
from ticketboss.engine.feed import Feed, Waiter

SECONDS = 25


class PolledRepository(RealRepository):
    """Remembers for which events it was asked; raises `failure` instead while there is one."""

    def __init__(self, url: str) -> None:
        super().__init__(place_of(url))
        self.polls: list[set[str]] = []
        self.failure: Exception | None = None

    def versions(self, event_ids: Collection[str]) -> dict[str, int]:
        self.polls.append(set(event_ids))
        if self.failure is not None:
            raise self.failure
        return super().versions(event_ids)


class FeedRig:
    """A feed in a worker of so many places, with events to wait for."""

    def __init__(self, folder: Path, places: int = 500) -> None:
        database = new_database(folder)
        self.repository = opened(PolledRepository(database.url))
        database.migrate(self.repository)
        self.feed = Feed(self.repository)
        self.places = places
        self.draining = threading.Event()
        self._committer = Committer(self.repository, 5.0, 1_000)
        self._sold = 0
        self.create(EVENT_ID)

    def create(self, event_id: str) -> None:
        self._committer.submit(create_event(event_id=event_id))

    def sell(self, event_id: str = EVENT_ID) -> int:
        """Sell one seat; gives the event's new version."""
        self._sold += 1
        command = reserve(1, f"r{self._sold}", event_id=event_id)
        return self._committer.submit(command).entry.version

    def wait(
        self,
        after: int,
        event_id: str = EVENT_ID,
        seconds: float = SECONDS,
        partner_id: str | None = None,
    ) -> bool:
        waiter = Waiter(event_id, after, partner_id)
        return self.feed.wait(waiter, seconds, self.places, self.draining.is_set)

    def wait_later(
        self,
        after: int,
        event_id: str = EVENT_ID,
        seconds: float = SECONDS,
        partner_id: str | None = None,
    ) -> "Future[bool]":
        """Wait in a thread of its own; it is waiting already when this returns."""
        before = self.waiting()
        future: Future[bool] = Future()

        def run() -> None:
            try:
                future.set_result(self.wait(after, event_id, seconds, partner_id))
            except BaseException as error:  # noqa: BLE001 - the test looks at it
                future.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        until(lambda: self.waiting() > before or future.done())
        return future

    def waiting(self) -> int:
        """How many requests wait."""
        return len(self.feed._waiters)

    def after_polls(self, count: int) -> None:
        """Wait until the database was asked so many more times."""
        enough = len(self.repository.polls) + count
        until(lambda: len(self.repository.polls) >= enough)

    def release(self) -> None:
        """Let everybody go and wait until nobody looks any more."""
        self.draining.set()
        until(lambda: self.waiting() == 0 and not lookers())


def lookers() -> list[threading.Thread]:
    """The threads of this process that look for those who wait."""
    return [thread for thread in threading.enumerate() if thread.name == "feed"]
