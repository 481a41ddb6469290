"""GET of an event: its counters, its entity tag, always JSON."""

import pytest

from tests.api.conftest import CreateEventOf
from tests.api.partner import PartnerClient, invalid_fields

SUMMARY_URLS = ("/", "/reservations", "/events/node-meetup-2025")


@pytest.mark.parametrize("url", SUMMARY_URLS)
def test_new_event_has_all_its_seats(client: PartnerClient, url: str) -> None:
    response = client.get(url)

    assert response.status_code == 200
    assert response.get_json() == {
        "eventId": "node-meetup-2025",
        "name": "Node.js Meet-up",
        "totalSeats": 500,
        "availableSeats": 500,
        "heldSeats": 0,
        "reservedSeats": 0,
        "reservationCount": 0,
        "saleState": "on_sale",
        "version": 0,
        "seatsPerReservationMax": 10,
        "seatsPerPartnerMax": None,
        "openHoldsPerPartnerMax": 1_000,
        "holdSecondsTotalMax": 3_600,
        "onSaleFrom": None,
        "onSaleUntil": None,
        "paused": False,
        "isTest": False,
    }
    assert response.headers["ETag"] == '"0-on_sale"'


def test_counters_follow_reservations_and_cancellations(client: PartnerClient) -> None:
    client.reserve(seats=3)
    second_id = client.reserved_id(seats=4)
    client.reserve(seats=5)
    client.cancel(second_id)

    summary = client.event()

    assert summary["availableSeats"] == 492
    assert summary["reservedSeats"] == 8
    assert summary["reservationCount"] == 2
    assert summary["version"] == 4


def test_last_seat_changes_the_sale_state(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("small", seats=2)
    client.reserve(seats=2, at=at)

    response = client.get(at)

    assert response.get_json()["saleState"] == "sold_out"
    assert response.headers["ETag"] == '"1-sold_out"'


def test_event_that_sold_out_is_on_sale_again_when_seats_come_back(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("small", seats=2)
    client.cancel(client.reserved_id(seats=2, at=at), at=at)

    assert client.event(at)["saleState"] == "on_sale"
    assert client.get(at).headers["ETag"] == '"2-on_sale"'


@pytest.mark.parametrize("url", SUMMARY_URLS)
@pytest.mark.parametrize(
    "accept", ["text/html", "text/html,application/xhtml+xml,*/*;q=0.1", "*/*"]
)
def test_browser_gets_json_too(client: PartnerClient, url: str, accept: str) -> None:
    response = client.get(url, headers={"Accept": accept})

    assert response.content_type == "application/json"


@pytest.mark.parametrize("url", SUMMARY_URLS)
@pytest.mark.parametrize(
    "if_none_match",
    ['"0-on_sale"', 'W/"0-on_sale"', '"7-on_sale", "0-on_sale"', "*"],
    ids=["same", "weak", "list", "any"],
)
def test_unchanged_event_is_not_sent_again(
    client: PartnerClient, url: str, if_none_match: str
) -> None:
    response = client.get(url, headers={"If-None-Match": if_none_match})

    assert response.status_code == 304
    assert response.data == b""
    assert response.headers["ETag"] == '"0-on_sale"'


@pytest.mark.parametrize("if_none_match", ['"1-on_sale"', '"0"', '"0-sold_out"', "rubbish", ""])
def test_other_tags_get_the_event(client: PartnerClient, if_none_match: str) -> None:
    assert client.get("/", headers={"If-None-Match": if_none_match}).status_code == 200


def test_tag_of_before_a_change_gets_the_event(client: PartnerClient) -> None:
    etag = client.get("/").headers["ETag"]
    client.reserve()

    response = client.get("/", headers={"If-None-Match": etag})

    assert response.status_code == 200
    assert response.get_json()["version"] == 1


@pytest.mark.parametrize("url", SUMMARY_URLS)
def test_head_gives_the_same_headers_as_get(client: PartnerClient, url: str) -> None:
    got, head = client.get(url), client.head(url)

    assert head.data == b""
    for name in ("ETag", "Content-Type", "Content-Length", "Cache-Control"):
        assert head.headers[name] == got.headers[name]


def test_caches_must_ask_before_they_use_an_event_again(client: PartnerClient) -> None:
    assert client.get("/").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("url", SUMMARY_URLS)
def test_query_that_is_not_understood_is_refused(client: PartnerClient, url: str) -> None:
    assert invalid_fields(client.get(f"{url}?limit=5&x=%00")) == ["limit", "x"]
