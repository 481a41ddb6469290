"""Test keys work on test events alone, and all other keys on the others alone."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from werkzeug.test import TestResponse

from tests.api.conftest import CreateEventOf
from tests.api.keyed import Keyed
from tests.api.partner import PARTNER_ID, PartnerClient, problem
from ticketboss.services import Services

LIVE_EVENT = "/events/node-meetup-2025"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of event, with what its partner has there."""

    at: str
    is_test: bool
    reserved_id: str
    held_id: str

    @property
    def event_id(self) -> str:
        return self.at.removeprefix("/events/")


@pytest.fixture(params=[False, True], ids=["live event", "test event"])
def kind(request: pytest.FixtureRequest, keyed: Keyed, create_event: CreateEventOf) -> Kind:
    """An event with a reservation (made under the key `order-1`) and a hold."""
    at = create_event("rehearsal", seats=50, is_test=True) if request.param else LIVE_EVENT
    owner = keyed.partner(is_test=request.param)
    made = owner.reserve(at=at, key="order-1")
    assert made.status_code == 201, made.text
    return Kind(at, request.param, made.get_json()["reservationId"], owner.held_id(at=at))


ON_RESERVATION: dict[str, Callable[[PartnerClient, str, str], TestResponse]] = {
    "read": lambda client, at, id_: client.get(f"{at}/reservations/{id_}"),
    "confirm": lambda client, at, id_: client.confirm(id_, at=at),
    "change": lambda client, at, id_: client.change(id_, at=at, seats=2),
    "change with a stale tag": lambda client, at, id_: client.change(
        id_, at=at, seats=2, if_match='"99"'
    ),
    "cancel": lambda client, at, id_: client.cancel(id_, at=at),
    "cancel under a key": lambda client, at, id_: client.cancel(id_, at=at, key="order-1"),
}
ON_EVENT: dict[str, Callable[[PartnerClient, str], TestResponse]] = {
    "read": lambda client, at: client.get(at),
    "read what did not change": lambda client, at: client.get(at, headers={"If-None-Match": "*"}),
    "reserve": lambda client, at: client.reserve(at=at, partner_id=PARTNER_ID),
    "reserve again": lambda client, at: client.reserve(at=at, key="order-1"),
    "hold": lambda client, at: client.hold(at=at),
    "reserve too much": lambda client, at: client.reserve(11, at=at),
}
BY_OPERATOR: dict[str, Callable[[PartnerClient, str], TestResponse]] = {
    "change": lambda client, at: client.patch(at, json={"name": "Another"}),
    "change nothing": lambda client, at: client.patch(at, json={"seatsPerReservationMax": 10}),
    "change too much": lambda client, at: client.patch(at, json={"totalSeats": 1}),
    "pause": lambda client, at: client.post(f"{at}/pause"),
    "resume": lambda client, at: client.post(f"{at}/resume"),
    "cancel": lambda client, at: client.post(f"{at}/cancel"),
}


def others(keyed: Keyed, kind: Kind) -> list[PartnerClient]:
    """A partner and an operator with keys for the other kind of events."""
    return [keyed.partner(is_test=not kind.is_test), keyed.operator(is_test=not kind.is_test)]


def assert_refused(response: TestResponse, kind: Kind) -> None:
    """Assert that the key was not for this kind of event."""
    assert problem(response, 403, "test_key")["eventIsTest"] is kind.is_test


@pytest.mark.parametrize("action", ON_RESERVATION)
def test_reservations_cannot_be_reached_with_the_other_kind_of_key(
    keyed: Keyed, kind: Kind, services: Services, action: str
) -> None:
    for client in others(keyed, kind):
        for reservation_id in (kind.reserved_id, kind.held_id, "unknown"):
            assert_refused(ON_RESERVATION[action](client, kind.at, reservation_id), kind)

    assert services.repository.ledger(kind.event_id, after_version=2, limit=10) == []


@pytest.mark.parametrize("action", ON_EVENT)
def test_events_cannot_be_used_with_the_other_kind_of_key(
    keyed: Keyed, kind: Kind, services: Services, action: str
) -> None:
    for client in others(keyed, kind):
        assert_refused(ON_EVENT[action](client, kind.at), kind)

    assert services.repository.ledger(kind.event_id, after_version=2, limit=10) == []


