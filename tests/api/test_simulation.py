"""`TicketBoss-Simulate`: what partners can ask for on test events, and who is told off."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api.conftest import CreateEventOf
from tests.api.keyed import Keyed
from tests.api.partner import PARTNER_ID, PartnerClient, problem
from ticketboss.api.context import REQUESTS_AT_ONCE
from ticketboss.api.simulation import HEADER, SLOW_ANSWERS, SLOW_MS_MAX, WISHES
from ticketboss.services import Services

LIVE_EVENT = "/events/node-meetup-2025"
BODY = {"partnerId": PARTNER_ID, "seats": 2}


@pytest.fixture
def at(create_event: CreateEventOf) -> str:
    """A test event."""
    return create_event("rehearsal", seats=50, is_test=True)


@pytest.fixture
def tester(keyed: Keyed) -> PartnerClient:
    return keyed.partner(is_test=True)


def _reserve(client: PartnerClient, at: str, wish: str, **more: Any) -> TestResponse:
    headers = {HEADER: wish, **more}
    return client.post(f"{at}/reservations", json=BODY, headers=headers)


def _version(services: Services, at: str) -> int:
    event = services.repository.event(at.removeprefix("/events/"))
    assert event is not None
    return event.version


def test_no_seats_are_left_for_who_asks_for_that(
    tester: PartnerClient, at: str, services: Services
) -> None:
    tester.reserve(at=at)
    response = _reserve(tester, at, "not_enough_seats")
    document = problem(response, 409, "not_enough_seats")
    assert document["requestedSeats"] == 2
    assert (document["availableSeats"], document["heldSeats"]) == (0, 0)
    assert response.headers["TicketBoss-Version"] == "1"
    assert _version(services, at) == 1
    assert tester.reserve(at=at).status_code == 201


def test_a_simulated_refusal_needs_a_valid_request_as_any(tester: PartnerClient, at: str) -> None:
    headers = {HEADER: "not_enough_seats"}
    response = tester.post(f"{at}/reservations", json={"seats": 0}, headers=headers)
    problem(response, 400, "invalid_request")


@pytest.mark.parametrize(("wish", "status"), [("rate_limited", 429), ("overloaded", 503)])
def test_who_is_sent_away_is_told_when_to_come_back(
    tester: PartnerClient, at: str, services: Services, wish: str, status: int
) -> None:
    response = _reserve(tester, at, wish)
    assert problem(response, status, wish)["retryable"] is True
    assert response.headers["Retry-After"] == "1"
    assert _version(services, at) == 0


def test_the_same_request_without_the_header_succeeds(tester: PartnerClient, at: str) -> None:
    key = {"Idempotency-Key": "order-1"}
    assert _reserve(tester, at, "overloaded", **key).status_code == 503
    assert tester.reserve(2, at=at, key="order-1").status_code == 201


def test_reads_can_be_too_many_as_well(tester: PartnerClient, at: str) -> None:
    problem(tester.get(at, headers={HEADER: "rate_limited"}), 429, "rate_limited")


@pytest.mark.parametrize("wish", ["not_enough_seats", "overloaded"])
def test_what_a_request_is_never_answered_is_not_simulated(
    tester: PartnerClient, at: str, wish: str
) -> None:
    document = problem(tester.get(at, headers={HEADER: wish}), 400, "invalid_header")
    assert document["detail"] == f"This request is never answered {wish}."


@pytest.mark.parametrize(
    "wish", ["", "sold_out", "slow", "slow=0", f"slow={SLOW_MS_MAX + 1}", "slow=1.5", "overloaded "]
)
def test_other_wishes_are_explained(
    tester: PartnerClient, at: str, services: Services, wish: str
) -> None:
    document = problem(_reserve(tester, at, wish), 400, "invalid_header")
    assert f"slow=1 to slow={SLOW_MS_MAX}" in document["detail"]
    assert str(SLOW_MS_MAX) in WISHES
    assert _version(services, at) == 0


@pytest.mark.parametrize("wish", ["not_enough_seats", "overloaded", "slow=1", "nonsense"])
def test_a_live_key_is_told_off_and_nothing_is_done(
    keyed: Keyed, services: Services, wish: str
) -> None:
    for client in (keyed.partner(), keyed.operator()):
        problem(_reserve(client, LIVE_EVENT, wish), 400, "simulation_refused")
        problem(client.get("/", headers={HEADER: wish}), 400, "simulation_refused")
    problem(keyed.operator().get("/keys", headers={HEADER: wish}), 400, "simulation_refused")
    assert _version(services, LIVE_EVENT) == 0


def test_a_test_key_simulates_nothing_where_it_is_for_real(tester: PartnerClient) -> None:
    problem(_reserve(tester, LIVE_EVENT, "overloaded"), 403, "test_key")
    problem(_reserve(tester, "/events/unknown", "overloaded"), 404, "event_not_found")


def test_what_is_about_no_event_is_not_simulated(keyed: Keyed) -> None:
    response = keyed.operator(is_test=True).get("/events", headers={HEADER: "rate_limited"})
    problem(response, 400, "simulation_refused")


def test_without_a_key_nothing_is_told_but_that(keyed: Keyed, at: str) -> None:
    problem(_reserve(keyed.nobody(), at, "overloaded"), 401, "key_required")


def test_in_open_mode_the_event_decides(client: PartnerClient, at: str) -> None:
    problem(_reserve(client, at, "overloaded"), 503, "overloaded")
    problem(_reserve(client, LIVE_EVENT, "overloaded"), 400, "simulation_refused")


def test_a_server_that_has_no_connections_loses_no_answer(
    tester: PartnerClient, at: str, services: Services
) -> None:
    problem(_reserve(tester, at, "lost_answer"), 400, "simulation_refused")
    assert _version(services, at) == 0


def test_a_worker_holds_back_a_part_of_its_answers_at_most(
    keyed: Keyed, tester: PartnerClient, at: str
) -> None:
    extensions = keyed.app.extensions
    problem(_reserve(tester, at, "slow=1"), 400, "simulation_refused")
    extensions[REQUESTS_AT_ONCE] = 8
    for _ in range(3):
        assert _reserve(tester, at, "slow=1").status_code == 201
    assert extensions[SLOW_ANSWERS].take_place(2)
    assert _reserve(tester, at, "slow=1").status_code == 201
    assert extensions[SLOW_ANSWERS].take_place(2)
    problem(_reserve(tester, at, "slow=1"), 400, "simulation_refused")


def test_refused_answers_give_their_place_back_too(
    keyed: Keyed, tester: PartnerClient, at: str
) -> None:
    keyed.app.extensions[REQUESTS_AT_ONCE] = 4
    for _ in range(3):
        refused = tester.post(f"{at}/reservations", json={}, headers={HEADER: "slow=1"})
        problem(refused, 400, "invalid_request")


def test_what_is_simulated_is_counted_by_itself(
    keyed: Keyed, tester: PartnerClient, at: str
) -> None:
    _reserve(tester, at, "overloaded")
    text = keyed.operator().get("/metrics").text
    assert 'ticketboss_requests_total{route="simulated",status="503"} 1.0' in text
