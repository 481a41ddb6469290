"""Followers of the ledger and of the list, each in a thread, while others write and are killed."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from types import TracebackType
from typing import Any, Self

from tests.concurrency.clients import Client
from tests.concurrency.load import settled
from tests.concurrency.watching import DEFAULT_EVENT
from tests.server import Server
from ticketboss.client import Client as PartnersClient

EVENT = f"/events/{DEFAULT_EVENT}"
IDLE_PAUSE_SECONDS = 0.02
LIST_PAGE_ROWS = 7

Row = dict[str, Any]
# Collects rows until it is told that nothing will come after the version that it is given.
Following = Callable[["Followers", list[Row]], None]


class Followers:
    """Follows in several ways while the block lasts, and to the last change after it."""

    def __init__(self, server: Server, ways: Sequence[Following]) -> None:
        self.server = server
        self.interruptions: list[str] = []
        self.seen: list[list[Row]] = [[] for _ in ways]
        self._ways = ways
        self._threads = ThreadPoolExecutor(len(ways))
        self._running: list[Future[None]] = []
        self._writing_has_ended = threading.Event()

    def __enter__(self) -> Self:
        self._running = [
            self._threads.submit(way, self, seen)
            for way, seen in zip(self._ways, self.seen, strict=True)
        ]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._writing_has_ended.set()
        self._threads.shutdown()
        for following in self._running:
            following.result()

    def follow(self, read: Callable[[], Sequence[Row]], seen: list[Row]) -> None:
        """Read on and on, until nothing was there although all had been written before."""
        while True:
            ended = self._writing_has_ended.is_set()
            page = read()
            seen += page
            if not page and ended:
                return
            if not page:
                time.sleep(IDLE_PAUSE_SECONDS)

    def ask(self, client: Client, path: str) -> dict[str, Any]:
        """The answer to a GET, however often it takes."""
        document: dict[str, Any] = settled(lambda: client.get(path), 200, self.interruptions).json()
        return document


def ledger(wait: int, limit: int) -> Following:
    """Follow the feed page by page."""

    def follow(followers: Followers, seen: list[Row]) -> None:
        with Client(followers.server.url) as client:
            after = ""

            def read() -> Sequence[Row]:
                nonlocal after
                path = f"{EVENT}/ledger?limit={limit}&wait={wait}{after}"
                document = followers.ask(client, path)
                after = f"&after={document['next']}"
                entries: list[Row] = document["entries"]
                return entries

            followers.follow(read, seen)

    return follow


def reservations(followers: Followers, seen: list[Row]) -> None:
    """Follow the list: from each page to the next, and from the last row to what comes later."""
    with Client(followers.server.url) as client:

        def read() -> Sequence[Row]:
            cursor = seen[-1]["createdVersion"] if seen else 0
            path = f"{EVENT}/reservations?limit={LIST_PAGE_ROWS}&cursor={cursor}"
            document = followers.ask(client, path)
            page: list[Row] = document["reservations"]
            if document["next"] is not None:
                assert document["next"] == str(page[-1]["createdVersion"])
            return page

        followers.follow(read, seen)


def partners_client(last_reference: str) -> Following:
    """Follow the feed as the Python client does, up to the reservation of that reference."""

    def follow(followers: Followers, seen: list[Row]) -> None:
        patient = PartnersClient(followers.server.url, event_id=DEFAULT_EVENT, backoff_seconds=0.01)
        with closing(patient) as client:
            for entry in client.follow_ledger(wait_seconds=5):
                seen.append({"version": entry.version, "kind": entry.kind})
                if entry.reference == last_reference:
                    return

    return follow
