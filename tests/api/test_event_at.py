"""An event as it was: at any of its versions, from the ledger alone."""

from typing import Any

import pytest

from tests.api.conftest import CLOCK_START_MS, ChangeEventOf, Clock, CreateEventOf
from tests.api.keyed import Keyed
from tests.api.partner import PartnerClient, problem
from ticketboss.domain.ledger import replay
from ticketboss.formats import rfc3339
from ticketboss.services import Services

EVENT_ID = "node-meetup-2025"
EVENT = f"/events/{EVENT_ID}"
HOUR_MS = 3_600_000


@pytest.fixture
def seen(
    client: PartnerClient, clock: Clock, change_event: ChangeEventOf
) -> dict[int, dict[str, Any]]:
    """What was told of the event right after each change, by version, in a varied history."""
    told = {0: client.event(EVENT)}

    def look() -> None:
        document = client.event(EVENT)
        told[document["version"]] = document
        clock.move(1)

    changes: list[dict[str, Any]] = [
        {"name": "Another", "total_seats": 20},
        {"paused": True},
        {"paused": False, "seats_per_partner_max": 30},
        {"on_sale_from": CLOCK_START_MS + HOUR_MS},
        {"on_sale_from": None, "on_sale_until": CLOCK_START_MS + HOUR_MS},
        {"seats_per_reservation_max": 4, "open_holds_per_partner_max": 2},
        {"hold_seconds_total_max": 90},
    ]
    for change in changes:
        change_event(**change)
        look()
        if client.event(EVENT)["saleState"] != "on_sale":
            continue
        reserved, held = client.reserved_id(3), client.held_id(2, seconds=5)
        look()
        client.change(reserved, seats=1)
        look()
        client.confirm(held)
        look()
        client.cancel(held)
        look()
        client.hold(1, seconds=3)
        look()
        clock.move(3)
    client.reserve(4)
    look()
    change_event(total_seats=client.event(EVENT)["reservedSeats"])
    look()
    change_event(cancelled=True)
    look()
    return told


def test_each_version_is_told_as_it_was_told_then(
    client: PartnerClient, seen: dict[int, dict[str, Any]]
) -> None:
    states = {document["saleState"] for document in seen.values()}

    assert states == {"on_sale", "paused", "scheduled", "sold_out", "cancelled"}
    assert len(seen) > 25
    for version, document in seen.items():
        assert client.event(f"{EVENT}?at={version}") == document


def test_each_version_is_what_a_replay_gives(
    client: PartnerClient, services: Services, seen: dict[int, dict[str, Any]]
) -> None:
    ledger = services.repository.ledger(EVENT_ID, -1, 10_000)

    assert len(ledger) > len(seen)
    for entry in ledger:
        event = replay(ledger[: entry.version + 1]).event
        assert event is not None
        told = client.event(f"{EVENT}?at={entry.version}")
        assert told == {
            "eventId": EVENT_ID,
            "name": event.name,
            "totalSeats": event.total_seats,
            "availableSeats": event.available_seats,
            "heldSeats": event.held_seats,
            "reservedSeats": event.reserved_seats,
            "reservationCount": event.reservation_count,
            "saleState": event.sale_state(entry.at),
            "version": entry.version,
            "seatsPerReservationMax": event.seats_per_reservation_max,
            "seatsPerPartnerMax": event.seats_per_partner_max,
            "openHoldsPerPartnerMax": event.open_holds_per_partner_max,
            "holdSecondsTotalMax": event.hold_seconds_total_max,
            "onSaleFrom": event.on_sale_from and rfc3339(event.on_sale_from),
            "onSaleUntil": event.on_sale_until and rfc3339(event.on_sale_until),
            "paused": event.paused,
            "isTest": event.is_test,
        }


@pytest.mark.parametrize("url", ["/", "/reservations", EVENT, f"{EVENT}/"])
def test_version_can_be_asked_for_wherever_the_summary_is(client: PartnerClient, url: str) -> None:
    client.reserve(2)
    client.reserve(3)

    assert [client.event(f"{url}?at={n}")["availableSeats"] for n in range(3)] == [500, 498, 495]


@pytest.mark.parametrize("url", ["/", EVENT])
@pytest.mark.parametrize("version", [2, 3, 10**17])
def test_version_that_is_still_to_come_is_not_found(
    client: PartnerClient, url: str, version: int
) -> None:
    client.reserve()

    document = problem(client.get(f"{url}?at={version}"), 404, "version_not_found")

    assert document["currentVersion"] == 1
    assert document["retryable"] is False


def test_unknown_event_has_no_versions(client: PartnerClient) -> None:
    problem(client.get("/events/unknown?at=0"), 404, "event_not_found")


def test_versions_are_for_keys_that_may_read_the_event(
    keyed: Keyed, create_event: CreateEventOf
) -> None:
    rehearsal = create_event("rehearsal", seats=5, is_test=True)

    assert keyed.partner(is_test=True).event(f"{rehearsal}?at=0")["totalSeats"] == 5
    problem(keyed.partner(is_test=True).get(f"{EVENT}?at=0"), 403, "test_key")
    problem(keyed.partner().get(f"{rehearsal}?at=9"), 403, "test_key")


def test_version_has_its_own_entity_tag_for_ever(client: PartnerClient) -> None:
    client.reserve()
    current = client.get(EVENT).headers["ETag"]
    client.reserve()

    response = client.get(f"{EVENT}?at=1")

    assert response.headers["ETag"] == current == '"1-on_sale"'
    assert response.headers["Cache-Control"] == "no-store"
    assert client.get(f"{EVENT}?at=0").headers["ETag"] == '"0-on_sale"'


def test_entity_tag_of_a_version_does_not_change_with_the_time(
    client: PartnerClient, clock: Clock, change_event: ChangeEventOf
) -> None:
    change_event(on_sale_until=CLOCK_START_MS + HOUR_MS)
    clock.move(3_600)

    assert client.get(EVENT).headers["ETag"] == '"1-ended"'
    then = client.get(f"{EVENT}?at=1")
    assert (then.headers["ETag"], then.get_json()["saleState"]) == ('"1-on_sale"', "on_sale")


@pytest.mark.parametrize(
    ("if_none_match", "status"),
    [
        ('"1-on_sale"', 304),
        ('W/"1-on_sale"', 304),
        ('"0-on_sale", "1-on_sale"', 304),
        ("*", 304),
        ('"2-on_sale"', 200),
        ('"1"', 200),
    ],
)
def test_version_that_the_client_has_is_not_sent_again(
    client: PartnerClient, if_none_match: str, status: int
) -> None:
    client.reserve()
    client.reserve()

    response = client.get(f"{EVENT}?at=1", headers={"If-None-Match": if_none_match})

    assert response.status_code == status
    assert response.headers["ETag"] == '"1-on_sale"'
    assert (response.data == b"") == (status == 304)
