"""Rate limits per key, counted in the process: what counts, and what a refusal costs."""

import time
from typing import Any

import pytest

from tests.api.conftest import OpenApp
from tests.api.keyed import Keyed
from tests.api.partner import PartnerClient, problem
from ticketboss.services import Services

RESET_SECONDS_MAX = 10.0
PAUSE_SECONDS = 0.05


@pytest.fixture
def limited(open_app: OpenApp, services: Services) -> Keyed:
    """Three writes and two reads an hour for each key."""
    return limited_to(open_app, services, "3/hour", "2/hour")


def limited_to(open_app: OpenApp, services: Services, writes: str, reads: str = "") -> Keyed:
    """An application with these limits."""
    app = open_app(auth="keys", rate_limit_writes=writes, rate_limit_reads=reads)
    return Keyed(app, services.administration)


def assert_limited(response: Any, seconds_max: int = 3_600) -> None:
    """Assert that the key had sent too many, and that it is told when it may again."""
    document = problem(response, 429, "rate_limited")
    assert document["retryable"] is True
    assert 1 <= int(response.headers["Retry-After"]) <= seconds_max
    assert "TicketBoss-Version" not in response.headers


def test_writes_and_reads_are_counted_apart(limited: Keyed) -> None:
    partner = limited.partner()

    assert [partner.reserve().status_code for _ in range(4)] == [201, 201, 201, 429]
    assert [partner.get("/").status_code for _ in range(3)] == [200, 200, 429]
    assert_limited(partner.reserve())
    assert_limited(partner.get("/"))


def test_each_method_counts_as_what_it_does(limited: Keyed) -> None:
    partner = limited.partner()
    reservation_id = partner.reserved_id()
    partner.change(reservation_id, seats=2)
    partner.cancel(reservation_id)
    partner.head("/")
    partner.get("/reservations/unknown")

    assert_limited(partner.confirm(reservation_id))
    assert_limited(partner.cancel(reservation_id))
    assert_limited(partner.change(reservation_id, seats=1))
    assert_limited(partner.get("/events/unknown"))
    assert partner.head("/").status_code == 429


def test_refused_requests_count_too(limited: Keyed) -> None:
    partner = limited.partner()
    problem(partner.reserve(seats=0), 400, "invalid_request")
    problem(partner.cancel("unknown"), 404, "reservation_not_found")
    problem(partner.reserve(partner_id="rival"), 403, "partner_mismatch")

    assert_limited(partner.reserve())


def test_repetitions_count_too(limited: Keyed) -> None:
    partner = limited.partner()

    statuses = [partner.reserve(key="order-1").status_code for _ in range(4)]

    assert statuses == [201, 201, 201, 429]


def test_each_key_has_its_own_count(limited: Keyed) -> None:
    first, second, rival = limited.partner(), limited.partner(), limited.partner("rival")
    for _ in range(4):
        first.reserve()

    assert second.reserve().status_code == 201
    assert rival.reserve().status_code == 201
    assert_limited(first.reserve())


def test_operators_are_limited_as_well(limited: Keyed) -> None:
    operator = limited.operator()
    for _ in range(3):
        assert operator.post("/events/pause").status_code == 200

    assert_limited(operator.post("/events/node-meetup-2025/resume"))
    assert_limited(operator.post("/keys", json={"scope": "operator"}))
    assert operator.event()["saleState"] == "paused"


def test_request_beyond_the_limit_has_no_effect(limited: Keyed) -> None:
    partner, another = limited.partner(), limited.partner()
    ids = [partner.reserved_id() for _ in range(3)]
    before = another.event()

    assert_limited(partner.reserve(key="order-1"))
    assert_limited(partner.cancel(ids[0], key="order-2"))
    assert_limited(partner.reserve(seats=0))

    assert another.event() == before
    answer = another.reserve(key="order-1")
    assert (answer.status_code, answer.headers.get("Idempotent-Replayed")) == (201, None)


def test_what_needs_no_key_is_not_limited(limited: Keyed) -> None:
    partner = limited.partner()

    for _ in range(5):
        assert partner.get("/healthz").status_code == 200
        problem(partner.get("/nothing"), 404, "not_found")
    assert partner.get("/").status_code == 200


def test_open_mode_has_no_limits(open_app: OpenApp, services: Services) -> None:
    app = open_app(auth="open", rate_limit_writes="1/hour", rate_limit_reads="1/hour")
    client = app.test_client()
    assert isinstance(client, PartnerClient)

    assert {client.reserve().status_code for _ in range(5)} == {201}
    assert {client.get("/").status_code for _ in range(5)} == {200}


def test_empty_limit_is_none(open_app: OpenApp, services: Services) -> None:
    partner = limited_to(open_app, services, "", "1/hour").partner()

    assert {partner.reserve().status_code for _ in range(20)} == {201}
    assert [partner.get("/").status_code for _ in range(2)] == [200, 429]


def test_limits_as_delivered_do_not_stand_in_the_way(keyed: Keyed) -> None:
    partner = keyed.partner()

    assert {partner.get("/").status_code for _ in range(200)} == {200}
    assert {partner.reserve().status_code for _ in range(100)} == {201}


def test_all_of_several_limits_hold(open_app: OpenApp, services: Services) -> None:
    partner = limited_to(open_app, services, "5/minute;2/day").partner()

    assert [partner.reserve().status_code for _ in range(2)] == [201, 201]
    refused = partner.reserve()
    assert_limited(refused, seconds_max=86_400)
    assert int(refused.headers["Retry-After"]) > 60


def test_next_window_has_its_own_count(open_app: OpenApp, services: Services) -> None:
    partner = limited_to(open_app, services, "1/second").partner()
    seen: list[int] = []
    deadline = time.monotonic() + RESET_SECONDS_MAX
    while seen[-2:] != [429, 201] and time.monotonic() < deadline:
        response = partner.reserve()
        seen.append(response.status_code)
        if response.status_code == 429:
            assert_limited(response, seconds_max=1)
            time.sleep(PAUSE_SECONDS)

    assert seen[-2:] == [429, 201]


def test_each_application_counts_in_its_own_memory(open_app: OpenApp, services: Services) -> None:
    issued = services.administration.issue_key("operator:cli", "abc-corp", False)
    workers = [limited_to(open_app, services, "2/hour").holder(issued) for _ in range(2)]

    for worker in workers:
        assert [worker.reserve().status_code for _ in range(3)] == [201, 201, 429]
