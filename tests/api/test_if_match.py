"""If-Match: on POST the event's entity tag, on DELETE the reservation's."""

import pytest

from tests.api.conftest import CreateEventOf
from tests.api.partner import PartnerClient, problem

# No entity tags at all: an answer of 412 would send the partner to read again for ever.
MALFORMED = [
    "",
    " ",
    ",",
    '"1',
    '1"',
    "1",
    "1-on_sale",
    "W/1",
    "rubbish",
    '"1" "2"',
    '"1", rubbish',
]


@pytest.mark.parametrize(
    "if_match",
    ['"1-on_sale"', '"1"', '"1-sold_out"', "*", '"0", "1"', 'W/"0", "1-on_sale"'],
    ids=["as given", "number", "other sale state", "any", "list", "list with a weak one"],
)
def test_reservation_is_made_when_the_event_is_as_expected(
    client: PartnerClient, if_match: str
) -> None:
    client.reserve()

    assert client.reserve(if_match=if_match).status_code == 201


def test_etag_of_the_summary_can_be_sent_back_as_it_came(client: PartnerClient) -> None:
    etag = client.get("/").headers["ETag"]

    assert client.reserve(if_match=etag).status_code == 201
    problem(client.reserve(if_match=etag), 412, "precondition_failed")


@pytest.mark.parametrize(
    "if_match",
    [
        '"0-on_sale"',
        '"0"',
        '"2"',
        '"0", "2"',
        'W/"1"',
        'W/"1-on_sale"',
        '"9"',
        '"one"',
        '""',
        'W/""',
        '"","0"',
        f'"{"9" * 40}"',
    ],
)
def test_reservation_is_refused_when_the_event_moved_on(
    client: PartnerClient, if_match: str
) -> None:
    client.reserve()

    response = client.reserve(if_match=if_match)

    assert problem(response, 412, "precondition_failed")["currentVersion"] == 1
    assert response.headers["TicketBoss-Version"] == "1"
    assert client.event()["version"] == 1


@pytest.mark.parametrize("if_match", ['"2"', "*", '"1", "2"'])
def test_cancel_is_done_when_the_reservation_is_as_expected(
    client: PartnerClient, if_match: str
) -> None:
    client.reserve()
    reservation_id = client.reserved_id()
    # The reservation's tag is its own: other reservations do not change it.
    client.reserve()

    assert client.cancel(reservation_id, if_match=if_match).status_code == 204


@pytest.mark.parametrize("if_match", ['"1"', '"3"', '"3-on_sale"', 'W/"2"'])
def test_cancel_is_refused_when_the_reservation_is_another(
    client: PartnerClient, if_match: str
) -> None:
    client.reserve()
    reservation_id = client.reserved_id()
    client.reserve()

    response = client.cancel(reservation_id, if_match=if_match)

    assert problem(response, 412, "precondition_failed")["currentVersion"] == 2
    assert response.headers["TicketBoss-Version"] == "3"
    assert client.event()["reservationCount"] == 3


@pytest.mark.parametrize("if_match", MALFORMED)
def test_malformed_tags_of_a_post_are_refused_as_such(client: PartnerClient, if_match: str) -> None:
    client.reserve()

    refused = problem(client.reserve(if_match=if_match), 400, "invalid_header")

    assert "If-Match" in refused["detail"]
    assert client.event()["version"] == 1


@pytest.mark.parametrize("if_match", MALFORMED)
def test_malformed_tags_of_a_delete_are_refused_as_such(
    client: PartnerClient, if_match: str
) -> None:
    response = client.cancel(client.reserved_id(), if_match=if_match)

    problem(response, 400, "invalid_header")
    assert client.event()["version"] == 1


def test_key_is_looked_up_before_the_precondition(client: PartnerClient) -> None:
    first = client.reserve(key="order-1", if_match='"0"')
    reservation_id = first.get_json()["reservationId"]

    retried = client.reserve(key="order-1", if_match='"0"')
    reused = client.reserve(seats=2, key="order-1", if_match='"0"')
    cancelled = client.cancel(reservation_id, key="cancel-1", if_match='"1"')
    cancelled_again = client.cancel(reservation_id, key="cancel-1", if_match='"1"')

    assert retried.data == first.data
    problem(reused, 422, "idempotency_key_reused")
    assert (cancelled.status_code, cancelled_again.status_code) == (204, 204)
    assert cancelled_again.headers["Idempotent-Replayed"] == "true"


def test_precondition_is_compared_before_the_seats(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("small", seats=1)
    reservation_id = client.reserved_id(at=at)

    problem(client.reserve(at=at, if_match='"0"'), 412, "precondition_failed")
    problem(client.reserve(at=at, if_match='"1"'), 409, "not_enough_seats")
    client.cancel(reservation_id, at=at)
    problem(client.cancel(reservation_id, at=at, if_match='"1"'), 412, "precondition_failed")
    problem(client.cancel(reservation_id, at=at, if_match='"2"'), 404, "already_cancelled")


def test_body_is_validated_before_the_precondition(client: PartnerClient) -> None:
    client.reserve()

    problem(client.reserve(seats=0, if_match='"0"'), 400, "invalid_request")


def test_what_does_not_exist_is_not_found_whatever_is_expected(client: PartnerClient) -> None:
    for if_match in ("*", '"1"'):
        problem(client.reserve(at="/events/unknown", if_match=if_match), 404, "event_not_found")
        problem(client.cancel("unknown", if_match=if_match), 404, "reservation_not_found")


def test_refused_precondition_leaves_the_key_free(client: PartnerClient) -> None:
    problem(client.reserve(key="order-1", if_match='"7"'), 412, "precondition_failed")

    response = client.reserve(key="order-1", if_match='"0"')

    assert response.status_code == 201
    assert "Idempotent-Replayed" not in response.headers
