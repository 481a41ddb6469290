"""The event behind the URLs that name none: another one, or none, by the settings."""

from typing import cast

import pytest

from tests.api.conftest import CreateEventOf, OpenApp
from tests.api.partner import PartnerClient, problem


@pytest.fixture
def concert_client(open_app: OpenApp, create_event: CreateEventOf) -> PartnerClient:
    """A partner of a server whose default event is another one."""
    create_event("concert", seats=20)
    return cast(PartnerClient, open_app(default_event="concert").test_client())


@pytest.fixture
def eventless_client(open_app: OpenApp, create_event: CreateEventOf) -> PartnerClient:
    """A partner of a server without a default event."""
    create_event("concert", seats=20)
    return cast(PartnerClient, open_app(default_event="").test_client())


@pytest.mark.parametrize("url", ["/", "/reservations"])
def test_short_urls_mean_the_event_of_the_settings(concert_client: PartnerClient, url: str) -> None:
    assert concert_client.event(url)["eventId"] == "concert"


def test_reservations_go_to_the_event_of_the_settings(concert_client: PartnerClient) -> None:
    made = concert_client.reserve(seats=3)
    location = made.headers["Location"]

    assert made.get_json()["eventId"] == "concert"
    assert location.startswith("/reservations/")
    assert concert_client.get(location).get_json()["eventId"] == "concert"
    assert concert_client.delete(location).status_code == 204
    assert concert_client.event("/events/node-meetup-2025")["version"] == 0


@pytest.mark.parametrize("url", ["/", "/reservations", "/reservations/some-id"])
def test_without_a_default_event_short_urls_find_none(
    eventless_client: PartnerClient, url: str
) -> None:
    problem(eventless_client.get(url), 404, "event_not_found")


def test_without_a_default_event_nothing_is_sold_by_short_urls(
    eventless_client: PartnerClient,
) -> None:
    problem(eventless_client.reserve(), 404, "event_not_found")
    problem(eventless_client.cancel("some-id"), 404, "event_not_found")


def test_without_a_default_event_the_others_are_sold(eventless_client: PartnerClient) -> None:
    reservation_id = eventless_client.reserved_id(seats=3, at="/events/concert")

    assert eventless_client.event("/events/concert")["availableSeats"] == 17
    assert eventless_client.cancel(reservation_id, at="/events/concert").status_code == 204


def test_default_event_that_was_never_created_is_not_found(
    open_app: OpenApp, create_event: CreateEventOf
) -> None:
    create_event("concert", seats=20)
    client = cast(PartnerClient, open_app(default_event="opera").test_client())

    problem(client.get("/"), 404, "event_not_found")
    problem(client.reserve(), 404, "event_not_found")
    assert client.get("/readyz").status_code == 200
