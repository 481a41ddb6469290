"""POST of a reservation: what is answered, and what it does to the seats."""

import re
import uuid
from datetime import UTC, datetime

import pytest

from tests.api.conftest import CreateEventOf
from tests.api.partner import PartnerClient, problem

BEGINNINGS = ("", "/events/node-meetup-2025")
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.mark.parametrize("at", BEGINNINGS)
def test_reservation_is_confirmed_and_takes_its_seats(client: PartnerClient, at: str) -> None:
    response = client.reserve(seats=3, at=at, reference="PO-1")

    document = response.get_json()
    reservation_id, created_at = document.pop("reservationId"), document.pop("createdAt")
    assert response.status_code == 201
    assert document == {
        "eventId": "node-meetup-2025",
        "partnerId": "abc-corp",
        "reference": "PO-1",
        "seats": 3,
        "status": "confirmed",
        "version": 1,
        "availableSeats": 497,
    }
    assert response.headers["Location"] == f"{at}/reservations/{reservation_id}"
    assert response.headers["TicketBoss-Version"] == "1"
    assert response.headers["ETag"] == '"1"'
    assert RFC_3339.fullmatch(created_at)
    assert client.event()["availableSeats"] == 497


def test_creation_time_is_now(client: PartnerClient) -> None:
    before = datetime.now(UTC)
    created_at = client.reserve().get_json()["createdAt"]

    age = datetime.fromisoformat(created_at) - before
    assert -1 < age.total_seconds() < 60


def test_reservation_ids_are_in_time_order(client: PartnerClient) -> None:
    first_id = client.reserved_id()
    later = client.reserved_id()
    while uuid.UUID(later).int >> 80 == uuid.UUID(first_id).int >> 80:
        # Within one millisecond their order is left to chance.
        later = client.reserved_id()

    assert uuid.UUID(first_id).version == 7
    assert first_id < later


@pytest.mark.parametrize("at", BEGINNINGS)
def test_location_leads_to_the_reservation(client: PartnerClient, at: str) -> None:
    response = client.reserve(at=at)

    found = client.get(response.headers["Location"])

    assert found.get_json()["reservationId"] == response.get_json()["reservationId"]
    assert found.headers["ETag"] == response.headers["ETag"]


def test_too_few_seats_refuse_and_stay_as_they_are(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("small", seats=5)
    client.reserve(seats=3, at=at)
    before = client.event(at)

    response = client.reserve(seats=3, at=at)

    refused = problem(response, 409, "not_enough_seats")
    assert refused["requestedSeats"] == 3
    assert refused["availableSeats"] == 2
    assert refused["heldSeats"] == 0
    assert refused["detail"] == "3 seats were asked for, 2 are available."
    assert response.headers["TicketBoss-Version"] == "1"
    assert client.event(at) == before


def test_smaller_wish_succeeds_after_a_refusal(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("small", seats=5)
    client.reserve(seats=3, at=at)
    client.reserve(seats=3, at=at)

    assert client.reserve(seats=2, at=at).get_json()["availableSeats"] == 0


def test_last_seats_are_sold_once(client: PartnerClient, create_event: CreateEventOf) -> None:
    at = create_event("small", seats=10)

    statuses = [client.reserve(seats=4, at=at).status_code for _ in range(4)]

    assert statuses == [201, 201, 409, 409]
    assert client.event(at)["availableSeats"] == 2


def test_most_seats_of_a_reservation_are_a_setting_of_the_event(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("couples", seats=100, seats_per_reservation_max=2)

    refused = problem(client.reserve(seats=3, at=at), 400, "too_many_seats")

    assert client.reserve(seats=2, at=at).status_code == 201
    assert refused["seatsPerReservationMax"] == 2
    assert refused["requestedSeats"] == 3
    assert refused["errors"] == [{"field": "seats", "message": "Must be between 1 and 2."}]


def test_event_may_allow_more_than_ten_seats(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("coaches", seats=100, seats_per_reservation_max=50)

    assert client.reserve(seats=50, at=at).status_code == 201
    problem(client.reserve(seats=51, at=at), 400, "too_many_seats")


def test_events_do_not_share_seats(client: PartnerClient, create_event: CreateEventOf) -> None:
    at = create_event("small", seats=5)

    client.reserve(seats=5, at=at)

    assert client.event(at)["availableSeats"] == 0
    assert client.event()["availableSeats"] == 500


def test_answer_to_a_write_is_not_cached(client: PartnerClient) -> None:
    response = client.reserve()

    assert response.headers["Cache-Control"] == "no-store"
    assert (
        client.cancel(response.get_json()["reservationId"]).headers["Cache-Control"] == "no-store"
    )
