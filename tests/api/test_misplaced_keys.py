"""An API key in the wrong place of a request is refused or hidden, and kept nowhere."""

from typing import Any

import pytest

from tests.api.partner import PartnerClient, invalid_fields, problem
from tests.api.test_scopes import state_of
from ticketboss.engine.keys import new_key
from ticketboss.services import Services

KEY = new_key(is_test=False).secret
RESERVE = {"partnerId": "abc-corp", "seats": 1}
EVENT = {"eventId": "concert", "name": "Concert", "totalSeats": 5}
BELIEVED = {"reservationId": KEY, "seats": 1, "status": "held"}
BODIES: list[tuple[str, dict[str, Any], str]] = [
    ("/reservations", RESERVE | {"reference": KEY}, "reference"),
    ("/reservations", RESERVE | {"reference": f"order {KEY}, please"}, "reference"),
    ("/reservations", RESERVE | {"partnerId": KEY}, "partnerId"),
    ("/reservations", RESERVE | {"partnerId": f" {KEY} "}, "partnerId"),
    (
        "/reservations/bulk",
        {"partnerId": "abc-corp", "items": [{"seats": 1, "reference": KEY}]},
        "items.0.reference",
    ),
    (
        "/reservations/reconcile",
        {"partnerId": "abc-corp", "reservations": [BELIEVED]},
        "reservations.0.reservationId",
    ),
    ("/events", EVENT | {"eventId": KEY}, "eventId"),
    ("/events", EVENT | {"name": f"Concert {KEY}"}, "name"),
    ("/keys", {"scope": "partner", "partnerId": KEY}, "partnerId"),
    ("/keys", {"scope": "partner", "partnerId": "abc", "partnerName": KEY}, "partnerName"),
]


@pytest.mark.parametrize(("url", "body", "field"), BODIES)
def test_body_with_a_key_is_refused(
    client: PartnerClient, services: Services, url: str, body: dict[str, Any], field: str
) -> None:
    before = state_of(services)

    response = client.post(url, json=body)

    assert invalid_fields(response) == [field]
    assert KEY not in response.text
    assert state_of(services) == before


def test_partner_of_that_name_cannot_be_frozen(client: PartnerClient, services: Services) -> None:
    before = state_of(services)

    problem(
        client.post(f"/partners/{KEY}/freeze", json={"holds": "keep"}), 404, "partner_not_found"
    )

    assert state_of(services) == before


@pytest.mark.parametrize("header", [KEY, f'"{KEY}"', f"order-{KEY}"])
def test_key_is_no_idempotency_key(client: PartnerClient, header: str) -> None:
    refused = problem(client.reserve(key=header), 400, "invalid_header")

    assert "API key" in refused["detail"]
    assert client.event()["version"] == 0


def test_key_is_no_request_id(client: PartnerClient) -> None:
    response = client.get("/", headers={"X-Request-Id": KEY})

    assert KEY not in response.headers["X-Request-Id"]


@pytest.mark.parametrize("part", [KEY[:-1], KEY[:30], KEY[8:]])
def test_part_of_a_key_is_text_like_any_other(client: PartnerClient, part: str) -> None:
    """SECURITY.md says so."""
    response = client.get("/", headers={"X-Request-Id": part})

    assert response.headers["X-Request-Id"] == part


def test_name_of_a_member_that_is_a_key_is_not_repeated(client: PartnerClient) -> None:
    response = client.post("/reservations", json=RESERVE | {KEY: 1})

    assert invalid_fields(response) == [f"{KEY[:14]}***"]


def test_beginning_of_a_key_is_no_secret(client: PartnerClient) -> None:
    assert client.reserve(reference=KEY[:14], partner_id=KEY[:20]).status_code == 201
