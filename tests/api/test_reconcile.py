"""A partner's books beside ours: what it does not know, what we do not know, what differs."""

from typing import Any

import pytest

from tests.api.books import belief, post_books, reconciled, unknown
from tests.api.conftest import Clock, CreateEventOf
from tests.api.keyed import Keyed
from tests.api.partner import PARTNER_ID, PartnerClient, invalid_fields, problem

EVENT = "/events/node-meetup-2025"
NO_DIFFERENCE: dict[str, Any] = {
    "unknownHere": [],
    "unknownThere": [],
    "different": [],
    "next": None,
}
BEGINNINGS = pytest.mark.parametrize("at", ["", EVENT])


@BEGINNINGS
def test_books_that_agree_have_no_difference(client: PartnerClient, at: str) -> None:
    assert reconciled(client, [], at) == NO_DIFFERENCE
    made = [client.reserve(2).get_json(), client.hold(3).get_json()]

    assert reconciled(client, [belief(each) for each in made], at) == NO_DIFFERENCE


@BEGINNINGS
def test_live_reservations_that_the_partner_misses_are_told_in_full(
    client: PartnerClient, at: str
) -> None:
    known = client.reserve().get_json()
    missed = [client.reserved_id(2), client.held_id(3)]
    client.cancel(client.reserved_id())

    found = reconciled(client, [belief(known)], at)

    there = [client.reservation(reservation_id) for reservation_id in missed]
    assert found == NO_DIFFERENCE | {"unknownThere": there}


def test_ids_that_we_do_not_know_are_told_in_the_partners_order(client: PartnerClient) -> None:
    known = belief(client.reserve().get_json())
    strange = unknown(1) | {"reservationId": "PO-4711/Ä"}

    found = reconciled(client, [unknown(9), known, unknown(3), strange])

    ids = [unknown(9)["reservationId"], unknown(3)["reservationId"], "PO-4711/Ä"]
    assert found == NO_DIFFERENCE | {"unknownHere": ids}


@pytest.mark.parametrize(
    "wrong",
    [
        {"seats": 1},
        {"seats": 3},
        {"status": "held"},
        {"status": "cancelled"},
        {"status": "expired"},
        {"seats": 1, "status": "held"},
    ],
)
def test_reservation_that_is_not_as_believed_is_told_as_it_is(
    client: PartnerClient, wrong: dict[str, Any]
) -> None:
    made, right = client.reserve(2).get_json(), client.reserve(2).get_json()

    found = reconciled(client, [belief(made, **wrong), belief(right)])

    really = client.reservation(made["reservationId"])
    assert found == NO_DIFFERENCE | {"different": [really]}


def test_what_ended_unnoticed_differs_and_what_ended_in_both_books_does_not(
    client: PartnerClient, clock: Clock
) -> None:
    lapsed, given_up = client.hold(seconds=10).get_json(), client.reserve().get_json()
    client.cancel(given_up["reservationId"])
    clock.move(10)
    client.reserve()

    found = reconciled(client, [belief(lapsed), belief(given_up, status="cancelled")], upTo=2)

    assert [row["status"] for row in found["different"]] == ["expired"]
    assert found["different"] == [client.reservation(lapsed["reservationId"])]
    assert (found["unknownHere"], found["unknownThere"]) == ([], [])


@pytest.mark.parametrize("bounds", [{}, {"after": 1}, {"after": 2}], ids=str)
def test_other_partners_reservations_are_unknown_here_and_never_told(
    keyed: Keyed, bounds: dict[str, int]
) -> None:
    owner, rival = keyed.partner(), keyed.partner("rival")
    owner.cancel(owner.reserve(1).get_json()["reservationId"])
    theirs = [rival.reserve(2, reference="secret").get_json(), rival.hold().get_json()]

    response = post_books(owner, [*map(belief, theirs), unknown()], "", **bounds)

    ids = [each["reservationId"] for each in theirs]
    assert response.get_json() == NO_DIFFERENCE | {
        "unknownHere": [*ids, unknown()["reservationId"]]
    }
    assert "secret" not in response.text
    assert "rival" not in response.text


