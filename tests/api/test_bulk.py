"""Many reservations in one request: an outcome for each item, in order, in one commit."""

import re

import pytest

from tests.api.conftest import CLOCK_START, Clock, CreateEventOf
from tests.api.partner import PARTNER_ID, PartnerClient, invalid_fields, outcomes_of, problem
from ticketboss.services import Services

EVENT = "/events/node-meetup-2025"
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ACCEPTED_MEMBERS = [
    "reservationId",
    "eventId",
    "partnerId",
    "reference",
    "seats",
    "status",
    "createdAt",
    "version",
    "availableSeats",
]
REFUSED_MEMBERS = ["code", "error", "detail", "retryable"]


@pytest.mark.parametrize("at", ["", EVENT])
def test_each_item_becomes_a_reservation_of_its_own(
    client: PartnerClient, clock: Clock, at: str
) -> None:
    response = client.reserve_many(
        {"seats": 2, "reference": "PO-1"}, {"seats": 3, "holdSeconds": 60}, {"seats": 1}, at=at
    )

    document = response.get_json()
    assert response.status_code == 201
    assert list(document) == ["outcomes", "accepted", "refused", "version", "availableSeats"]
    assert (document["accepted"], document["refused"]) == (3, 0)
    assert (document["version"], document["availableSeats"]) == (3, 494)
    assert response.headers["TicketBoss-Version"] == "3"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Idempotent-Replayed" not in response.headers
    first, hold, last = document["outcomes"]
    assert UUID.fullmatch(first.pop("reservationId"))
    assert first == {
        "eventId": "node-meetup-2025",
        "partnerId": PARTNER_ID,
        "reference": "PO-1",
        "seats": 2,
        "status": "confirmed",
        "createdAt": CLOCK_START,
        "version": 1,
        "availableSeats": 498,
    }
    assert (hold["status"], hold["expiresAt"]) == ("held", "2027-01-15T08:01:00.000Z")
    assert (last["reference"], last["version"], last["availableSeats"]) == (None, 3, 494)
    assert client.event()["version"] == 3


