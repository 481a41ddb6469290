"""POST .../reservations/{id}/confirm: a hold becomes a reservation for good."""

import pytest

from tests.api.conftest import CLOCK_START, ChangeEventOf, Clock
from tests.api.partner import PartnerClient, problem
from tests.api.test_idempotency import assert_replayed
from ticketboss.services import Services


@pytest.mark.parametrize("at", ["", "/events/node-meetup-2025"])
def test_confirmed_hold_is_a_reservation(client: PartnerClient, clock: Clock, at: str) -> None:
    hold_id = client.held_id(3, reference="PO-1")
    clock.move(30)

    response = client.confirm(hold_id, at=at)

    assert response.status_code == 200
    assert response.get_json() == {
        "reservationId": hold_id,
        "eventId": "node-meetup-2025",
        "partnerId": "abc-corp",
        "reference": "PO-1",
        "seats": 3,
        "status": "confirmed",
        "createdAt": CLOCK_START,
        "version": 2,
        "availableSeats": 497,
    }
    assert response.headers["ETag"] == '"2"'
    assert "Location" not in response.headers
    summary = client.event()
    counters = [summary[n] for n in ("availableSeats", "heldSeats", "reservedSeats")]
    assert counters == [497, 0, 3]
    assert summary["reservationCount"] == 1


def test_confirmed_hold_does_not_expire(
    client: PartnerClient, clock: Clock, services: Services
) -> None:
    hold_id = client.held_id(3, seconds=60)
    client.confirm(hold_id)

    clock.move(3_600)

    assert services.sweeper.sweep() == 0
    assert client.reservation(hold_id)["status"] == "confirmed"


def test_confirming_again_gives_the_same_body(client: PartnerClient, clock: Clock) -> None:
    hold_id = client.held_id(3)
    first = client.confirm(hold_id)
    client.reserve(5)
    clock.move(3_600)

    again = client.confirm(hold_id)

    assert again.status_code == 200
    assert again.data == first.data
    assert again.headers["ETag"] == first.headers["ETag"]
    # Nobody's key was looked up: this was decided, and later.
    assert "Idempotent-Replayed" not in again.headers
    assert again.headers["TicketBoss-Version"] == "3"
    assert client.event()["version"] == 3


def test_confirming_a_plain_reservation_changes_nothing(client: PartnerClient) -> None:
    made = client.reserve(3)

    response = client.confirm(made.get_json()["reservationId"])

    assert response.status_code == 200
    assert response.data == made.data
    assert client.event()["version"] == 1


def test_confirmation_is_replayed_byte_for_byte_after_later_changes(
    client: PartnerClient, clock: Clock
) -> None:
    hold_id = client.held_id(3)
    first = client.confirm(hold_id, key="confirm-1")

    client.change(hold_id, seats=5)
    assert_replayed(client.confirm(hold_id, key="confirm-1"), first)
    client.cancel(hold_id)
    clock.move(3_600)
    assert_replayed(client.confirm(hold_id, key="confirm-1"), first)


def test_key_of_a_confirmation_is_no_key_for_a_cancellation(client: PartnerClient) -> None:
    hold_id = client.held_id()
    client.confirm(hold_id, key="order-1")

    problem(client.cancel(hold_id, key="order-1"), 422, "idempotency_key_reused")
    problem(client.confirm(client.held_id(), key="order-1"), 422, "idempotency_key_reused")


@pytest.mark.parametrize("swept", [True, False])
def test_expired_hold_cannot_be_confirmed(
    client: PartnerClient, clock: Clock, services: Services, swept: bool
) -> None:
    hold_id = client.held_id(3, seconds=60)
    clock.move(60)
    if swept:
        services.sweeper.sweep()

    response = client.confirm(hold_id)

    problem(response, 409, "hold_expired")
    assert response.headers["TicketBoss-Version"] == "2"
    assert client.event()["availableSeats"] == 500
    assert client.reservation(hold_id)["status"] == "expired"


def test_released_or_cancelled_reservation_cannot_be_confirmed(client: PartnerClient) -> None:
    released, cancelled = client.held_id(), client.reserved_id()
    client.cancel(released)
    client.cancel(cancelled)

    problem(client.confirm(released), 409, "reservation_ended")
    problem(client.confirm(cancelled), 409, "reservation_ended")
    assert client.event()["availableSeats"] == 500


def test_unknown_reservation_cannot_be_confirmed(client: PartnerClient) -> None:
    problem(client.confirm("unknown"), 404, "reservation_not_found")
    problem(client.confirm("unknown", at="/events/unknown"), 404, "event_not_found")


def test_if_match_of_a_confirmation_is_the_holds_own_tag(client: PartnerClient) -> None:
    hold = client.hold(3)
    hold_id = hold.get_json()["reservationId"]
    client.reserve()
    extended = client.change(hold_id, holdSeconds=600)

    refused = client.confirm(hold_id, if_match=hold.headers["ETag"])
    confirmed = client.confirm(hold_id, if_match=extended.headers["ETag"])

    assert problem(refused, 412, "precondition_failed")["currentVersion"] == 3
    assert confirmed.status_code == 200


def test_neither_pause_nor_the_end_of_the_sale_stops_a_confirmation(
    client: PartnerClient, clock: Clock, change_event: ChangeEventOf
) -> None:
    paused, ended = client.held_id(), client.held_id()

    change_event(paused=True)
    assert client.confirm(paused).status_code == 200
    change_event(paused=False, on_sale_until=clock.now_ms)
    assert client.event()["saleState"] == "ended"
    assert client.confirm(ended).status_code == 200


def test_body_of_a_confirmation_means_nothing(client: PartnerClient) -> None:
    hold_id = client.held_id()

    response = client.post(f"/reservations/{hold_id}/confirm", data=b"{", content_type="text/plain")

    assert response.status_code == 200
