"""Freezing a partner over HTTP: what it still may, and what becomes of its holds."""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api.conftest import Clock
from tests.api.keyed import Keyed
from tests.api.partner import PARTNER_ID, PartnerClient, invalid_fields, problem
from ticketboss.services import Services

URL = f"/partners/{PARTNER_ID}"

Write = Callable[[PartnerClient, str, str], TestResponse]

WRITES: dict[str, Write] = {
    "reserve": lambda client, *_: client.reserve(),
    "hold": lambda client, *_: client.hold(),
    "reserve what there is": lambda client, *_: client.reserve(5, minSeats=1),
    "confirm": lambda client, hold, _: client.confirm(hold),
    "confirm again": lambda client, _, reservation: client.confirm(reservation),
    "grow": lambda client, _, reservation: client.change(reservation, seats=4),
    "shrink": lambda client, _, reservation: client.change(reservation, seats=1),
    "extend": lambda client, hold, _: client.change(hold, holdSeconds=600),
    "release": lambda client, hold, _: client.cancel(hold),
    "cancel": lambda client, _, reservation: client.cancel(reservation, key="cancel-1"),
}


@pytest.fixture
def operator(keyed: Keyed, keyed_clock: Clock) -> PartnerClient:
    return keyed.operator()


def freeze(operator: PartnerClient, holds: str = "keep", url: str = URL) -> dict[str, Any]:
    """Freeze a partner; gives what the operator is told."""
    response = operator.post(f"{url}/freeze", json={"holds": holds})
    assert response.status_code == 200, response.text
    assert response.headers["Cache-Control"] == "no-store"
    document: dict[str, Any] = response.get_json()
    return document


def unfreeze(operator: PartnerClient) -> dict[str, Any]:
    """Let the partner go on; gives what the operator is told."""
    response = operator.post(f"{URL}/unfreeze")
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.get_json()
    return document


def test_operator_is_told_what_the_freeze_concerns(keyed: Keyed, operator: PartnerClient) -> None:
    partner, other = keyed.partner(), keyed.partner()
    partner.hold()
    other.hold()
    keyed.revoke(other)
    standing = {"partnerId": PARTNER_ID, "name": PARTNER_ID, "liveKeys": 1, "openHolds": 2}

    assert freeze(operator) == {**standing, "frozen": True, "holds": "keep"}
    assert freeze(operator, "release") == {**standing, "frozen": True, "holds": "release"}
    assert operator.get("/partners").get_json()["partners"] == [
        {**standing, "frozen": True, "holds": "release"}
    ]
    assert unfreeze(operator) == {**standing, "frozen": False, "holds": None}
    assert operator.get("/partners").get_json()["partners"] == [
        {**standing, "frozen": False, "holds": None}
    ]


@pytest.mark.parametrize("holds", ["keep", "release"])
@pytest.mark.parametrize("write", WRITES)
def test_frozen_partner_may_write_nothing(
    keyed: Keyed, operator: PartnerClient, write: str, holds: str
) -> None:
    partner = keyed.partner()
    hold_id, reservation_id = partner.held_id(), partner.reserved_id(3)
    freeze(operator, holds)

    response = WRITES[write](partner, hold_id, reservation_id)

    problem(response, 403, "partner_frozen")
    assert response.headers["TicketBoss-Version"] == "2"
    problem(WRITES[write](keyed.partner(), hold_id, reservation_id), 403, "partner_frozen")
    unfreeze(operator)
    assert WRITES[write](partner, hold_id, reservation_id).status_code in (200, 201, 204)


def test_frozen_partner_may_read(keyed: Keyed, operator: PartnerClient) -> None:
    partner = keyed.partner()
    hold_id = partner.held_id()
    freeze(operator)

    assert partner.event()["version"] == 1
    assert partner.reservation(hold_id)["status"] == "held"


@pytest.mark.parametrize("write", WRITES)
def test_operator_may_still_act_for_a_frozen_partner(
    keyed: Keyed, operator: PartnerClient, write: str
) -> None:
    partner = keyed.partner()
    hold_id, reservation_id = partner.held_id(), partner.reserved_id(3)
    freeze(operator)

    response = WRITES[write](operator, hold_id, reservation_id)

    assert response.status_code in (200, 201, 204), response.text


