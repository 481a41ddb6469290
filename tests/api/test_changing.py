"""PATCH of a reservation: more seats, fewer seats."""

from typing import Any

import pytest

from tests.api.conftest import CLOCK_START, Clock, CreateEventOf
from tests.api.partner import PartnerClient, invalid_fields, problem
from tests.api.test_idempotency import assert_replayed
from ticketboss.services import Services


@pytest.mark.parametrize("at", ["", "/events/node-meetup-2025"])
@pytest.mark.parametrize("seats", [1, 2, 4, 10])
def test_reservation_gets_the_seats_it_asks_for(
    client: PartnerClient, clock: Clock, at: str, seats: int
) -> None:
    reservation_id = client.reserved_id(3)
    clock.move(30)

    response = client.change(reservation_id, at=at, seats=seats)

    assert response.status_code == 200
    assert response.get_json() == {
        "reservationId": reservation_id,
        "eventId": "node-meetup-2025",
        "partnerId": "abc-corp",
        "reference": None,
        "seats": seats,
        "status": "confirmed",
        "createdAt": CLOCK_START,
        "version": 2,
        "availableSeats": 500 - seats,
    }
    assert response.headers["ETag"] == '"2"'
    summary = client.event()
    assert (summary["reservedSeats"], summary["reservationCount"]) == (seats, 1)


def test_hold_stays_a_hold_and_keeps_its_time(client: PartnerClient, clock: Clock) -> None:
    made = client.hold(3, seconds=60).get_json()
    clock.move(30)

    changed = client.change(made["reservationId"], seats=5).get_json()

    assert (changed["status"], changed["seats"]) == ("held", 5)
    assert changed["expiresAt"] == made["expiresAt"]
    summary = client.event()
    assert (summary["availableSeats"], summary["heldSeats"]) == (495, 5)
    assert client.cancel(made["reservationId"]).status_code == 204
    assert client.event()["availableSeats"] == 500


def test_seats_and_time_change_in_one_step(client: PartnerClient, clock: Clock) -> None:
    hold_id = client.held_id(3, seconds=60)

    changed = client.change(hold_id, seats=4, holdSeconds=600).get_json()

    assert (changed["seats"], changed["expiresAt"]) == (4, "2027-01-15T08:10:00.000Z")
    assert client.event()["version"] == 2


