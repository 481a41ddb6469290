"""The same key is one intent: one effect, and the same answer each time."""

import json

import pytest
from werkzeug.test import TestResponse

from tests.api.conftest import CreateEventOf
from tests.api.partner import PartnerClient, problem

EVENT = "/events/node-meetup-2025"


def assert_replayed(response: TestResponse, first: TestResponse) -> None:
    """Assert that an answer is the first one again, but for what tells them apart."""
    assert response.status_code == first.status_code
    assert response.data == first.data
    expected, found = dict(first.headers), dict(response.headers)
    assert found.pop("Idempotent-Replayed") == "true"
    assert found.pop("X-Request-Id") != expected.pop("X-Request-Id")
    # The URL form of the question is the URL form of the answer.
    assert (
        found.pop("Location", "").rpartition("/")[2]
        == expected.pop("Location", "").rpartition("/")[2]
    )
    assert found == expected


def test_repeated_post_has_one_effect_and_one_answer(client: PartnerClient) -> None:
    first = client.reserve(seats=3, key="order-1", reference="PO-1 😀")

    assert "Idempotent-Replayed" not in first.headers
    assert_replayed(client.reserve(seats=3, key="order-1", reference="PO-1 😀"), first)
    assert client.event()["availableSeats"] == 497
    assert client.event()["version"] == 1


def test_post_is_replayed_byte_for_byte_after_the_counters_moved(client: PartnerClient) -> None:
    first = client.reserve(seats=3, key="order-1")
    client.reserve(seats=5)
    client.reserve(seats=5, partner_id="another")

    assert_replayed(client.reserve(seats=3, key="order-1"), first)


def test_post_is_replayed_after_its_reservation_was_cancelled(client: PartnerClient) -> None:
    first = client.reserve(seats=3, key="order-1")
    client.cancel(first.get_json()["reservationId"])

    assert_replayed(client.reserve(seats=3, key="order-1"), first)
    assert client.event()["availableSeats"] == 500


