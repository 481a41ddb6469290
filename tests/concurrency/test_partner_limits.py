"""One partner that asks from many connections at once has no more than the event allows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.concurrency.clients import (
    PARTNER_ID,
    Client,
    codes,
    crowd,
    reserve_surely,
    statuses,
    summary_of,
)
from tests.concurrency.watching import DEFAULT_EVENT, wait_until_all_workers_answer
from tests.server import Server

CLIENTS = 40
SEATS_MAX = 25
HOLDS_MAX = 7


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Server]:
    """A server whose default event limits each partner."""
    with Server(tmp_path) as server:
        limits = ["--seats-per-partner-max", f"{SEATS_MAX}", "--open-holds-per-partner-max"]
        done = server.command("events", "update", DEFAULT_EVENT, *limits, f"{HOLDS_MAX}")
        assert done.returncode == 0, done.stderr
        wait_until_all_workers_answer(server)
        yield server


def test_seats_of_one_partner_stay_within_its_limit_under_parallel_requests(
    limited: Server,
) -> None:
    answers = crowd(limited, CLIENTS, lambda client, _: client.reserve(2), PARTNER_ID)

    assert statuses(answers) == {201: 12, 409: CLIENTS - 12}
    assert codes(answers) == {"partner_limit_reached"}
    assert summary_of(limited)["reservedSeats"] == 24
    with Client(limited.url) as client, Client(limited.url, "another") as another:
        assert client.reserve(2).status_code == 409
        assert client.reserve(1).status_code == 201
        assert another.reserve(2).status_code == 201
    assert limited.differences() == []


def test_reservations_that_grow_at_once_stay_within_the_partners_limit(limited: Server) -> None:
    ids = [reserve_surely(limited, 2) for _ in range(10)]

    # 20 seats are taken, so one of them can grow by 5, and none by more.
    answers = crowd(
        limited, CLIENTS, lambda client, n: client.change(ids[n % 10], seats=7), PARTNER_ID
    )

    # The one that grew answers all that ask for the same again.
    assert statuses(answers) == {200: 4, 409: CLIENTS - 4}
    assert codes(answers) == {"partner_limit_reached"}
    assert summary_of(limited)["reservedSeats"] == SEATS_MAX
    assert limited.differences() == []


def test_open_holds_of_one_partner_stay_within_its_limit(limited: Server) -> None:
    answers = crowd(limited, CLIENTS, lambda client, _: client.hold(1, 600), PARTNER_ID)

    assert statuses(answers) == {201: HOLDS_MAX, 409: CLIENTS - HOLDS_MAX}
    assert codes(answers) == {"partner_limit_reached"}
    assert summary_of(limited)["heldSeats"] == HOLDS_MAX
    assert limited.differences() == []