def test_reservations_of_other_events_are_unknown_here(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    elsewhere = client.reserve(at=create_event("elsewhere", seats=5)).get_json()

    assert reconciled(client, [belief(elsewhere)]) == NO_DIFFERENCE | {
        "unknownHere": [elsewhere["reservationId"]]
    }
    assert reconciled(client, [belief(elsewhere)], "/events/elsewhere") == NO_DIFFERENCE


@pytest.mark.parametrize(
    ("bounds", "missed"),
    [
        ({}, [1, 2, 3, 4]),
        ({"after": 0}, [1, 2, 3, 4]),
        ({"after": 1}, [2, 3, 4]),
        ({"after": 4}, []),
        ({"upTo": 0}, []),
        ({"upTo": 3}, [1, 2, 3]),
        ({"after": 1, "upTo": 3}, [2, 3]),
        ({"after": 3, "upTo": 3}, []),
        ({"after": 2**63 - 1, "upTo": 2**63 - 1}, []),
    ],
)
def test_what_is_missed_is_looked_for_between_two_versions(
    client: PartnerClient, bounds: dict[str, int], missed: list[int]
) -> None:
    for _ in range(4):
        client.reserve()

    found = reconciled(client, [], "", **bounds)

    assert [row["createdVersion"] for row in found["unknownThere"]] == missed


def test_bounds_do_not_keep_differences_from_being_told(client: PartnerClient) -> None:
    made = client.reserve(2).get_json()

    found = reconciled(client, [belief(made, seats=1)], after=1, upTo=1)

    assert len(found["different"]) == 1


def test_operator_must_name_the_partner(keyed: Keyed) -> None:
    operator, rival = keyed.operator(), keyed.partner("rival")
    theirs = rival.reserve().get_json()
    own = keyed.partner().reserve().get_json()
    books = {"reservations": [belief(theirs)]}

    refused = operator.post("/reservations/reconcile", json=books)
    found = operator.post("/reservations/reconcile", json={**books, "partnerId": "rival"})

    assert invalid_fields(refused) == ["partnerId"]
    assert found.get_json() == NO_DIFFERENCE
    as_another = reconciled(operator, [belief(theirs)])
    assert as_another["unknownHere"] == [theirs["reservationId"]]
    assert [row["reservationId"] for row in as_another["unknownThere"]] == [own["reservationId"]]


def test_partner_may_leave_its_name_out_but_may_not_give_another(keyed: Keyed) -> None:
    partner = keyed.partner()
    made = partner.reserve().get_json()
    books = {"reservations": [belief(made)]}

    assert partner.post("/reservations/reconcile", json=books).get_json() == NO_DIFFERENCE
    assert reconciled(partner, [belief(made)]) == NO_DIFFERENCE
    problem(post_books(partner, [], partnerId="rival"), 403, "partner_mismatch")


def test_in_open_mode_the_partner_is_named_too(client: PartnerClient) -> None:
    response = client.post("/reservations/reconcile", json={"reservations": []})

    assert invalid_fields(response) == ["partnerId"]


def test_comparing_books_changes_nothing(client: PartnerClient) -> None:
    made, before = client.reserve(2).get_json(), client.event()

    response = post_books(client, [belief(made, status="cancelled"), unknown()])

    assert response.status_code == 200
    assert "TicketBoss-Version" not in response.headers
    assert client.event() == before | {"version": 1}
    assert client.reservation(made["reservationId"])["status"] == "confirmed"


def test_frozen_partner_may_compare_its_books(keyed: Keyed) -> None:
    partner = keyed.partner()
    made = partner.reserve().get_json()
    keyed.desk.freeze("operator:cli", PARTNER_ID, "keep")

    assert reconciled(partner, [belief(made)]) == NO_DIFFERENCE


def test_books_are_compared_for_keys_that_may_read_the_event(
    keyed: Keyed, create_event: CreateEventOf
) -> None:
    rehearsal = create_event("rehearsal", seats=5, is_test=True)

    assert reconciled(keyed.partner(is_test=True), [], rehearsal) == NO_DIFFERENCE
    problem(post_books(keyed.partner(), [], rehearsal), 403, "test_key")
    problem(post_books(keyed.partner(is_test=True), []), 403, "test_key")
    problem(post_books(keyed.partner(), [], "/events/unknown"), 404, "event_not_found")
