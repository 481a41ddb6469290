"""Rate limits that several workers share in a Redis, and what happens without it."""

import logging
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.api.conftest import OpenApp
from tests.api.keyed import Keyed
from tests.api.partner import PartnerClient, problem
from tests.api.redis_server import PASSWORD, RedisServer, is_installed
from ticketboss.api import rate_limits
from ticketboss.engine.administration import IssuedKey
from ticketboss.services import Services

LIMIT = 4
ANSWER_SECONDS_MAX = 3.0

OpenWorkers = Callable[[str], list[PartnerClient]]


@dataclass
class Monotonic:
    """The clock by which Redis is left alone for a while."""

    seconds: float = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    if not is_installed():
        reason = "There is no redis-server; install Debian's package redis-server."
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with RedisServer(tmp_path) as running:
        yield running


@pytest.fixture
def monotonic(monkeypatch: pytest.MonkeyPatch) -> Monotonic:
    hands = Monotonic()
    time_module = SimpleNamespace(time=time.time, monotonic=hands)
    monkeypatch.setattr(rate_limits, "time", time_module)
    return hands


@pytest.fixture
def issued(services: Services) -> IssuedKey:
    return services.administration.issue_key("operator:cli", "abc-corp", False)


@pytest.fixture
def open_workers(open_app: OpenApp, services: Services, issued: IssuedKey) -> OpenWorkers:
    """Opens two workers with the same key, which may do four writes an hour and all reads."""

    def open_two(url: str) -> list[PartnerClient]:
        return [
            Keyed(
                open_app(
                    auth="keys",
                    rate_limit_storage=url,
                    rate_limit_writes=f"{LIMIT}/hour",
                    rate_limit_reads="",
                ),
                services.administration,
            ).holder(issued)
            for _ in range(2)
        ]

    return open_two


def statuses(workers: list[PartnerClient], count: int) -> list[int]:
    """The statuses of so many reservations, asked of the workers in turn."""
    return [workers[number % len(workers)].reserve().status_code for number in range(count)]


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the rate limits warned of; nobody may learn the password from it."""
    assert PASSWORD not in caplog.text
    assert PASSWORD not in str([vars(record) for record in caplog.records])
    records = [record for record in caplog.records if record.name == rate_limits.__name__]
    assert {record.levelno for record in records} <= {logging.WARNING}
    return [record.getMessage() for record in records]


def test_two_workers_share_the_count(
    redis: RedisServer, open_workers: OpenWorkers, caplog: pytest.LogCaptureFixture
) -> None:
    workers = open_workers(redis.url)

    assert statuses(workers, LIMIT + 2) == LIMIT * [201] + 2 * [429]
    refused = workers[0].reserve()
    problem(refused, 429, "rate_limited")
    assert 1 <= int(refused.headers["Retry-After"]) <= 3_600
    assert warnings_in(caplog) == []


def test_each_key_has_its_own_count_there_too(
    redis: RedisServer, open_workers: OpenWorkers, services: Services
) -> None:
    (worker, _) = open_workers(redis.url)
    assert statuses([worker], LIMIT + 1)[-1] == 429
    another = services.administration.issue_key("operator:cli", "abc-corp", False)

    worker.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {another.secret}"

    assert worker.reserve().status_code == 201


def test_count_outlives_a_worker(redis: RedisServer, open_workers: OpenWorkers) -> None:
    assert statuses(open_workers(redis.url), LIMIT) == LIMIT * [201]

    assert statuses(open_workers(redis.url), 2) == [429, 429]


def test_sale_goes_on_without_redis_and_each_worker_counts_by_itself(
    redis: RedisServer,
    open_workers: OpenWorkers,
    monotonic: Monotonic,
    caplog: pytest.LogCaptureFixture,
) -> None:
    workers = open_workers(redis.url)
    assert statuses(workers, LIMIT + 1)[-1] == 429

    redis.kill()

    for worker in workers:
        assert statuses([worker], LIMIT + 1) == LIMIT * [201] + [429]
    # One for each worker, however many requests there were.
    assert len(warnings_in(caplog)) == 2
    assert all(str(redis.port) not in warning for warning in warnings_in(caplog))


def test_warning_is_given_once_in_five_seconds(
    redis: RedisServer,
    open_workers: OpenWorkers,
    monotonic: Monotonic,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (worker, _) = open_workers(redis.url)
    redis.kill()
    counts = []
    for seconds in (0, 0, 4.9, 0.1, 0, 4.9, 0.2):
        monotonic.seconds += seconds
        worker.reserve()
        counts.append(len(warnings_in(caplog)))

    assert counts == [1, 1, 1, 2, 2, 2, 3]


def test_count_is_shared_again_when_redis_is_back(
    redis: RedisServer, open_workers: OpenWorkers, monotonic: Monotonic
) -> None:
    workers = open_workers(redis.url)
    assert statuses(workers, 2) == [201, 201]
    redis.kill()
    assert statuses(workers, 2 * LIMIT + 2) == 2 * LIMIT * [201] + 2 * [429]

    redis.start()
    # Not asked yet.
    assert statuses(workers, 2) == [429, 429]
    monotonic.seconds += 5.0

    # A Redis that keeps nothing on disk begins anew.
    assert statuses(workers, LIMIT + 2) == LIMIT * [201] + 2 * [429]


def test_redis_that_does_not_answer_holds_up_one_request_for_a_moment(
    redis: RedisServer, open_workers: OpenWorkers, caplog: pytest.LogCaptureFixture
) -> None:
    (worker, _) = open_workers(redis.url)
    assert worker.reserve().status_code == 201
    redis.stop_answering()

    started = time.monotonic()
    found = statuses([worker], LIMIT)

    assert found == LIMIT * [201]
    assert time.monotonic() - started < ANSWER_SECONDS_MAX
    assert len(warnings_in(caplog)) == 1


def test_redis_that_was_never_there_stops_nobody(
    redis: RedisServer, open_workers: OpenWorkers, caplog: pytest.LogCaptureFixture
) -> None:
    redis.kill()

    assert statuses(open_workers(redis.url)[:1], LIMIT + 1) == LIMIT * [201] + [429]
    assert len(warnings_in(caplog)) == 1


@pytest.mark.parametrize("password", ["", ":wrong@"])
def test_redis_that_refuses_us_stops_nobody(
    redis: RedisServer, open_workers: OpenWorkers, caplog: pytest.LogCaptureFixture, password: str
) -> None:
    url = redis.url.replace(f":{PASSWORD}@", password)

    assert statuses(open_workers(url)[:1], LIMIT + 1) == LIMIT * [201] + [429]
    assert len(warnings_in(caplog)) == 1


def test_wrong_keys_are_counted_by_each_worker(
    redis: RedisServer, open_workers: OpenWorkers
) -> None:
    guessing = open_workers(redis.url)
    for worker in guessing:
        worker.environ_base["HTTP_AUTHORIZATION"] = "Bearer guess"
    for _ in range(30):
        problem(guessing[0].get("/"), 401, "key_invalid")

    problem(guessing[0].get("/"), 429, "too_many_wrong_keys")
    problem(guessing[1].get("/"), 401, "key_invalid")
