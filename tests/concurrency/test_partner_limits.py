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
from tests.concurrency.watching import (
    DEFAULT_EVENT,
    log_lines,
    wait_until_all_workers_answer,
)
from tests.server import Server

CLIENTS = 40
SEATS_MAX = 25
HOLDS_MAX = 7


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Server]:
    """A server whose default event limits each partner."""
    with Server(tmp_path) as server:
        _limit(server)
        wait_until_all_workers_answer(server)
        yield server


def _limit(server: Server) -> None:
    limits = ["--seats-per-partner-max", f"{SEATS_MAX}", "--open-holds-per-partner-max"]
    server.operate("events", "update", DEFAULT_EVENT, *limits, f"{HOLDS_MAX}")


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


def test_several_keys_of_one_partner_share_its_limits_over_all_workers(tmp_path: Path) -> None:
    with Server(tmp_path, TICKETBOSS_AUTH="keys", WEB_CONCURRENCY=4) as server:
        _limit(server)
        wait_until_all_workers_answer(server)
        whose = [["--partner", PARTNER_ID]] * 4 + [["--operator"]]
        keys = [server.operate("keys", "create", *each)["key"] for each in whose]

        held = crowd(server, CLIENTS, lambda client, _: client.hold(1, 600), PARTNER_ID, keys)
        made = crowd(server, CLIENTS, lambda client, _: client.reserve(2), PARTNER_ID, keys)

        assert statuses(held) == {201: HOLDS_MAX, 409: CLIENTS - HOLDS_MAX}
        # 18 seats are left to the partner.
        assert statuses(made) == {201: 9, 409: CLIENTS - 9}
        assert codes([*held, *made]) == {"partner_limit_reached"}
        (event,) = server.operate("events", "list")["events"]
        assert event["heldSeats"] == HOLDS_MAX
        assert event["totalSeats"] - event["availableSeats"] == SEATS_MAX
        posts = [line for line in log_lines(server) if line.get("method") == "POST"]
        assert len({line["keyId"] for line in posts}) == len(keys)
        assert len({line["pid"] for line in posts}) > 1, "one worker alone proves no race"
        assert server.differences() == []
