"""Holds: made, extended, released and expired."""

from typing import Any

import pytest

from tests.api.conftest import CLOCK_START, ChangeEventOf, Clock, CreateEventOf
from tests.api.partner import PartnerClient, problem
from tests.api.test_idempotency import assert_replayed
from ticketboss.services import Services

HOUR_SECONDS = 3_600


@pytest.mark.parametrize("at", ["", "/events/node-meetup-2025"])
def test_hold_takes_its_seats_until_it_expires(
    client: PartnerClient, clock: Clock, at: str
) -> None:
    response = client.hold(3, seconds=90, at=at, reference="PO-1")

    made = response.get_json()
    assert response.status_code == 201
    assert made == {
        "reservationId": made["reservationId"],
        "eventId": "node-meetup-2025",
        "partnerId": "abc-corp",
        "reference": "PO-1",
        "seats": 3,
        "status": "held",
        "createdAt": CLOCK_START,
        "expiresAt": "2027-01-15T08:01:30.000Z",
        "version": 1,
        "availableSeats": 497,
    }
    assert response.headers["Location"] == f"{at}/reservations/{made['reservationId']}"
    assert response.headers["ETag"] == '"1"'
    summary = client.event()
    counters = [summary[n] for n in ("availableSeats", "heldSeats", "reservedSeats")]
    assert counters == [497, 3, 0]
    assert summary["reservationCount"] == 0


def test_hold_is_read_with_its_expiry(client: PartnerClient, clock: Clock) -> None:
    made = client.hold(3).get_json()

    del made["availableSeats"]
    assert client.reservation(made["reservationId"]) == made | {"createdVersion": 1}


def test_plain_reservation_has_no_expiry(client: PartnerClient) -> None:
    made = client.reserve().get_json()

    assert "expiresAt" not in made
    assert "expiresAt" not in client.reservation(made["reservationId"])


@pytest.mark.parametrize("seconds", [1, 2, 3_599, 3_600])
def test_hold_lasts_one_second_to_one_hour(
    client: PartnerClient, clock: Clock, seconds: int
) -> None:
    hold_id = client.held_id(seconds=seconds)

    clock.move(seconds - 0.001)
    assert client.change(hold_id, seats=2).status_code == 200
    clock.move(0.001)
    problem(client.change(hold_id, seats=1), 409, "hold_expired")


def test_seats_of_an_expired_hold_go_to_the_next_who_asks(
    client: PartnerClient, clock: Clock, create_event: CreateEventOf
) -> None:
    at = create_event("small", seats=2)
    hold_id = client.held_id(2, seconds=60, at=at)
    problem(client.reserve(at=at), 409, "not_enough_seats")

    clock.move(60)
    response = client.reserve(2, at=at)

    assert response.status_code == 201
    assert response.get_json()["version"] == 3
    assert client.reservation(hold_id, at)["status"] == "expired"
    assert "expiresAt" not in client.reservation(hold_id, at)


def test_sweep_ends_an_expired_hold_when_nobody_asks(
    client: PartnerClient, clock: Clock, services: Services
) -> None:
    hold_id = client.held_id(3, seconds=60)
    clock.move(59.999)
    assert services.sweeper.sweep() == 0

    clock.move(0.001)
    assert services.sweeper.sweep() == 1

    assert client.reservation(hold_id)["status"] == "expired"
    assert client.event()["availableSeats"] == 500
    assert client.event()["heldSeats"] == 0
    assert services.sweeper.sweep() == 0
    assert client.event()["version"] == 2


def test_clock_that_goes_back_an_hour_revives_no_expired_hold(
    client: PartnerClient, clock: Clock, services: Services
) -> None:
    hold_id = client.held_id(3, seconds=60)
    clock.move(HOUR_SECONDS)
    services.sweeper.sweep()

    clock.move(-HOUR_SECONDS)

    problem(client.confirm(hold_id), 409, "hold_expired")
    problem(client.cancel(hold_id), 409, "hold_expired")
    services.sweeper.sweep()
    assert client.event()["availableSeats"] == 500