@pytest.mark.parametrize("write", WRITES)
def test_other_partners_go_on(keyed: Keyed, operator: PartnerClient, write: str) -> None:
    freeze(operator)
    rival = keyed.partner("rival")
    hold_id, reservation_id = rival.held_id(), rival.reserved_id(3)

    assert WRITES[write](rival, hold_id, reservation_id).status_code in (200, 201, 204)


def test_kept_holds_stay_until_they_expire(
    keyed: Keyed, operator: PartnerClient, keyed_clock: Clock, services: Services
) -> None:
    partner = keyed.partner()
    hold_id = partner.held_id(seconds=60)
    freeze(operator, "keep")

    services.sweeper.sweep()
    assert partner.reservation(hold_id)["status"] == "held"
    keyed_clock.move(60)
    services.sweeper.sweep()
    assert partner.reservation(hold_id)["status"] == "expired"


def test_released_holds_end_and_reservations_do_not(
    keyed: Keyed, operator: PartnerClient, services: Services
) -> None:
    partner, rival = keyed.partner(), keyed.partner("rival")
    hold_id, reservation_id = partner.held_id(3), partner.reserved_id(2)
    rivals_id = rival.held_id(4)
    freeze(operator, "release")

    services.sweeper.sweep()

    assert partner.reservation(hold_id)["status"] == "cancelled"
    assert partner.reservation(reservation_id)["status"] == "confirmed"
    assert rival.reservation(rivals_id)["status"] == "held"
    assert partner.event()["availableSeats"] == 494
    assert freeze(operator, "release")["openHolds"] == 0


@pytest.mark.parametrize(
    ("first", "then", "status"), [("keep", "release", "cancelled"), ("release", "keep", "held")]
)
def test_last_word_on_the_holds_counts(
    keyed: Keyed, operator: PartnerClient, services: Services, first: str, then: str, status: str
) -> None:
    partner = keyed.partner()
    hold_id = partner.held_id()
    freeze(operator, first)
    freeze(operator, then)

    services.sweeper.sweep()

    assert partner.reservation(hold_id)["status"] == status


def test_end_of_a_freeze_ends_the_release_too(
    keyed: Keyed, operator: PartnerClient, services: Services
) -> None:
    partner = keyed.partner()
    hold_id = partner.held_id()
    freeze(operator, "release")
    unfreeze(operator)

    services.sweeper.sweep()

    assert partner.confirm(hold_id).status_code == 200


def test_partner_without_a_key_can_be_frozen_beforehand(
    keyed: Keyed, operator: PartnerClient
) -> None:
    standing = freeze(operator, url="/partners/latecomer")

    assert (standing["name"], standing["liveKeys"]) == ("latecomer", 0)
    problem(keyed.partner("latecomer").reserve(), 403, "partner_frozen")


@pytest.mark.parametrize("partner_id", ["a b", "a" * 65, "%C3%A4", "%00", "%F0%9F%98%80", "a@b"])
def test_what_cannot_be_a_partner_cannot_be_frozen(
    operator: PartnerClient, partner_id: str
) -> None:
    url = f"/partners/{partner_id}"

    problem(operator.post(f"{url}/freeze", json={"holds": "keep"}), 404, "partner_not_found")
    problem(operator.post(f"{url}/unfreeze"), 404, "partner_not_found")
    assert operator.get("/partners").get_json()["partners"] == []


def test_unknown_partner_cannot_be_unfrozen(operator: PartnerClient) -> None:
    problem(operator.post("/partners/unknown/unfreeze"), 404, "partner_not_found")
    assert operator.get("/partners").get_json()["partners"] == []


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["holds"]),
        *[({"holds": holds}, ["holds"]) for holds in (None, "", "Keep", "drop", True, ["keep"])],
        ({"holds": "keep", "reason": "late"}, ["reason"]),
    ],
)
def test_freeze_must_say_what_becomes_of_the_holds(
    keyed: Keyed, operator: PartnerClient, body: dict[str, Any], fields: list[str]
) -> None:
    response = operator.post(f"{URL}/freeze", json=body)

    assert invalid_fields(response) == fields
    assert keyed.partner().reserve().status_code == 201


def test_freeze_without_a_body_is_none(keyed: Keyed, operator: PartnerClient) -> None:
    problem(operator.post(f"{URL}/freeze"), 400, "invalid_json")
    assert keyed.partner().reserve().status_code == 201
