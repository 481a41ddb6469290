"""Bulks that are repeated or conditional, and who may send them for whom."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api.conftest import ChangeEventOf, Clock, CreateEventOf
from tests.api.keyed import Keyed
from tests.api.partner import PARTNER_ID, PartnerClient, outcomes_of, problem

ITEMS: list[dict[str, Any]] = [
    {"seats": 2, "reference": "PO-1"},
    {"seats": 11},
    {"seats": 3, "holdSeconds": 60},
    {"seats": 1, "minSeats": 1},
]
KEY = "bulk-1"


def ids_of(response: TestResponse) -> list[str]:
    """The ids of the reservations that a bulk has made."""
    assert response.status_code == 201, response.text
    return [each["reservationId"] for each in response.get_json()["outcomes"] if "seats" in each]


def assert_replayed(first: TestResponse, again: TestResponse) -> None:
    """The second answer is the first one, byte for byte."""
    assert again.data == first.data
    assert again.status_code == first.status_code == 201
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    for name in ("TicketBoss-Version", "Location", "Content-Type", "Cache-Control"):
        assert again.headers[name] == first.headers[name]


def change_everything(client: PartnerClient, change_event: ChangeEventOf, clock: Clock) -> None:
    """All that may happen to the reservations of a bulk and to their event."""
    reserved, held, _ = ids_of(client.reserve_many(*ITEMS, key=KEY))
    client.change(reserved, seats=1)
    client.cancel(reserved)
    client.confirm(held)
    client.reserve(9)
    change_event(total_seats=1_000, seats_per_reservation_max=20, name="Another")
    change_event(paused=True)
    clock.move(7_200)
    change_event(cancelled=True)


def test_repeated_bulk_gives_the_same_bytes_and_no_second_effect(client: PartnerClient) -> None:
    first = client.reserve_many(*ITEMS, key=KEY)

    assert_replayed(first, client.reserve_many(*ITEMS, key=KEY))
    assert client.event()["version"] == 3


def test_repeated_bulk_gives_the_same_bytes_whatever_has_happened_since(
    client: PartnerClient, rival: PartnerClient, change_event: ChangeEventOf, clock: Clock
) -> None:
    first = client.reserve_many(*ITEMS, key=KEY)
    change_everything(client, change_event, clock)
    version = client.event()["version"]

    for again in (client.reserve_many(*ITEMS, key=KEY), rival.reserve_many(*ITEMS, key=KEY)):
        assert_replayed(first, again)
    assert client.event()["version"] == version


@pytest.mark.parametrize("atomic", [False, True])
def test_bulk_of_a_hundred_is_replayed_whole(client: PartnerClient, atomic: bool) -> None:
    items = [{"seats": 1, "reference": f"PO-{number}"} for number in range(100)]
    first = client.reserve_many(*items, key=KEY, atomic=atomic)
    client.reserve()

    assert_replayed(first, client.reserve_many(*items, key=KEY, atomic=atomic))
    assert len(set(ids_of(first))) == 100


def test_bulk_is_the_same_whatever_its_white_space_and_url(keyed: Keyed) -> None:
    partner = keyed.partner()
    first = partner.reserve_many(*ITEMS, key=KEY)
    body = json.dumps({"atomic": False, "items": ITEMS}, indent=4)

    for at in ("", "/events/node-meetup-2025"):
        again = partner.post(
            f"{at}/reservations/bulk",
            data=body,
            content_type="application/json",
            headers={"Idempotency-Key": f'"{KEY}"'},
        )
        assert_replayed(first, again)


OTHER_REQUESTS: dict[str, Callable[[PartnerClient], TestResponse]] = {
    "other order": lambda client: client.reserve_many(*reversed(ITEMS), key=KEY),
    "one less": lambda client: client.reserve_many(*ITEMS[:-1], key=KEY),
    "one more": lambda client: client.reserve_many(*ITEMS, {"seats": 1}, key=KEY),
    "atomic": lambda client: client.reserve_many(*ITEMS, key=KEY, atomic=True),
    "other seats": lambda client: client.reserve_many({"seats": 1}, *ITEMS[1:], key=KEY),
    "other reference": lambda client: client.reserve_many(
        {"seats": 2, "reference": "PO-2"}, *ITEMS[1:], key=KEY
    ),
    "first item alone": lambda client: client.reserve(2, reference="PO-1", key=KEY),
    "other kind": lambda client: client.hold(key=KEY),
}


@pytest.mark.parametrize("other", OTHER_REQUESTS)
def test_key_of_a_bulk_is_not_for_another_request(client: PartnerClient, other: str) -> None:
    client.reserve_many(*ITEMS, key=KEY)

    response = OTHER_REQUESTS[other](client)

    problem(response, 422, "idempotency_key_reused")
    assert response.headers["TicketBoss-Version"] == "3"
    assert client.event()["version"] == 3


def test_key_of_a_reservation_is_not_for_a_bulk(client: PartnerClient) -> None:
    client.reserve(2, key=KEY)

    response = client.reserve_many({"seats": 2}, key=KEY)

    problem(response, 422, "idempotency_key_reused")


@pytest.mark.parametrize("atomic", [False, True])
def test_refused_bulk_leaves_its_key_free(
    client: PartnerClient, create_event: CreateEventOf, atomic: bool
) -> None:
    at = create_event("small", seats=2)
    taken = client.reserved_id(2, at=at)
    ask = [{"seats": 1}, {"seats": 1}]
    problem(client.reserve_many(*ask, at=at, key=KEY, atomic=atomic), 409, "bulk_refused")
    client.cancel(taken, at=at)

    first = client.reserve_many(*ask, at=at, key=KEY, atomic=atomic)

    assert outcomes_of(first.get_json()) == [1, 1]
    assert_replayed(first, client.reserve_many(*ask, at=at, key=KEY, atomic=atomic))


def test_bulks_without_a_key_are_two_bulks(client: PartnerClient) -> None:
    assert ids_of(client.reserve_many(*ITEMS)) != ids_of(client.reserve_many(*ITEMS))
    assert client.event()["version"] == 6


@pytest.mark.parametrize("if_match", ['"1"', '"1-on_sale"', '"0", "1"', "*", '"1-paused"'])
def test_bulk_is_made_if_the_event_is_at_the_expected_version(
    client: PartnerClient, if_match: str
) -> None:
    client.reserve()

    assert client.reserve_many({"seats": 1}, if_match=if_match).status_code == 201


@pytest.mark.parametrize("if_match", ['"0"', '"0-on_sale"', 'W/"1"', '"2"', '"1x"'])
def test_bulk_is_refused_at_another_version(client: PartnerClient, if_match: str) -> None:
    client.reserve()

    response = client.reserve_many({"seats": 1}, {"seats": 11}, if_match=if_match)

    assert problem(response, 412, "precondition_failed")["currentVersion"] == 1
    assert response.headers["TicketBoss-Version"] == "1"


def test_bulk_takes_the_entity_tag_of_the_event_and_replays_it_however_old(
    client: PartnerClient,
) -> None:
    etag = client.get("/").headers["ETag"]
    first = client.reserve_many(*ITEMS, if_match=etag, key=KEY)

    assert_replayed(first, client.reserve_many(*ITEMS, if_match=etag, key=KEY))
    problem(client.reserve_many(*ITEMS, if_match=etag), 412, "precondition_failed")


def test_partners_key_makes_bulks_for_its_partner_alone(keyed: Keyed) -> None:
    partner = keyed.partner()

    refused = partner.reserve_many({"seats": 1}, partnerId="rival")
    taken = partner.post("/reservations/bulk", json={"items": [{"seats": 1}]})

    problem(refused, 403, "partner_mismatch")
    assert taken.get_json()["outcomes"][0]["partnerId"] == PARTNER_ID


def test_same_key_of_two_partners_stands_for_two_bulks(keyed: Keyed) -> None:
    own = keyed.partner().reserve_many(*ITEMS, key=KEY)
    theirs = keyed.partner("rival").reserve_many(*ITEMS, key=KEY)

    assert not set(ids_of(own)) & set(ids_of(theirs))
    assert {each["partnerId"] for each in theirs.get_json()["outcomes"] if "seats" in each} == {
        "rival"
    }


def test_reservations_of_a_bulk_are_the_partners_own(keyed: Keyed) -> None:
    (reservation_id,) = ids_of(keyed.operator().reserve_many({"seats": 1}))

    assert keyed.partner().reservation(reservation_id)["partnerId"] == PARTNER_ID
    problem(keyed.partner("rival").cancel(reservation_id), 404, "reservation_not_found")


def test_test_keys_make_bulks_in_test_events_alone(
    keyed: Keyed, create_event: CreateEventOf
) -> None:
    rehearsal = create_event("rehearsal", seats=5, is_test=True)
    tester, partner = keyed.partner(is_test=True), keyed.partner()

    assert tester.reserve_many({"seats": 1}, at=rehearsal).status_code == 201
    problem(tester.reserve_many({"seats": 1}), 403, "test_key")
    problem(partner.reserve_many({"seats": 1}, at=rehearsal), 403, "test_key")


def test_frozen_partner_gets_no_bulk_but_an_operator_may_make_one_for_it(keyed: Keyed) -> None:
    partner, operator = keyed.partner(), keyed.operator()
    keyed.desk.freeze("operator:cli", PARTNER_ID, "keep")

    problem(partner.reserve_many({"seats": 1}, {"seats": 1}), 403, "partner_frozen")

    assert operator.reserve(1).status_code == operator.reserve_many({"seats": 1}).status_code == 201
