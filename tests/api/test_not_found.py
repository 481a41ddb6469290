"""A 404 tells nobody what exists elsewhere, and never repeats what was asked for."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api.conftest import CreateEventOf
from tests.api.partner import PartnerClient, problem

EVENT = "/events/node-meetup-2025"


def _without_ids(response: TestResponse) -> tuple[int, dict[str, str], dict[str, Any]]:
    headers, document = dict(response.headers), response.get_json()
    assert headers.pop("X-Request-Id") == document.pop("requestId")
    return response.status_code, headers, document


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("at", ["", EVENT])
def test_other_events_reservation_is_as_unknown_as_none(
    client: PartnerClient, create_event: CreateEventOf, at: str, method: str
) -> None:
    other = create_event("other", seats=5)
    reservation_id = client.reserved_id(at=other)
    unknown_id = "01980000-0000-7000-8000-000000000000"

    existing = client.open(f"{at}/reservations/{reservation_id}", method=method)
    missing = client.open(f"{at}/reservations/{unknown_id}", method=method)

    problem(existing, 404, "reservation_not_found")
    assert _without_ids(existing) == _without_ids(missing)
    assert client.event(other)["availableSeats"] == 4


def test_default_events_reservation_is_unknown_to_other_events(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    other = create_event("other", seats=5)
    reservation_id = client.reserved_id()

    problem(client.get(f"{other}/reservations/{reservation_id}"), 404, "reservation_not_found")
    problem(client.cancel(reservation_id, at=other), 404, "reservation_not_found")
    assert client.event()["reservationCount"] == 1


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
@pytest.mark.parametrize("marked", ["marked-id", "MARKED%20ID", "%3Cb%3Emarked%3C%2Fb%3E"])
@pytest.mark.parametrize(
    "url",
    [
        "/reservations/{}",
        "/events/{}",
        "/events/{}/reservations",
        "/events/{}/reservations/some-id",
        "/events/node-meetup-2025/reservations/{}",
        "/{}",
    ],
)
def test_what_was_asked_for_is_not_repeated(
    client: PartnerClient, url: str, marked: str, method: str
) -> None:
    response = client.open(
        url.format(marked), method=method, json={"partnerId": "abc-corp", "seats": 1}
    )

    assert response.status_code in (404, 405)
    assert "marked" not in response.text.lower()
    assert "marked" not in str(response.headers).lower()


@pytest.mark.parametrize(
    "odd_id",
    [
        "%00",
        "%0A",
        "%FF%FE",
        "%ED%A0%80",
        "%F0%9F%98%80",
        "a" * 3000,
        "..",
        "%2E%2E",
        "'%20OR%201=1",
        "%25s",
        "None",
        "null",
    ],
)
def test_odd_ids_are_only_unknown(client: PartnerClient, odd_id: str) -> None:
    problem(client.get(f"/reservations/{odd_id}"), 404, "reservation_not_found")
    problem(client.cancel(odd_id, key="k"), 404, "reservation_not_found")
    problem(client.get(f"/events/{odd_id}"), 404, "event_not_found")
    problem(client.reserve(at=f"/events/{odd_id}", key="k"), 404, "event_not_found")
    problem(client.cancel("some-id", at=f"/events/{odd_id}"), 404, "event_not_found")


def test_reservation_ids_must_be_given_exactly(client: PartnerClient) -> None:
    reservation_id = client.reserved_id()

    problem(client.get(f"/reservations/{reservation_id.upper()}"), 404, "reservation_not_found")
    problem(client.get(f"/reservations/{reservation_id}%20"), 404, "reservation_not_found")
    assert client.get(f"/reservations/{reservation_id}").status_code == 200


def test_reservation_of_an_unknown_event_is_no_reservation(client: PartnerClient) -> None:
    reservation_id = client.reserved_id()

    for response in (
        client.get(f"/events/unknown/reservations/{reservation_id}"),
        client.cancel(reservation_id, at="/events/unknown"),
    ):
        assert response.status_code == 404
        assert "TicketBoss-Version" not in response.headers


def test_invalid_reservation_of_an_unknown_event_is_invalid(client: PartnerClient) -> None:
    response = client.reserve(seats=0, at="/events/unknown")

    problem(response, 400, "invalid_request")
