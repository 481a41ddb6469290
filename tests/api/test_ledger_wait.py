"""Waiting for an event's next entry: bounded in time and number, and cheap however many wait."""

import threading
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, cast

import pytest
from flask import Flask

from tests.api.conftest import CreateEventOf
from tests.api.partner import PartnerClient
from tests.concurrency.watching import wait_until
from ticketboss.api.context import DRAINING, EXTENSION, REQUESTS_AT_ONCE
from ticketboss.engine.feed import POLL_SECONDS, Feed
from ticketboss.repository.interface import Repository, StorageUnavailable

FEED = "/events/node-meetup-2025/ledger"
# Much less than any wait that is asked for here, and much more than an answer takes.
AT_ONCE_SECONDS = 4.0
WAITING = 12


class Followers:
    """Requests that wait, each in a thread of its own."""

    def __init__(self, app: Flask, threads: ThreadPoolExecutor) -> None:
        self._app = app
        self._threads = threads
        self.feed: Feed = app.extensions[EXTENSION].feed
        self.draining = threading.Event()
        app.extensions[DRAINING] = self.draining.is_set
        app.extensions[REQUESTS_AT_ONCE] = 1_000

    def ask(self, after: int, wait: int, url: str = FEED) -> tuple[dict[str, Any], float]:
        """The answer to one request, and how many seconds it took."""
        client = cast(PartnerClient, self._app.test_client())
        started = time.monotonic()
        response = client.get(f"{url}?after={after}&wait={wait}")
        assert response.status_code == 200, response.text
        return response.get_json(), time.monotonic() - started

    def start(
        self, count: int, after: int = 0, wait: int = 25, url: str = FEED
    ) -> list[Future[tuple[dict[str, Any], float]]]:
        """Have so many more requests wait; they do when this returns."""
        goal = len(self.feed._waiters) + count
        asked = [self._threads.submit(self.ask, after, wait, url) for _ in range(count)]
        wait_until(lambda: len(self.feed._waiters) == goal, "the requests did not wait")
        return asked


@pytest.fixture
def followers(app: Flask) -> Iterator[Followers]:
    with ThreadPoolExecutor(2 * WAITING) as threads:
        found = Followers(app, threads)
        yield found
        # Nobody is left waiting, whatever became of the test.
        found.draining.set()


def versions(answer: dict[str, Any]) -> list[int]:
    return [entry["version"] for entry in answer["entries"]]


def test_what_is_there_is_not_waited_for(followers: Followers, client: PartnerClient) -> None:
    client.reserve()

    answer, seconds = followers.ask(after=0, wait=25)

    assert versions(answer) == [1]
    assert seconds < AT_ONCE_SECONDS


def test_wait_that_is_in_vain_ends_in_time_with_nothing(followers: Followers) -> None:
    answer, seconds = followers.ask(after=0, wait=1)

    assert answer == {"entries": [], "next": 0}
    assert 1 <= seconds < 1 + AT_ONCE_SECONDS


def test_all_who_wait_are_told_of_the_next_entry(
    followers: Followers, client: PartnerClient
) -> None:
    asked = followers.start(WAITING)

    client.reserve()

    answers = [each.result() for each in asked]
    assert [versions(answer) for answer, _ in answers] == [[1]] * WAITING
    assert max(seconds for _, seconds in answers) < AT_ONCE_SECONDS


def test_entry_of_another_process_is_told_too(followers: Followers, rival: PartnerClient) -> None:
    (asked,) = followers.start(1)

    rival.reserve()

    assert versions(asked.result()[0]) == [1]


def test_entries_of_another_event_wake_nobody(
    followers: Followers, client: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("elsewhere", seats=5)
    here, there = followers.start(1, wait=2), followers.start(1, url=f"{at}/ledger")

    client.reserve(at=at)

    assert versions(there[0].result()[0]) == [1]
    answer, seconds = here[0].result()
    assert (versions(answer), seconds >= 2) == ([], True)


def test_version_that_is_still_far_is_waited_for(
    followers: Followers, client: PartnerClient
) -> None:
    (asked,) = followers.start(1, after=2)

    client.reserve()
    client.reserve()
    assert not asked.done()
    client.reserve()

    assert versions(asked.result()[0]) == [3]


def test_database_is_asked_once_at_a_time_however_many_wait(
    followers: Followers,
    app: Flask,
    client: PartnerClient,
    create_event: CreateEventOf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    repository: Repository = app.extensions[EXTENSION].repository
    asked_for: list[set[str]] = []
    read: Callable[[Collection[str]], dict[str, int]] = repository.versions

    def counted(event_ids: Collection[str]) -> dict[str, int]:
        asked_for.append(set(event_ids))
        return read(event_ids)

    monkeypatch.setattr(repository, "versions", counted)
    started = time.monotonic()
    url = f"{create_event('elsewhere', seats=5)}/ledger"
    asked = followers.start(WAITING, wait=1) + followers.start(WAITING, wait=1, url=url)
    for each in asked:
        each.result()

    seconds = time.monotonic() - started
    assert {"node-meetup-2025", "elsewhere"} in asked_for
    # One look before the first pause, and one for the moment at the end.
    assert 2 <= len(asked_for) <= seconds / POLL_SECONDS + 2
    wait_until(lambda: not followers.feed._is_looking, "the look-out did not end")
    looks = len(asked_for)
    client.reserve()
    assert len(asked_for) == looks


@pytest.mark.parametrize("at_once", [4, 5])
def test_half_of_the_requests_that_a_worker_can_do_at_once_may_wait(
    followers: Followers, app: Flask, client: PartnerClient, at_once: int
) -> None:
    app.extensions[REQUESTS_AT_ONCE] = at_once
    asked = followers.start(2)

    answer, seconds = followers.ask(after=0, wait=25)

    assert answer == {"entries": [], "next": 0}
    assert seconds < AT_ONCE_SECONDS
    client.reserve()
    assert [versions(each.result()[0]) for each in asked] == [[1], [1]]
    # Their places are free again.
    assert followers.start(2, after=1)


def test_all_are_released_when_the_worker_drains(followers: Followers) -> None:
    asked = followers.start(WAITING)

    followers.draining.set()

    for answer, seconds in [*(each.result() for each in asked), followers.ask(0, wait=25)]:
        assert answer == {"entries": [], "next": 0}
        assert seconds < AT_ONCE_SECONDS


@pytest.mark.parametrize("error", [StorageUnavailable("disk full"), RuntimeError("a bug")])
def test_failing_look_out_leaves_nobody_waiting_beyond_the_time(
    followers: Followers, app: Flask, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(event_ids: Collection[str]) -> dict[str, int]:
        raise error

    monkeypatch.setattr(app.extensions[EXTENSION].repository, "versions", fail)

    answer, seconds = followers.ask(after=0, wait=1)

    assert answer == {"entries": [], "next": 0}
    assert seconds < 1 + AT_ONCE_SECONDS


@pytest.mark.parametrize("extensions", [{}, {REQUESTS_AT_ONCE: 1}])
def test_worker_that_serves_one_request_at_a_time_does_not_wait(
    app: Flask, client: PartnerClient, extensions: dict[str, int]
) -> None:
    app.extensions |= extensions
    started = time.monotonic()

    response = client.get(f"{FEED}?after=0&wait=25")

    assert response.get_json() == {"entries": [], "next": 0}
    assert time.monotonic() - started < AT_ONCE_SECONDS
