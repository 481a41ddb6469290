"""Books of any size, in requests that are bounded."""

import json
from typing import Any

import pytest

from tests.api.books import Belief, belief, post_books, reconciled, unknown
from tests.api.conftest import ChangeEventOf, CreateEventOf
from tests.api.partner import PARTNER_ID, PartnerClient, invalid_fields, problem
from ticketboss.api.bodies import BODY_BYTES_MAX, LARGE_BODY_BYTES_MAX
from ticketboss.api.reservation_lists import RECONCILED_ROWS_MAX
from ticketboss.api.schemas import RECONCILED_IDS_MAX
from ticketboss.domain.commands import Reserve, ReserveMany
from ticketboss.engine.ids import new_id
from ticketboss.services import Services

ROWS = 2_500
BIG = "/events/big"
RECONCILE = "/reservations/reconcile"


@pytest.fixture
def books(services: Services, create_event: CreateEventOf) -> list[Belief]:
    """True beliefs in 2,500 reservations, in the order of their creation from version 1 on."""
    create_event("big", seats=ROWS)
    ids = [new_id() for _ in range(ROWS)]
    common: dict[str, Any] = {"event_id": "big", "partner_id": PARTNER_ID}
    items = tuple(Reserve(reservation_id=each, seats=1, **common) for each in ids)
    services.committer.submit(ReserveMany(items=items, **common))
    return [{"reservationId": each, "seats": 1, "status": "confirmed"} for each in ids]


def chunks_by_place(books: list[Belief]) -> list[tuple[list[Belief], dict[str, int]]]:
    """Requests for books whose owner knows where in the list each reservation stands."""
    size = RECONCILED_IDS_MAX
    starts = range(0, len(books), size)
    requests = [
        (books[start : start + size], {"after": start, "upTo": start + size}) for start in starts
    ]
    # The last one has no upper bound: there may be more than the partner knows.
    del requests[-1][1]["upTo"]
    return requests


def walked(client: PartnerClient, believed: list[Belief], **bounds: int) -> list[dict[str, Any]]:
    """The answers to one request and to those that its `next` asks for."""
    answers = [reconciled(client, believed, BIG, **bounds)]
    last = bounds.get("upTo")
    while answers[-1]["next"] not in (None, last):
        further = bounds | {"after": answers[-1]["next"]}
        assert further["after"] > bounds.get("after", 0)
        answers.append(reconciled(client, believed, BIG, **further))
    return answers


def told(answers: list[dict[str, Any]], name: str) -> list[Any]:
    """All that some answers have under one name."""
    return [each for answer in answers for each in answer[name]]


def test_books_of_any_size_agree_chunk_by_chunk(client: PartnerClient, books: list[Belief]) -> None:
    for believed, bounds in chunks_by_place(books):
        (answer,) = walked(client, believed, **bounds)

        assert (answer["unknownHere"], answer["unknownThere"], answer["different"]) == ([], [], [])
        assert answer["next"] == bounds.get("upTo")


def test_differences_are_found_in_whatever_chunk_they_are(
    client: PartnerClient, books: list[Belief]
) -> None:
    missed, wrong = {0, 999, 1_000, 1_001, 2_499}, {1, 1_500, 2_498}
    for place in wrong:
        books[place] = books[place] | {"seats": 2}
    made_up = [unknown(number) for number in range(3)]

    answers = []
    for believed, bounds in chunks_by_place(books):
        start = bounds["after"]
        kept = [each for place, each in enumerate(believed, start) if place not in missed]
        answers += walked(client, [*kept, made_up.pop()], **bounds)

    there = [row["createdVersion"] - 1 for row in told(answers, "unknownThere")]
    different = [row["createdVersion"] - 1 for row in told(answers, "different")]
    assert there == sorted(missed)
    assert sorted(different) == sorted(wrong)
    assert sorted(told(answers, "unknownHere")) == [unknown(n)["reservationId"] for n in range(3)]


@pytest.mark.parametrize("known", [0, 1, 500])
def test_partner_that_lost_its_books_gets_all_of_them_back(
    client: PartnerClient, books: list[Belief], known: int
) -> None:
    answers = walked(client, books[:known])

    rows = told(answers, "unknownThere")
    assert [row["reservationId"] for row in rows] == [
        each["reservationId"] for each in books[known:]
    ]
    assert max(len(answer["unknownThere"]) for answer in answers) == RECONCILED_ROWS_MAX
    assert [answer["next"] for answer in answers] == [1_000, 2_000, None]


def test_upper_bound_within_a_long_stretch_ends_the_walk(
    client: PartnerClient, books: list[Belief]
) -> None:
    answers = walked(client, [], after=200, upTo=1_700)

    assert [row["createdVersion"] for row in told(answers, "unknownThere")] == [*range(201, 1_701)]
    assert [answer["next"] for answer in answers] == [1_200, 1_700]