def test_release_gives_the_seats_back_at_once(client: PartnerClient, clock: Clock) -> None:
    hold_id = client.held_id(3)

    response = client.cancel(hold_id)

    assert response.status_code == 204
    assert client.reservation(hold_id)["status"] == "cancelled"
    summary = client.event()
    assert (summary["availableSeats"], summary["heldSeats"]) == (500, 0)
    problem(client.cancel(hold_id), 404, "already_cancelled")


@pytest.mark.parametrize("swept", [True, False])
def test_release_of_an_expired_hold_is_too_late(
    client: PartnerClient, clock: Clock, services: Services, swept: bool
) -> None:
    hold_id = client.held_id(3, seconds=60)
    clock.move(60)
    if swept:
        services.sweeper.sweep()

    response = client.cancel(hold_id)

    problem(response, 409, "hold_expired")
    assert response.headers["TicketBoss-Version"] == "2"
    assert client.event()["availableSeats"] == 500


def test_release_is_replayed_after_the_hold_would_have_expired(
    client: PartnerClient, clock: Clock
) -> None:
    hold_id = client.held_id(3, seconds=60)
    first = client.cancel(hold_id, key="bye")

    clock.move(60)

    assert_replayed(client.cancel(hold_id, key="bye"), first)


def test_hold_is_replayed_byte_for_byte_whatever_became_of_it(
    client: PartnerClient, clock: Clock
) -> None:
    first = client.hold(3, seconds=60, key="order-1", reference="PO-1")
    hold_id = first.get_json()["reservationId"]

    client.change(hold_id, seats=2, holdSeconds=120)
    assert_replayed(client.hold(3, seconds=60, key="order-1", reference="PO-1"), first)
    client.confirm(hold_id)
    assert_replayed(client.hold(3, seconds=60, key="order-1", reference="PO-1"), first)
    clock.move(HOUR_SECONDS)
    assert_replayed(client.hold(3, seconds=60, key="order-1", reference="PO-1"), first)


@pytest.mark.parametrize("again", [{"seconds": 61}, {"seconds": None}, {"minSeats": 1}])
def test_key_of_a_hold_stands_for_its_time_and_its_least_seats_too(
    client: PartnerClient, again: dict[str, Any]
) -> None:
    client.hold(3, key="order-1")

    problem(client.hold(3, key="order-1", **again), 422, "idempotency_key_reused")


def test_extension_lasts_from_now_on(client: PartnerClient, clock: Clock) -> None:
    hold_id = client.held_id(3, seconds=60)
    clock.move(30)

    response = client.change(hold_id, holdSeconds=120)

    assert response.status_code == 200
    changed = response.get_json()
    assert changed["expiresAt"] == "2027-01-15T08:02:30.000Z"
    assert changed["createdAt"] == CLOCK_START
    assert (changed["status"], changed["seats"]) == ("held", 3)
    clock.move(119.999)
    assert client.confirm(hold_id).status_code == 200


def test_extensions_end_at_the_total_that_the_event_allows(
    client: PartnerClient, clock: Clock, change_event: ChangeEventOf
) -> None:
    change_event(hold_seconds_total_max=100)
    hold_id = client.held_id(seconds=60)
    clock.move(50)

    refused = problem(client.change(hold_id, holdSeconds=51), 409, "hold_too_long")

    assert refused["holdSecondsTotalMax"] == 100
    assert client.reservation(hold_id)["expiresAt"] == "2027-01-15T08:01:00.000Z"
    assert client.change(hold_id, holdSeconds=50).status_code == 200


def test_new_hold_is_not_longer_than_the_event_allows(
    client: PartnerClient, change_event: ChangeEventOf
) -> None:
    change_event(hold_seconds_total_max=100)

    refused = problem(client.hold(seconds=101), 409, "hold_too_long")

    assert refused["holdSecondsTotalMax"] == 100
    assert client.hold(seconds=100).status_code == 201


def test_confirmed_reservation_has_no_hold_to_extend(client: PartnerClient) -> None:
    reservation_id = client.reserved_id()

    problem(client.change(reservation_id, holdSeconds=60), 409, "not_a_hold")
    problem(client.change(reservation_id, seats=2, holdSeconds=60), 409, "not_a_hold")
    assert client.event()["version"] == 1