@pytest.mark.parametrize("action", BY_OPERATOR)
def test_events_cannot_be_operated_with_the_other_kind_of_key(
    keyed: Keyed, kind: Kind, services: Services, action: str
) -> None:
    operator = keyed.operator(is_test=not kind.is_test)

    assert_refused(BY_OPERATOR[action](operator, kind.at), kind)

    assert services.repository.ledger(kind.event_id, after_version=2, limit=10) == []


def test_everything_works_with_the_right_kind_of_key(keyed: Keyed, kind: Kind) -> None:
    partner, operator = keyed.partner(is_test=kind.is_test), keyed.operator(is_test=kind.is_test)

    assert partner.event(kind.at)["isTest"] is kind.is_test
    assert partner.reserve(at=kind.at).status_code == 201
    assert partner.confirm(kind.held_id, at=kind.at).status_code == 200
    assert partner.cancel(kind.reserved_id, at=kind.at).status_code == 204
    for action in ("pause", "resume", "cancel"):
        assert operator.post(f"{kind.at}/{action}").status_code == 200


def test_short_way_leads_to_the_default_event_whose_kind_counts(keyed: Keyed) -> None:
    client = keyed.partner(is_test=True)

    for response in (client.get("/"), client.reserve(), client.cancel("unknown")):
        assert problem(response, 403, "test_key")["eventIsTest"] is False


@pytest.mark.parametrize("is_test", [False, True])
def test_unknown_event_is_unknown_to_every_kind_of_key(keyed: Keyed, is_test: bool) -> None:
    for client in (keyed.partner(is_test=is_test), keyed.operator(is_test=is_test)):
        problem(client.get("/events/unknown"), 404, "event_not_found")
        problem(client.reserve(at="/events/unknown"), 404, "event_not_found")


@pytest.mark.parametrize("is_test", [False, True])
def test_operator_makes_events_of_its_keys_kind(keyed: Keyed, is_test: bool) -> None:
    operator = keyed.operator(is_test=is_test)
    event = {"eventId": "new", "name": "New", "totalSeats": 5}

    refused = operator.post("/events", json={**event, "isTest": not is_test})
    made = operator.post("/events", json=event)

    assert problem(refused, 403, "test_key")["eventIsTest"] is not is_test
    assert made.status_code == 201
    assert made.get_json()["isTest"] is is_test
    said = operator.post("/events", json={**event, "eventId": "said", "isTest": is_test})
    assert said.get_json()["isTest"] is is_test


def test_operator_is_told_nothing_of_an_event_of_the_other_kind(keyed: Keyed, kind: Kind) -> None:
    operator = keyed.operator(is_test=not kind.is_test)
    event = {"eventId": kind.event_id, "name": "New", "totalSeats": 5}

    assert_refused(operator.post("/events", json=event), kind)
    assert kind.event_id not in [e["eventId"] for e in operator.get("/events").get_json()["events"]]


def test_lists_show_the_events_of_the_keys_kind(keyed: Keyed, create_event: CreateEventOf) -> None:
    for number in range(4):
        create_event(f"event-{number}", seats=5, is_test=number % 2 == 1)
    live, test = (keyed.operator(is_test=is_test).get("/events") for is_test in (False, True))

    assert [e["eventId"] for e in live.get_json()["events"]] == [
        "event-0",
        "event-2",
        "node-meetup-2025",
    ]
    assert [e["eventId"] for e in test.get_json()["events"]] == ["event-1", "event-3"]


def test_pause_of_all_events_stays_within_the_keys_kind(
    keyed: Keyed, create_event: CreateEventOf
) -> None:
    at = create_event("rehearsal", seats=5, is_test=True)

    paused = keyed.operator(is_test=True).post("/events/pause")

    assert paused.get_json()["paused"] == ["rehearsal"]
    assert keyed.partner(is_test=True).event(at)["saleState"] == "paused"
    assert keyed.partner().event()["saleState"] == "on_sale"


def test_idempotency_keys_of_both_kinds_do_not_meet(keyed: Keyed, kind: Kind) -> None:
    at = "/events/another"
    keyed.operator(is_test=not kind.is_test).post(
        "/events", json={"eventId": "another", "name": "Another", "totalSeats": 5}
    )

    response = keyed.partner(is_test=not kind.is_test).reserve(at=at, key="order-1")

    assert response.status_code == 201
    assert "Idempotent-Replayed" not in response.headers
