"""Rate limits of a key over several workers: counted by each, or by one Redis for all."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from tests.api.redis_server import PASSWORD, RedisServer, is_installed
from tests.concurrency.clients import Client, codes, crowd, statuses
from tests.concurrency.hammer import Hammer
from tests.concurrency.watching import log_lines, wait_until, wait_until_all_workers_answer
from tests.server import Server

PARTNER_ID = "abc-corp"
WORKERS = 2
LIMIT = 30
# Longer than the test: one window has it all.
PER_WINDOW = f"{LIMIT}/10minute"
WINDOW_SECONDS = 600
CLIENTS = 20
REQUESTS_EACH = 8
SEATS_ENOUGH_FOR_ALL = 1_000_000

# A missing server is a reason to skip for a developer, never where all is to be tested.
needs_redis = pytest.mark.skipif(
    not is_installed() and not os.environ.get("CI"), reason="redis-server is not installed"
)

Action = Callable[[Client], requests.Response]


def write(client: Client) -> requests.Response:
    return client.reserve(1)


def read(client: Client) -> requests.Response:
    return client.get("/reservations")


def limited_server(folder: Path, **settings: str | int) -> Server:
    """A server that asks for keys, with small limits on each."""
    ours: dict[str, str | int] = {
        "TICKETBOSS_AUTH": "keys",
        "WEB_CONCURRENCY": WORKERS,
        "TICKETBOSS_DEFAULT_EVENT_SEATS": SEATS_ENOUGH_FOR_ALL,
        "TICKETBOSS_RATE_LIMIT_WRITES": PER_WINDOW,
        "TICKETBOSS_RATE_LIMIT_READS": PER_WINDOW,
    }
    return Server(folder, **(ours | settings))


def _key(server: Server) -> str:
    key: str = server.operate("keys", "create", "--partner", PARTNER_ID)["key"]
    return key


def _answers(server: Server, action: Action, api_key: str) -> list[requests.Response]:
    """What many clients of one key are answered, each over fresh connections."""

    def ask(_: Client, __: int) -> list[requests.Response]:
        answers = []
        for _number in range(REQUESTS_EACH):
            with Client(server.url, PARTNER_ID, api_key) as client:
                answers.append(action(client))
        return answers

    return [answer for answers in crowd(server, CLIENTS, ask) for answer in answers]


def _assert_refused_well(answers: list[requests.Response]) -> None:
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert codes(refused) == {"rate_limited"}
    assert {1 <= int(answer.headers["Retry-After"]) <= WINDOW_SECONDS for answer in refused} == {
        True
    }


@pytest.mark.parametrize("action", [write, read])
def test_each_worker_counts_for_itself_without_redis(tmp_path: Path, action: Action) -> None:
    with limited_server(tmp_path) as server:
        wait_until_all_workers_answer(server)
        key = _key(server)
        answers = _answers(server, action, key)
        accepted = [answer for answer in answers if answer.status_code in (200, 201)]

        assert set(statuses(answers)) == {accepted[0].status_code, 429}
        assert LIMIT <= len(accepted) <= WORKERS * LIMIT
        _assert_refused_well(answers)
        # Neither the other kind of request nor another key is concerned.
        with Client(server.url, PARTNER_ID, key) as client:
            assert (read if action is write else write)(client).status_code in (200, 201)
        with Client(server.url, PARTNER_ID, _key(server)) as client:
            assert action(client).status_code in (200, 201)


@needs_redis
@pytest.mark.parametrize("worker_class", ["gevent", "sync"])
def test_all_workers_share_one_limit_with_redis(tmp_path: Path, worker_class: str) -> None:
    with (
        RedisServer(tmp_path) as redis,
        limited_server(
            tmp_path, TICKETBOSS_WORKER_CLASS=worker_class, TICKETBOSS_RATE_LIMIT_STORAGE=redis.url
        ) as server,
    ):
        wait_until_all_workers_answer(server)
        key = _key(server)
        answers = _answers(server, write, key)

        assert statuses(answers) == {201: LIMIT, 429: CLIENTS * REQUESTS_EACH - LIMIT}
        _assert_refused_well(answers)
        # A worker that is new knows what the others have counted.
        (first, *_) = before = server.worker_pids()
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: first not in server.worker_pids(), "the worker stayed")
        wait_until_all_workers_answer(server)
        assert set(server.worker_pids()) != set(before)
        assert statuses(_answers(server, write, key)) == {429: CLIENTS * REQUESTS_EACH}


@needs_redis
@pytest.mark.parametrize(
    "fault", [RedisServer.kill, RedisServer.stop_answering], ids=["killed", "stalled"]
)
def test_redis_lost_under_load_stops_no_sale(
    tmp_path: Path, fault: Callable[[RedisServer], None]
) -> None:
    with (
        RedisServer(tmp_path) as redis,
        limited_server(
            tmp_path,
            TICKETBOSS_RATE_LIMIT_STORAGE=redis.url,
            TICKETBOSS_RATE_LIMIT_WRITES="100000/minute",
            TICKETBOSS_RATE_LIMIT_READS="100000/minute",
        ) as server,
    ):
        wait_until_all_workers_answer(server)
        with Hammer(server, _key(server), clients=4) as hammer:
            hammer.wait_for(201, 50)
            fault(redis)
            hammer.wait_for(201, 200)

        assert {asked.status for asked in hammer.asked} == {200, 201}
        warnings = [line for line in log_lines(server) if line["level"] == "warning"]
        assert {line["pid"] for line in warnings} == set(server.worker_pids())
        # Once a while, not once a request.
        assert len(warnings) <= 2 * WORKERS
        assert all("Redis does not answer" in line["message"] for line in warnings)
        assert PASSWORD not in server.log()


@needs_redis
def test_limits_hold_in_each_worker_while_redis_is_away(tmp_path: Path) -> None:
    with RedisServer(tmp_path) as redis:
        url = redis.url
    with limited_server(tmp_path, TICKETBOSS_RATE_LIMIT_STORAGE=url) as server:
        wait_until_all_workers_answer(server)
        answers = _answers(server, write, _key(server))

        assert set(statuses(answers)) == {201, 429}
        assert LIMIT <= statuses(answers)[201] <= WORKERS * LIMIT
