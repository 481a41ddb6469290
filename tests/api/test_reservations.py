"""GET and DELETE of one reservation."""

import pytest

from tests.api.partner import PartnerClient, problem

BEGINNINGS = ("", "/events/node-meetup-2025")


@pytest.mark.parametrize("at", BEGINNINGS)
def test_reservation_is_given_back_as_it_was_made(client: PartnerClient, at: str) -> None:
    made = client.reserve(seats=3, reference="PO-1").get_json()

    response = client.get(f"{at}/reservations/{made['reservationId']}")

    del made["availableSeats"]
    assert response.status_code == 200
    assert response.get_json() == made | {"createdVersion": 1}
    assert response.headers["ETag"] == '"1"'
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("at", BEGINNINGS)
def test_cancel_gives_the_seats_back(client: PartnerClient, at: str) -> None:
    reservation_id = client.reserved_id(seats=3)

    response = client.cancel(reservation_id, at=at)

    assert response.status_code == 204
    assert response.headers["TicketBoss-Version"] == "2"
    summary = client.event()
    assert summary["availableSeats"] == 500
    assert summary["reservationCount"] == 0
    assert summary["version"] == 2


def test_cancelled_reservation_can_still_be_read(client: PartnerClient) -> None:
    made = client.reserve(seats=3).get_json()
    client.cancel(made["reservationId"])

    response = client.get(f"/reservations/{made['reservationId']}")

    assert response.status_code == 200
    assert response.get_json()["status"] == "cancelled"
    assert response.get_json()["seats"] == 3
    assert response.get_json()["createdAt"] == made["createdAt"]
    assert response.headers["ETag"] == '"2"'


def test_cancelling_twice_gives_the_seats_back_once(client: PartnerClient) -> None:
    client.reserve(seats=5)
    reservation_id = client.reserved_id(seats=3)
    client.cancel(reservation_id)

    response = client.cancel(reservation_id)

    problem(response, 404, "already_cancelled")
    assert response.headers["TicketBoss-Version"] == "3"
    assert client.event()["availableSeats"] == 495
    assert client.event()["reservationCount"] == 1


@pytest.mark.parametrize("at", BEGINNINGS)
def test_unknown_reservation_is_not_found(client: PartnerClient, at: str) -> None:
    client.reserve()
    unknown = "01980000-0000-7000-8000-000000000000"

    problem(client.get(f"{at}/reservations/{unknown}"), 404, "reservation_not_found")
    refused = client.cancel(unknown, at=at)

    problem(refused, 404, "reservation_not_found")
    assert refused.headers["TicketBoss-Version"] == "1"
    assert client.event()["version"] == 1


@pytest.mark.parametrize("if_none_match", ['"1"', 'W/"1"', '"5", "1"', "*"])
def test_unchanged_reservation_is_not_sent_again(client: PartnerClient, if_none_match: str) -> None:
    reservation_id = client.reserved_id()
    # Other changes of the event do not change this reservation.
    client.reserve()

    response = client.get(
        f"/reservations/{reservation_id}", headers={"If-None-Match": if_none_match}
    )

    assert response.status_code == 304
    assert response.data == b""
    assert response.headers["ETag"] == '"1"'


def test_tag_of_before_the_cancellation_gets_the_reservation(client: PartnerClient) -> None:
    reservation_id = client.reserved_id()
    client.cancel(reservation_id)

    response = client.get(f"/reservations/{reservation_id}", headers={"If-None-Match": '"1"'})

    assert response.get_json()["status"] == "cancelled"


def test_unknown_reservation_is_not_found_whatever_the_client_has(client: PartnerClient) -> None:
    response = client.get("/reservations/unknown", headers={"If-None-Match": "*"})

    problem(response, 404, "reservation_not_found")


def test_head_of_a_reservation_gives_its_tag(client: PartnerClient) -> None:
    response = client.head(f"/reservations/{client.reserved_id()}")

    assert response.status_code == 200
    assert response.headers["ETag"] == '"1"'
