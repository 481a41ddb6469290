"""What one partner may have of one event, however it splits its order; and frozen partners."""

import pytest

from tests.api.conftest import ChangeEventOf, Clock, CreateEventOf
from tests.api.partner import PARTNER_ID, PartnerClient, problem
from tests.api.test_idempotency import assert_replayed
from ticketboss.services import Services

OPERATOR = "operator:cli"


@pytest.fixture
def at(create_event: CreateEventOf) -> str:
    """An event in which a partner may have five seats and two open holds."""
    return create_event("limited", seats=100, seats_per_partner_max=5, open_holds_per_partner_max=2)


def test_order_split_over_many_requests_meets_the_limit(client: PartnerClient, at: str) -> None:
    client.reserve(2, at=at)
    client.hold(2, at=at)

    response = client.reserve(2, at=at)

    refused = problem(response, 409, "partner_limit_reached")
    assert (refused["limit"], refused["limitMax"], refused["taken"]) == ("seats_per_partner", 5, 4)
    assert client.reserve(1, at=at).status_code == 201
    problem(client.hold(1, at=at), 409, "partner_limit_reached")


def test_limit_is_each_partners_own(client: PartnerClient, at: str) -> None:
    client.reserve(5, at=at)

    assert client.reserve(5, at=at, partner_id="another").status_code == 201
    assert client.reserve(5).status_code == 201


def test_growth_meets_the_limit_too(client: PartnerClient, at: str) -> None:
    client.reserve(2, at=at)
    reservation_id = client.reserved_id(2, at=at)

    refused = problem(client.change(reservation_id, at=at, seats=4), 409, "partner_limit_reached")

    assert refused["taken"] == 4
    assert client.change(reservation_id, at=at, seats=3).status_code == 200


def test_seats_given_back_make_room_under_the_limit(
    client: PartnerClient, clock: Clock, at: str
) -> None:
    client.hold(2, seconds=60, at=at)
    reservation_id = client.reserved_id(3, at=at)
    problem(client.reserve(1, at=at), 409, "partner_limit_reached")

    client.change(reservation_id, at=at, seats=2)
    assert client.reserve(1, at=at).status_code == 201
    clock.move(60)
    assert client.reserve(2, at=at).status_code == 201
    problem(client.reserve(1, at=at), 409, "partner_limit_reached")


def test_lowered_limit_takes_nothing_away(
    client: PartnerClient, at: str, change_event: ChangeEventOf
) -> None:
    hold_id = client.held_id(4, at=at)
    change_event(at, seats_per_partner_max=1)

    problem(client.change(hold_id, at=at, seats=5), 409, "partner_limit_reached")
    assert client.change(hold_id, at=at, seats=3).status_code == 200
    assert client.confirm(hold_id, at=at).status_code == 200


def test_open_holds_of_a_partner_are_limited(client: PartnerClient, clock: Clock, at: str) -> None:
    first, _ = client.held_id(at=at), client.held_id(at=at, seconds=60)

    refused = problem(client.hold(at=at), 409, "partner_limit_reached")

    assert refused["limit"] == "open_holds_per_partner"
    assert (refused["limitMax"], refused["taken"]) == (2, 2)
    assert client.reserve(at=at).status_code == 201
    client.confirm(first, at=at)
    assert client.hold(at=at, seconds=90).status_code == 201
    problem(client.hold(at=at), 409, "partner_limit_reached")
    clock.move(60)
    assert client.hold(at=at).status_code == 201


def test_frozen_partner_changes_nothing(client: PartnerClient, services: Services) -> None:
    hold_id = client.held_id(3)
    reservation_id = client.reserved_id(2)
    services.administration.freeze(OPERATOR, PARTNER_ID, "keep")

    for response in (
        client.reserve(),
        client.hold(),
        client.confirm(hold_id),
        client.cancel(hold_id),
        client.change(reservation_id, seats=1),
        client.cancel(reservation_id),
    ):
        problem(response, 403, "partner_frozen")
    assert client.event()["version"] == 2
    assert client.reserve(partner_id="another").status_code == 201


def test_frozen_partner_still_gets_the_answers_that_it_lost(
    client: PartnerClient, services: Services
) -> None:
    first = client.hold(3, key="order-1")
    services.administration.freeze(OPERATOR, PARTNER_ID, "keep")

    assert_replayed(client.hold(3, key="order-1"), first)


def test_holds_of_a_frozen_partner_are_kept_until_they_expire(
    client: PartnerClient, clock: Clock, services: Services
) -> None:
    hold_id = client.held_id(3, seconds=60)
    services.administration.freeze(OPERATOR, PARTNER_ID, "keep")

    services.sweeper.sweep()
    assert client.reservation(hold_id)["status"] == "held"
    clock.move(60)
    services.sweeper.sweep()
    assert client.reservation(hold_id)["status"] == "expired"


def test_holds_of_a_frozen_partner_are_released_where_that_was_chosen(
    client: PartnerClient, services: Services
) -> None:
    hold_id, reservation_id = client.held_id(3), client.reserved_id(2)
    kept = client.held_id(4, partner_id="another")
    services.administration.freeze(OPERATOR, PARTNER_ID, "release")

    services.sweeper.sweep()

    assert client.reservation(hold_id)["status"] == "cancelled"
    assert client.reservation(reservation_id)["status"] == "confirmed"
    assert client.reservation(kept)["status"] == "held"
    assert client.event()["availableSeats"] == 494
    services.administration.unfreeze(OPERATOR, PARTNER_ID)
    problem(client.confirm(hold_id), 409, "reservation_ended")