def test_seats_that_are_not_there_are_refused_and_nothing_changes(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("small", seats=5)
    reservation_id = client.reserved_id(3, at=at)

    refused = problem(client.change(reservation_id, at=at, seats=6), 409, "not_enough_seats")

    assert (refused["requestedSeats"], refused["availableSeats"]) == (3, 2)
    assert client.reservation(reservation_id, at)["seats"] == 3
    assert client.change(reservation_id, at=at, seats=5).status_code == 200
    assert client.event(at)["saleState"] == "sold_out"


def test_more_seats_than_a_reservation_may_have_are_refused(client: PartnerClient) -> None:
    reservation_id = client.reserved_id(3)

    refused = problem(client.change(reservation_id, seats=11), 400, "too_many_seats")

    assert [error["field"] for error in refused["errors"]] == ["seats"]
    assert client.event()["version"] == 1


def test_change_to_what_it_is_already_changes_nothing(client: PartnerClient) -> None:
    made = client.reserve(3)

    response = client.change(made.get_json()["reservationId"], seats=3)

    assert response.status_code == 200
    assert response.data == made.data
    assert client.event()["version"] == 1


def test_change_is_done_once_for_each_tag(client: PartnerClient) -> None:
    made = client.reserve(3)
    reservation_id, etag = made.get_json()["reservationId"], made.headers["ETag"]
    # Other reservations do not change this one's tag.
    client.reserve()

    changed = client.change(reservation_id, if_match=etag, seats=4)
    refused = client.change(reservation_id, if_match=etag, seats=5)

    assert changed.status_code == 200
    assert problem(refused, 412, "precondition_failed")["currentVersion"] == 3
    assert client.reservation(reservation_id)["seats"] == 4
    found = client.get(f"/reservations/{reservation_id}")
    assert found.headers["ETag"] == changed.headers["ETag"]
    assert client.change(reservation_id, if_match=found.headers["ETag"], seats=5).status_code == 200


def test_change_is_replayed_byte_for_byte_after_later_changes(client: PartnerClient) -> None:
    made = client.reserve(3, reference="PO-1 😀")
    reservation_id, etag = made.get_json()["reservationId"], made.headers["ETag"]
    first = client.change(reservation_id, key="more", if_match=etag, seats=5)

    for later in (7, 2):
        client.change(reservation_id, seats=later)
        assert_replayed(client.change(reservation_id, key="more", if_match=etag, seats=5), first)
    client.cancel(reservation_id)
    assert_replayed(client.change(reservation_id, key="more", if_match=etag, seats=5), first)
    assert client.event()["availableSeats"] == 500


def test_extension_is_replayed_byte_for_byte_after_the_hold_expired(
    client: PartnerClient, clock: Clock, services: Services
) -> None:
    hold_id = client.held_id(3, seconds=60)
    first = client.change(hold_id, key="more", holdSeconds=120)

    clock.move(3_600)
    services.sweeper.sweep()

    assert_replayed(client.change(hold_id, key="more", holdSeconds=120), first)
    assert client.reservation(hold_id)["status"] == "expired"


def test_change_that_changed_nothing_has_no_effect_under_its_key_later(
    client: PartnerClient,
) -> None:
    reservation_id = client.reserved_id(3)
    first = client.change(reservation_id, key="three", seats=3)
    client.change(reservation_id, seats=5)

    late_retry = client.change(reservation_id, key="three", seats=3)

    assert late_retry.data == first.data
    assert client.reservation(reservation_id)["seats"] == 5


@pytest.mark.parametrize(
    "again", [{"seats": 6}, {"holdSeconds": 60}, {"seats": 5, "holdSeconds": 60}]
)
def test_key_of_a_change_stands_for_all_of_its_body(
    client: PartnerClient, again: dict[str, Any]
) -> None:
    hold_id = client.held_id(3)
    client.change(hold_id, key="more", seats=5)

    problem(client.change(hold_id, key="more", **again), 422, "idempotency_key_reused")


def test_what_has_ended_cannot_be_changed(client: PartnerClient, clock: Clock) -> None:
    cancelled, expired = client.reserved_id(3), client.held_id(3, seconds=60)
    client.cancel(cancelled)
    clock.move(60)

    problem(client.change(cancelled, seats=1), 409, "reservation_ended")
    problem(client.change(expired, seats=1), 409, "hold_expired")
    problem(client.change("unknown", seats=1), 404, "reservation_not_found")
    assert client.event()["availableSeats"] == 500


@pytest.mark.parametrize(
    ("members", "fields"),
    [
        ({}, ["seats"]),
        ({"seats": 0}, ["seats"]),
        ({"seats": "3"}, ["seats"]),
        ({"seats": True}, ["seats"]),
        ({"seats": None}, ["seats"]),
        ({"seats": 100_000_001}, ["seats"]),
        ({"holdSeconds": 0}, ["holdSeconds"]),
        ({"holdSeconds": 3_601}, ["holdSeconds"]),
        ({"holdSeconds": 1.5}, ["holdSeconds"]),
        ({"holdSeconds": None, "seats": 0}, ["holdSeconds", "seats"]),
        ({"seats": 2, "partnerId": "abc-corp"}, ["partnerId"]),
        ({"seats": 2, "minSeats": 1}, ["minSeats"]),
        ({"status": "confirmed"}, ["status"]),
    ],
)
def test_other_members_of_a_change_are_refused(
    client: PartnerClient, members: dict[str, Any], fields: list[str]
) -> None:
    reservation_id = client.reserved_id(3)

    assert invalid_fields(client.change(reservation_id, **members)) == fields
    assert client.event()["version"] == 1


def test_body_of_a_change_must_be_json(client: PartnerClient) -> None:
    url = f"/reservations/{client.reserved_id(3)}"

    problem(client.patch(url), 400, "invalid_json")
    problem(client.patch(url, data=b"[]", content_type="application/json"), 400, "invalid_json")
    problem(client.patch(url, data=b"{}", content_type="text/plain"), 415, "unsupported_media_type")
    assert client.event()["version"] == 1
