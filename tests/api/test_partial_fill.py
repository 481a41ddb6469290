"""`minSeats`: as many seats as there are, at least that many; and why there are no more."""

from typing import Any

import pytest

from tests.api.conftest import Clock, CreateEventOf
from tests.api.partner import PartnerClient, invalid_fields, problem
from tests.api.test_idempotency import assert_replayed


@pytest.mark.parametrize(
    ("left", "seats", "min_seats", "given"),
    [(10, 4, 1, 4), (4, 4, 1, 4), (3, 4, 1, 3), (3, 4, 3, 3), (1, 4, 1, 1), (4, 4, 4, 4)],
)
@pytest.mark.parametrize("members", [{}, {"holdSeconds": 60}], ids=["reserved", "held"])
def test_answer_says_how_many_seats_there_were(
    client: PartnerClient,
    create_event: CreateEventOf,
    left: int,
    seats: int,
    min_seats: int,
    given: int,
    members: dict[str, Any],
) -> None:
    at = create_event("small", seats=left)

    response = client.reserve(seats, at=at, minSeats=min_seats, **members)

    made = response.get_json()
    assert response.status_code == 201
    assert (made["seats"], made["availableSeats"]) == (given, left - given)
    assert client.reservation(made["reservationId"], at)["seats"] == given


def test_fewer_than_the_least_are_refused(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("small", seats=2)

    refused = problem(client.reserve(4, at=at, minSeats=3), 409, "not_enough_seats")

    assert (refused["requestedSeats"], refused["availableSeats"]) == (4, 2)
    assert client.event(at)["version"] == 0


def test_partial_fill_is_replayed_as_it_was(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("small", seats=5)
    taken = client.reserved_id(3, at=at)
    first = client.reserve(4, at=at, key="order-1", minSeats=1)
    client.cancel(taken, at=at)

    assert first.get_json()["seats"] == 2
    assert_replayed(client.reserve(4, at=at, key="order-1", minSeats=1), first)
    problem(client.reserve(4, at=at, key="order-1"), 422, "idempotency_key_reused")


@pytest.mark.parametrize("min_seats", [0, -1, 5, "1", True, 1.0, [1]])
def test_other_least_numbers_are_refused(client: PartnerClient, min_seats: Any) -> None:
    assert invalid_fields(client.reserve(4, minSeats=min_seats)) == ["minSeats"]
    assert client.event()["version"] == 0


@pytest.mark.parametrize("seconds", [0, -1, 3_601, "60", True, 60.0, [60], 2**63])
def test_other_hold_times_are_refused(client: PartnerClient, seconds: Any) -> None:
    assert invalid_fields(client.hold(seconds=seconds)) == ["holdSeconds"]
    assert client.event()["version"] == 0


def test_optional_members_may_be_null(client: PartnerClient) -> None:
    response = client.reserve(4, minSeats=None, holdSeconds=None)

    assert response.get_json()["status"] == "confirmed"


def test_refusal_says_which_seats_may_come_back_and_when(
    client: PartnerClient, clock: Clock, create_event: CreateEventOf
) -> None:
    at = create_event("small", seats=6)
    client.reserve(1, at=at)
    client.hold(3, seconds=600, at=at)
    client.hold(2, seconds=90, at=at)

    refused = problem(client.reserve(1, at=at), 409, "not_enough_seats")

    assert refused["requestedSeats"] == 1
    assert refused["availableSeats"] == 0
    assert refused["heldSeats"] == 5
    assert refused["nextHoldExpiresAt"] == "2027-01-15T08:01:30.000Z"


def test_refusal_without_holds_has_no_time_of_the_next(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("small", seats=1)
    client.reserve(1, at=at)

    refused = problem(client.reserve(1, at=at), 409, "not_enough_seats")

    assert (refused["heldSeats"], refused["nextHoldExpiresAt"]) == (0, None)


def test_partial_fill_gives_what_the_partner_may_still_have(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("fair", seats=50, seats_per_partner_max=5)
    client.reserved_id(3, at=at)

    assert client.reserve(4, at=at, minSeats=1).get_json()["seats"] == 2
    problem(client.reserve(4, at=at, minSeats=1), 409, "partner_limit_reached")