def test_a_thousand_ids_are_taken_and_one_more_is_not(client: PartnerClient) -> None:
    believed = [unknown(number) for number in range(RECONCILED_IDS_MAX + 1)]
    ids = [each["reservationId"] for each in believed]

    assert reconciled(client, believed[:-1])["unknownHere"] == ids[:-1]
    assert invalid_fields(post_books(client, believed)) == ["reservations"]


@pytest.mark.parametrize("url", [RECONCILE, f"/events/node-meetup-2025{RECONCILE}"])
def test_body_of_256_kib_is_taken_and_one_byte_more_is_not(client: PartnerClient, url: str) -> None:
    body = {"partnerId": PARTNER_ID, "reservations": [unknown(n) for n in range(1_000)]}
    assert len(json.dumps(body)) > BODY_BYTES_MAX
    largest = json.dumps(body).encode().ljust(256 * 1024)

    taken = client.post(url, data=largest, content_type="application/json")
    refused = client.post(url, data=largest + b" ", content_type="application/json")

    assert len(taken.get_json()["unknownHere"]) == 1_000
    document = problem(refused, 413, "body_too_large")
    assert document["bytesMax"] == LARGE_BODY_BYTES_MAX == len(largest)


@pytest.mark.parametrize(
    "url", ["/reservations", "/reservations/some-id/confirm", "/events/node-meetup-2025/pause"]
)
def test_other_routes_take_no_larger_bodies_for_it(client: PartnerClient, url: str) -> None:
    body = b" " * (BODY_BYTES_MAX + 1)

    response = client.post(url, data=body, content_type="application/json")

    assert problem(response, 413, "body_too_large")["bytesMax"] == BODY_BYTES_MAX


@pytest.mark.parametrize(
    ("members", "fields"),
    [
        ({"reservations": None}, ["reservations"]),
        ({"reservations": {}}, ["reservations"]),
        ({"reservations": ["some-id"]}, ["reservations.0._schema"]),
        ({"reservations": [{}]}, [f"reservations.0.{n}" for n in sorted(unknown())]),
        ({"reservations": [unknown() | {"seats": 0}]}, ["reservations.0.seats"]),
        ({"reservations": [unknown() | {"seats": True}]}, ["reservations.0.seats"]),
        ({"reservations": [unknown() | {"seats": "1"}]}, ["reservations.0.seats"]),
        ({"reservations": [unknown(), unknown() | {"status": "live"}]}, ["reservations.1.status"]),
        ({"reservations": [unknown() | {"reservationId": ""}]}, ["reservations.0.reservationId"]),
        ({"reservations": [unknown() | {"reference": "x"}]}, ["reservations.0.reference"]),
        ({"reservations": [unknown(), unknown(2), unknown()]}, ["reservations.2.reservationId"]),
        (
            {"reservations": [unknown(1), unknown(1) | {"seats": 9}, unknown(1)]},
            ["reservations.1.reservationId", "reservations.2.reservationId"],
        ),
        ({"after": 2, "upTo": 1}, ["upTo"]),
        ({"after": -1}, ["after"]),
        ({"after": 2**63}, ["after"]),
        ({"after": "1"}, ["after"]),
        ({"upTo": -1}, ["upTo"]),
        ({"upTo": 1.5}, ["upTo"]),
        ({"upTo": None}, ["upTo"]),
        ({"up_to": 1}, ["up_to"]),
        ({"partnerId": "a b"}, ["partnerId"]),
    ],
)
def test_books_that_are_not_understood_are_refused(
    client: PartnerClient, members: dict[str, Any], fields: list[str]
) -> None:
    assert invalid_fields(post_books(client, **{"believed": [], **members})) == fields


def test_ids_with_half_a_character_or_a_zero_byte_break_nothing(client: PartnerClient) -> None:
    halved = b'{"partnerId":"abc-corp","reservations":[{"reservationId":"\\ud800",'
    body = halved + b'"seats":1,"status":"held"}]}'
    problem(client.post(RECONCILE, data=body, content_type="application/json"), 400, "invalid_json")

    for strange in ("\0", "a\0b", "😀" * 64, '"', "[]"):
        found = reconciled(client, [unknown() | {"reservationId": strange}])
        assert found["unknownHere"] == [strange]


def test_books_of_a_cancelled_event_can_still_be_compared(
    client: PartnerClient, change_event: ChangeEventOf
) -> None:
    made = client.reserve().get_json()
    change_event(cancelled=True)

    assert reconciled(client, [belief(made)])["different"] == []
