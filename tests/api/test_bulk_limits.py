"""What bounds a bulk: its own size, and limits that splitting into items does not evade."""

import json
from typing import Any

import pytest

from tests.api.conftest import ChangeEventOf, Clock, CreateEventOf
from tests.api.partner import PARTNER_ID, PartnerClient, invalid_fields, outcomes_of, problem
from ticketboss.api.bodies import LARGE_BODY_BYTES_MAX
from ticketboss.api.schemas import BULK_ITEMS_MAX

LONGEST_REFERENCE = "😀" * 100


@pytest.mark.parametrize("atomic", [False, True])
@pytest.mark.parametrize("count", [1, 2, 99, 100])
def test_one_to_a_hundred_items_are_taken(client: PartnerClient, count: int, atomic: bool) -> None:
    response = client.reserve_many(*[{"seats": 1}] * count, atomic=atomic)

    document = response.get_json()
    assert response.status_code == 201
    assert (document["accepted"], len(document["outcomes"])) == (count, count)
    assert client.event()["version"] == count


@pytest.mark.parametrize("count", [0, 101, 1_000])
def test_no_items_and_more_than_a_hundred_are_refused(client: PartnerClient, count: int) -> None:
    assert BULK_ITEMS_MAX == 100

    assert invalid_fields(client.reserve_many(*[{"seats": 1}] * count)) == ["items"]
    assert client.event()["version"] == 0


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"items": None}, ["items"]),
        ({"items": {"seats": 1}}, ["items"]),
        ({"items": [1]}, ["items.0._schema"]),
        ({"items": [{}]}, ["items.0.seats"]),
        ({"items": [{"seats": 1}, {"seats": 0}]}, ["items.1.seats"]),
        ({"items": [{"seats": True}]}, ["items.0.seats"]),
        ({"items": [{"seats": "1"}]}, ["items.0.seats"]),
        ({"items": [{"seats": 1.0}]}, ["items.0.seats"]),
        ({"items": [{"seats": 2**63}]}, ["items.0.seats"]),
        ({"items": [{"seats": 1, "minSeats": 2}]}, ["items.0.minSeats"]),
        ({"items": [{"seats": 1, "minSeats": 0}]}, ["items.0.minSeats"]),
        ({"items": [{"seats": 1, "holdSeconds": 0}]}, ["items.0.holdSeconds"]),
        ({"items": [{"seats": 1, "holdSeconds": 3_601}]}, ["items.0.holdSeconds"]),
        ({"items": [{"seats": 1, "reference": " "}]}, ["items.0.reference"]),
        ({"items": [{"seats": 1, "reference": "a\n"}]}, ["items.0.reference"]),
        ({"items": [{"seats": 1, "reference": "a" * 101}]}, ["items.0.reference"]),
        ({"items": [{"seats": 1, "partnerId": PARTNER_ID}]}, ["items.0.partnerId"]),
        ({"items": [{"seats": 0}, {"seats": 1}, {}]}, ["items.0.seats", "items.2.seats"]),
        ({"items": [{"seats": 1}], "atomic": 1}, ["atomic"]),
        ({"items": [{"seats": 1}], "atomic": "true"}, ["atomic"]),
        ({"items": [{"seats": 1}], "atomic": None}, ["atomic"]),
        ({"items": [{"seats": 1}], "seats": 1}, ["seats"]),
        ({"items": [{"seats": 1}], "partnerId": "a b"}, ["partnerId"]),
        ({}, ["items"]),
    ],
)
def test_bulk_that_is_not_understood_is_refused_whole(
    client: PartnerClient, body: dict[str, Any], fields: list[str]
) -> None:
    response = client.post("/reservations/bulk", json={"partnerId": PARTNER_ID, **body})

    assert invalid_fields(response) == fields
    assert client.event()["version"] == 0


def test_largest_bulk_fits_into_the_body(client: PartnerClient) -> None:
    item = {"seats": 1, "minSeats": 1, "holdSeconds": 3_600, "reference": LONGEST_REFERENCE}

    document = client.reserve_many(*[item] * 100).get_json()

    held = [each for each in document["outcomes"] if each.get("reference") == LONGEST_REFERENCE]
    # The others are beyond what a partner may hold at once.
    assert outcomes_of(document) == [1] * len(held) + ["partner_limit_reached"] * (100 - len(held))
    assert held


