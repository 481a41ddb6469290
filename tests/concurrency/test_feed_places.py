"""Half of what a worker can do at once is for those who do not wait, whatever chose its kind."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.concurrency.clients import Client
from tests.concurrency.waiting import AT_ONCE_SECONDS, Page, Waiter, who_still_wait
from tests.server import Server

OVER = 4

Start = Callable[..., Server]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a server of one worker; the arguments are the setting and those of gunicorn."""
    with ExitStack() as stack:

        def start_one(worker_class: str, *arguments: str) -> Server:
            settings: dict[str, str | int] = {
                "TICKETBOSS_WORKER_CLASS": worker_class,
                "TICKETBOSS_WORKER_THREADS": 8,
            }
            server = Server(tmp_path, WEB_CONCURRENCY=1, **settings)
            stack.callback(server.destroy)
            server.start(*arguments)
            server.wait_until_ready()
            return server

        yield start_one


@pytest.mark.parametrize(
    ("worker_class", "arguments", "places"),
    [
        ("gevent", "-k gthread --threads 4", 2),
        ("sync", "--threads 4", 2),
        ("gthread", "--threads 3", 1),
        ("gthread", "-k sync", 4),
        ("gthread", "-k gevent --worker-connections 12", 6),
        ("gevent", "-k gunicorn.workers.gthread.ThreadWorker --threads 100", 50),
    ],
)
def test_places_follow_from_what_gunicorn_really_runs(
    start: Start, worker_class: str, arguments: str, places: int
) -> None:
    server = start(worker_class, *arguments.split())
    with ExitStack() as stack, Client(server.url) as client:
        asking = [stack.enter_context(Waiter(server, 0)) for _ in range(places + OVER)]
        waiters = who_still_wait(asking, OVER)
        assert len(waiters) == places
        assert client.get("/readyz").status_code == 200
        assert client.reserve(1).json()["version"] == 1
        assert [waiter.page().versions for waiter in waiters] == [[1]] * places


@pytest.mark.parametrize(
    ("worker_class", "arguments"),
    [("gevent", "-k sync"), ("gevent", "-k gthread --threads 1"), ("gthread", "--threads 1")],
)
def test_worker_of_one_request_at_a_time_keeps_nobody_waiting(
    start: Start, worker_class: str, arguments: str
) -> None:
    server = start(worker_class, *arguments.split())
    with Waiter(server, 0) as waiter:
        assert waiter.is_answered_in(AT_ONCE_SECONDS)
        page = waiter.page()
    assert page == Page([], 0, page.is_kept)
