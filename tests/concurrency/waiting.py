"""Requests that wait for the ledger's next entry, without a thread for each."""

import json
import select
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from socket import MSG_PEEK
from types import TracebackType
from typing import Any, Self

from tests.concurrency.clients import REQUEST_SECONDS_MAX
from tests.concurrency.pending import wait_until_read
from tests.concurrency.watching import DEFAULT_EVENT, wait_until
from tests.server import Server

# Much less than the waits that are asked for, and much more than an answer takes.
AT_ONCE_SECONDS = 8.0
# For an answer too many to come, where all that are due are there.
ONE_MORE_SECONDS = 0.2

FEED = f"/events/{DEFAULT_EVENT}/ledger"
WAIT_SECONDS = 25


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of the feed."""

    versions: list[int]
    next: int
    # Whether the connection is open for another request.
    is_kept: bool


class Waiter:
    """One connection, over which one request at a time asks for the next entry."""

    def __init__(self, server: Server, after: int, wait: int = WAIT_SECONDS) -> None:
        self._server = server
        self._connection = HTTPConnection("127.0.0.1", server.port, timeout=REQUEST_SECONDS_MAX)
        self.ask(after, wait)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection.close()

    def ask(self, after: int, wait: int = WAIT_SECONDS) -> None:
        """Send a request."""
        self._connection.request("GET", f"{FEED}?after={after}&wait={wait}")

    def wait_until_read(self) -> None:
        """Return when a worker has the request in hand."""
        wait_until_read(self._server, self._connection)

    def is_answered_in(self, seconds: float) -> bool:
        """Whether the first byte of the answer comes within some seconds."""
        self._connection.sock.settimeout(seconds)
        try:
            # Looked at, and left there for `page`.
            return bool(self._connection.sock.recv(1, MSG_PEEK))
        except TimeoutError:
            return False
        finally:
            self._connection.sock.settimeout(REQUEST_SECONDS_MAX)

    def fileno(self) -> int:
        """For `select`."""
        return self._connection.sock.fileno()

    def page(self) -> Page:
        """The answer."""
        response = self._connection.getresponse()
        document: dict[str, Any] = json.loads(response.read())
        assert response.status == 200, document
        versions = [entry["version"] for entry in document["entries"]]
        return Page(versions, document["next"], not response.will_close)


def who_still_wait(waiters: Sequence[Waiter], answered: int) -> list[Waiter]:
    """Those who have no answer when so many others have theirs, and a moment later.

    Which ones they are is not known before: that a request was read does not say that it has got
    its place, so one that was sent later may have overtaken it.
    """
    wait_until(
        lambda: len(_answered(waiters)) >= answered,
        f"fewer than {answered} were answered at once",
        AT_ONCE_SECONDS,
    )
    time.sleep(ONE_MORE_SECONDS)
    done = set(_answered(waiters))
    return [waiter for waiter in waiters if waiter not in done]


def _answered(waiters: Sequence[Waiter]) -> list[Waiter]:
    return select.select(waiters, [], [], 0)[0]


def pages_to_the_end(waiters: Sequence[Waiter]) -> list[Page]:
    """All answers until the workers have closed the connections, asked for as followers do."""
    found: list[Page] = []
    asking = list(waiters)
    while asking:
        answered = [(waiter, _page_if_any(waiter)) for waiter in asking]
        found += [page for _, page in answered if page]
        asking = [waiter for waiter, page in answered if page and page.is_kept]
        for waiter in asking:
            waiter.ask(after=0)
    return found


def _page_if_any(waiter: Waiter) -> Page | None:
    try:
        return waiter.page()
    except ConnectionError:
        # Closed while we asked: a follower would go on with another worker.
        return None