@pytest.mark.parametrize(
    "url", ["/reservations/bulk", "/events/node-meetup-2025/reservations/bulk"]
)
def test_body_of_256_kib_is_taken_and_one_byte_more_is_not(client: PartnerClient, url: str) -> None:
    body = {"partnerId": PARTNER_ID, "items": [{"seats": 1}]}
    largest = json.dumps(body).encode().ljust(256 * 1024)

    taken = client.post(url, data=largest, content_type="application/json")
    refused = client.post(url, data=largest + b" ", content_type="application/json")

    assert taken.status_code == 201
    document = problem(refused, 413, "body_too_large")
    assert document["bytesMax"] == LARGE_BODY_BYTES_MAX == len(largest)
    assert client.event()["version"] == 1


def test_seats_per_partner_are_not_evaded_by_splitting(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("fair", seats=100, seats_per_partner_max=7)
    client.reserve(2, at=at)

    document = client.reserve_many(*({"seats": n} for n in (3, 3, 2, 1)), at=at).get_json()

    limit = "partner_limit_reached"
    assert outcomes_of(document) == [3, limit, 2, limit]
    refused = document["outcomes"][1]
    assert (refused["limitMax"], refused["taken"]) == (7, 5)
    assert client.event(at)["availableSeats"] == 93
    alone = problem(client.reserve(1, at=at), 409, limit)
    assert (alone["limit"], alone["taken"]) == (refused["limit"], 7)


def test_open_holds_are_not_evaded_by_splitting(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("fair", seats=100, open_holds_per_partner_max=2)
    client.hold(at=at)
    hold, reservation = {"seats": 1, "holdSeconds": 60}, {"seats": 1}

    document = client.reserve_many(hold, hold, reservation, hold, at=at).get_json()

    limit = "partner_limit_reached"
    assert outcomes_of(document) == [1, limit, 1, limit]
    assert document["outcomes"][1]["limitMax"] == document["outcomes"][1]["taken"] == 2


def test_other_partners_limits_are_not_touched(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("fair", seats=100, seats_per_partner_max=3)
    client.reserve_many({"seats": 3}, at=at)

    other = client.reserve_many({"seats": 3}, at=at, partnerId="rival").get_json()

    assert outcomes_of(other) == [3]


def test_limits_of_one_reservation_hold_for_each_item(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("fair", seats=100, seats_per_reservation_max=4, hold_seconds_total_max=30)

    document = client.reserve_many(
        {"seats": 4},
        {"seats": 5},
        {"seats": 5, "minSeats": 1},
        {"seats": 1, "holdSeconds": 30},
        {"seats": 1, "holdSeconds": 31},
        at=at,
    ).get_json()

    too_many = "too_many_seats"
    assert outcomes_of(document) == [4, too_many, too_many, 1, "hold_too_long"]
    assert document["outcomes"][4]["holdSecondsTotalMax"] == 30


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"paused": True}, "sale_paused"),
        ({"cancelled": True}, "event_cancelled"),
        ({"on_sale_until": 1_000}, "sale_closed"),
        ({"on_sale_from": 4_000_000_000_000}, "sale_not_open"),
    ],
)
def test_bulk_that_is_not_for_sale_is_refused_as_a_single_reservation_is(
    client: PartnerClient,
    change_event: ChangeEventOf,
    clock: Clock,
    changes: dict[str, Any],
    code: str,
) -> None:
    change_event(**changes)

    response = client.reserve_many({"seats": 1}, {"seats": 11}, {"seats": 1, "holdSeconds": 60})

    document = problem(response, 409, code)
    alone = client.reserve()
    assert document | {"requestId": ""} == problem(alone, 409, code) | {"requestId": ""}
    assert document["retryable"] == (code == "sale_not_open")
    assert response.headers["TicketBoss-Version"] == alone.headers["TicketBoss-Version"] == "1"