def test_members_of_the_outcomes_stay_as_they_are(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("small", seats=5)

    document = client.reserve_many(
        {"seats": 1}, {"seats": 1, "holdSeconds": 60}, {"seats": 4}, {"seats": 11}, at=at
    ).get_json()

    accepted, hold, sold_out, too_many = document["outcomes"]
    assert list(accepted) == ACCEPTED_MEMBERS
    assert list(hold) == [*ACCEPTED_MEMBERS[:7], "expiresAt", *ACCEPTED_MEMBERS[7:]]
    facts = ["requestedSeats", "availableSeats", "heldSeats", "nextHoldExpiresAt"]
    assert list(sold_out) == [*REFUSED_MEMBERS, *facts]
    assert list(too_many) == [*REFUSED_MEMBERS, "requestedSeats", "seatsPerReservationMax"]


def test_accepted_items_are_what_is_read_afterwards(client: PartnerClient) -> None:
    outcomes = client.reserve_many({"seats": 2}, {"seats": 1, "holdSeconds": 9}).get_json()

    for outcome in outcomes["outcomes"]:
        del outcome["availableSeats"]
        created = {"createdVersion": outcome["version"]}
        assert client.reservation(outcome["reservationId"]) == outcome | created


def test_refused_item_says_what_its_own_problem_would_say(
    client: PartnerClient, create_event: CreateEventOf, clock: Clock
) -> None:
    at = create_event("small", seats=5)
    client.hold(2, seconds=60, at=at)
    client.reserve(2, at=at)

    alone = problem(client.reserve(4, at=at), 409, "not_enough_seats")
    bulk = client.reserve_many({"seats": 4}, {"seats": 1}, at=at).get_json()

    refused = bulk["outcomes"][0]
    assert refused == {name: alone[name] for name in refused}
    assert refused["nextHoldExpiresAt"] == "2027-01-15T08:01:00.000Z"
    left_out = set(alone) - set(refused)
    assert left_out == {"type", "title", "status", "requestId"}


def test_items_are_decided_in_order_on_what_those_before_them_leave(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("small", seats=10)

    response = client.reserve_many(*({"seats": n} for n in (4, 4, 4, 2, 1, 11)), at=at)

    document = response.get_json()
    refused = ["not_enough_seats", "too_many_seats"]
    assert outcomes_of(document) == [4, 4, refused[0], 2, refused[0], refused[1]]
    assert (document["accepted"], document["refused"]) == (3, 3)
    assert document["outcomes"][2]["availableSeats"] == 2
    assert document["outcomes"][4]["availableSeats"] == 0
    assert (document["version"], document["availableSeats"]) == (3, 0)
    assert client.event(at)["availableSeats"] == 0


def test_entries_of_a_bulk_follow_each_other_and_are_the_partners_own(
    client: PartnerClient, services: Services
) -> None:
    client.reserve()
    document = client.reserve_many({"seats": 2}, {"seats": 11}, {"seats": 3}).get_json()

    entries = services.repository.ledger("node-meetup-2025", 1, 10)
    accepted = [each for each in document["outcomes"] if "code" not in each]
    assert [entry.version for entry in entries] == [2, 3]
    assert [entry.reservation_id for entry in entries] == [e["reservationId"] for e in accepted]
    assert {entry.actor for entry in entries} == {f"partner:{PARTNER_ID}"}
    assert len({entry.at for entry in entries}) == 1


def test_atomic_bulk_that_fits_is_taken_whole(client: PartnerClient) -> None:
    response = client.reserve_many({"seats": 10}, {"seats": 10, "holdSeconds": 60}, atomic=True)

    assert response.status_code == 201
    assert outcomes_of(response.get_json()) == [10, 10]
    assert client.event()["availableSeats"] == 480


@pytest.mark.parametrize(
    ("seats", "expected"),
    [
        ((4, 4, 4), [None, None, "not_enough_seats"]),
        ((11, 4), ["too_many_seats", None]),
        ((4, 11, 4, 4), [None, "too_many_seats", None, "not_enough_seats"]),
    ],
)
def test_atomic_bulk_is_refused_whole_if_one_item_is(
    client: PartnerClient,
    create_event: CreateEventOf,
    services: Services,
    seats: tuple[int, ...],
    expected: list[str | None],
) -> None:
    at = create_event("small", seats=10)
    client.reserve(at=at)
    before = client.event(at)

    response = client.reserve_many(*({"seats": n} for n in seats), at=at, atomic=True)

    document = problem(response, 409, "bulk_refused")
    assert [each and each["code"] for each in document["outcomes"]] == expected
    assert response.headers["TicketBoss-Version"] == "1"
    assert client.event(at) == before
    assert len(services.repository.ledger("small", -1, 10)) == 2


@pytest.mark.parametrize("atomic", [False, True])
def test_bulk_of_which_nothing_is_accepted_is_a_refusal(
    client: PartnerClient, create_event: CreateEventOf, atomic: bool
) -> None:
    at = create_event("small", seats=1)
    client.reserve(at=at)

    response = client.reserve_many({"seats": 1}, {"seats": 11}, atomic=atomic, at=at)

    document = problem(response, 409, "bulk_refused")
    assert outcomes_of(document) == ["not_enough_seats", "too_many_seats"]
    assert list(document["outcomes"][0])[:4] == REFUSED_MEMBERS
    assert response.headers["TicketBoss-Version"] == "1"


def test_partial_fill_works_for_each_item(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("small", seats=9)

    response = client.reserve_many(
        {"seats": 6, "minSeats": 1},
        {"seats": 6, "minSeats": 4},
        {"seats": 6, "minSeats": 2, "holdSeconds": 60},
        {"seats": 1, "minSeats": 1},
        at=at,
    )

    assert outcomes_of(response.get_json()) == [6, "not_enough_seats", 3, "not_enough_seats"]


def test_seats_of_holds_that_are_over_are_there_for_a_bulk(
    client: PartnerClient, create_event: CreateEventOf, clock: Clock
) -> None:
    at = create_event("small", seats=4)
    client.hold(4, seconds=10, at=at)
    clock.move(10)

    response = client.reserve_many({"seats": 2}, {"seats": 2}, at=at, atomic=True)

    assert outcomes_of(response.get_json()) == [2, 2]
    # Version 2 is the end of the hold.
    assert response.headers["TicketBoss-Version"] == "4"


@pytest.mark.parametrize("at", ["/events/unknown", "/events/Node-Meetup-2025"])
def test_bulk_for_an_event_that_is_not_there_is_not_found(client: PartnerClient, at: str) -> None:
    problem(client.reserve_many({"seats": 1}, at=at), 404, "event_not_found")


def test_bulk_without_a_partner_is_refused(client: PartnerClient) -> None:
    response = client.post("/reservations/bulk", json={"items": [{"seats": 1}]})

    assert invalid_fields(response) == ["partnerId"]