def test_post_is_replayed_when_the_event_is_sold_out(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("small", seats=3)
    first = client.reserve(seats=3, at=at, key="order-1")

    assert_replayed(client.reserve(seats=3, at=at, key="order-1"), first)


def test_repeated_delete_has_one_effect_and_one_answer(client: PartnerClient) -> None:
    reservation_id = client.reserved_id(seats=3)
    first = client.cancel(reservation_id, key="cancel-1")
    client.reserve(seats=5)

    assert_replayed(client.cancel(reservation_id, key="cancel-1"), first)
    assert first.status_code == 204
    assert client.event()["availableSeats"] == 495


def test_delete_without_the_key_is_no_repetition(client: PartnerClient) -> None:
    reservation_id = client.reserved_id()
    client.cancel(reservation_id, key="cancel-1")

    problem(client.cancel(reservation_id), 404, "already_cancelled")
    problem(client.cancel(reservation_id, key="cancel-2"), 404, "already_cancelled")


@pytest.mark.parametrize(("first_at", "second_at"), [("", EVENT), (EVENT, "")])
def test_url_form_does_not_matter(client: PartnerClient, first_at: str, second_at: str) -> None:
    first = client.reserve(at=first_at, key="order-1")
    second = client.reserve(at=second_at, key="order-1")
    reservation_id = first.get_json()["reservationId"]
    cancelled = client.cancel(reservation_id, at=first_at, key="cancel-1")

    assert_replayed(second, first)
    assert client.get(second.headers["Location"]).get_json()["reservationId"] == reservation_id
    assert_replayed(client.cancel(reservation_id, at=second_at, key="cancel-1"), cancelled)


@pytest.mark.parametrize(
    "body",
    [
        '{"partnerId":"abc-corp","seats":3}',
        '\n{ "seats" : 3 ,\t"partnerId" : "abc-corp" }\r\n',
        '{"partnerId":"  abc-corp ","seats":3}',
        '{"partnerId":"\\u0061bc-corp","seats":3}',
        '{"partnerId":"abc-corp","seats":3,"reference":null}',
    ],
    ids=["compact", "white space and order", "untrimmed", "escaped", "null for absent"],
)
def test_writing_the_same_request_differently_is_a_repetition(
    client: PartnerClient, body: str
) -> None:
    first = client.reserve(seats=3, key="order-1")

    second = client.post(
        "/reservations",
        data=body,
        content_type="application/json; charset=utf-8",
        headers={"Idempotency-Key": '"order-1"'},
    )

    assert_replayed(second, first)


@pytest.mark.parametrize(
    "changed",
    [{"seats": 4}, {"seats": 3, "reference": "PO-1"}, {"seats": 11}],
    ids=["seats", "reference", "too many seats"],
)
def test_same_key_with_another_request_is_refused(
    client: PartnerClient, changed: dict[str, object]
) -> None:
    client.reserve(seats=3, key="order-1")

    response = client.reserve(key="order-1", **changed)  # type: ignore[arg-type]

    problem(response, 422, "idempotency_key_reused")
    assert response.headers["TicketBoss-Version"] == "1"
    assert client.event()["version"] == 1


def test_same_key_for_reserving_and_cancelling_is_refused(client: PartnerClient) -> None:
    reservation_id = client.reserve(key="order-1").get_json()["reservationId"]
    other_id = client.reserved_id()

    problem(client.cancel(reservation_id, key="order-1"), 422, "idempotency_key_reused")
    client.cancel(reservation_id, key="cancel-1")
    problem(client.cancel(other_id, key="cancel-1"), 422, "idempotency_key_reused")
    problem(client.reserve(key="cancel-1"), 422, "idempotency_key_reused")
    assert client.event()["version"] == 3


def test_refusal_is_not_stored(client: PartnerClient, create_event: CreateEventOf) -> None:
    at = create_event("small", seats=5)
    blocking_id = client.reserved_id(seats=5, at=at)
    refused = client.reserve(seats=2, at=at, key="order-1")
    client.cancel(blocking_id, at=at)

    retried = client.reserve(seats=2, at=at, key="order-1")

    problem(refused, 409, "not_enough_seats")
    assert retried.status_code == 201
    assert "Idempotent-Replayed" not in retried.headers


def test_key_of_a_refusal_is_free_for_another_request(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("small", seats=5)
    problem(client.reserve(seats=6, at=at, key="order-1"), 409, "not_enough_seats")
    problem(client.reserve(seats=0, at=at, key="order-1"), 400, "invalid_request")

    assert client.reserve(seats=5, at=at, key="order-1").status_code == 201


def test_repetition_is_checked_before_it_is_replayed(client: PartnerClient) -> None:
    client.reserve(seats=3, key="order-1")

    problem(client.reserve(seats="3", key="order-1"), 400, "invalid_request")


def test_partners_do_not_share_keys(client: PartnerClient) -> None:
    first = client.reserve(key="order-1")
    other = client.reserve(key="order-1", partner_id="another")

    assert other.status_code == 201
    assert "Idempotent-Replayed" not in other.headers
    other_id = other.get_json()["reservationId"]
    assert client.cancel(first.get_json()["reservationId"], key="bye").status_code == 204
    assert "Idempotent-Replayed" not in client.cancel(other_id, key="bye").headers
    assert client.event()["availableSeats"] == 500


def test_events_do_not_share_keys(client: PartnerClient, create_event: CreateEventOf) -> None:
    at = create_event("another", seats=5)
    client.reserve(key="order-1")

    response = client.reserve(key="order-1", at=at)

    assert "Idempotent-Replayed" not in response.headers
    assert response.get_json()["eventId"] == "another"


def test_replay_comes_from_another_server_too(client: PartnerClient, rival: PartnerClient) -> None:
    first = client.reserve(key="order-1")

    assert_replayed(rival.reserve(key="order-1"), first)
    assert json.loads(first.data)["version"] == 1
