"""What operators do on the pages: each action is asked for, confirmed, done once, and said."""

import re

import pytest
from flask import Flask

from tests.api.browsing import ONCE, Browser, browser
from tests.api.conftest import CLOCK_START_MS, Clock
from tests.api.keyed import Keyed
from tests.api.partner import PartnerClient
from ticketboss.services import Services

EVENT_ID = "node-meetup-2025"
EVENT = f"/console/events/{EVENT_ID}"
NEW_EVENT = {
    "eventId": "show",
    "name": "The show",
    "totalSeats": "100",
    "seatsPerReservationMax": "4",
    "seatsPerPartnerMax": "",
    "openHoldsPerPartnerMax": "1000",
    "holdSecondsTotalMax": "3600",
    "onSaleFrom": "2027-01-20T12:00",
    "onSaleUntil": "2027-01-21T12:00:30",
}


@pytest.fixture
def page(app: Flask) -> Browser:
    return browser(app)


def settings_form(page: Browser) -> dict[str, str]:
    """All fields of the form for an event's settings, as they stand."""
    html = page.get(f"{EVENT}/change").text
    fields = re.findall(r'<input[^>]* name="(\w+)" value="([^"]*)"', html)
    return {name: value for name, value in fields if name != "token"}


def test_event_is_created_with_its_window_in_utc(page: Browser, services: Services) -> None:
    asked = page.fill("/console/new-event", None, **NEW_EVENT)
    assert "Create this event?" in asked.text
    assert services.repository.event("show") is None

    done = page.confirm("/console/new-event", **NEW_EVENT)

    assert done.location == "/console/events/show?done=created"
    event = services.repository.event("show")
    assert event is not None
    assert (event.total_seats, event.seats_per_reservation_max) == (100, 4)
    assert event.seats_per_partner_max is None
    assert event.on_sale_from == CLOCK_START_MS + 5 * 86_400_000 + 4 * 3_600_000
    assert event.on_sale_until == event.on_sale_from + 86_430_000
    assert "The event was created." in page.get(done.location).text
    assert services.repository.ledger("show", -1, 1)[0].actor == "operator:open"


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("totalSeats", "many", "Not a valid integer."),
        ("totalSeats", "", "Not a valid integer."),
        ("totalSeats", "0", "Must be greater than or equal to 1"),
        ("eventId", "no spaces", "Must be 1 to 64 letters"),
        ("name", " ", "Must be 1 to 200 printable characters."),
        ("onSaleFrom", "soon", "It must look like"),
    ],
)
def test_wrong_field_is_told_beside_it_and_the_rest_is_kept(
    page: Browser, services: Services, field: str, text: str, message: str
) -> None:
    answer = page.fill("/console/new-event", None, **{**NEW_EVENT, field: text})

    assert answer.status_code == 400
    assert re.search(rf'id="{field}-error">{message}', answer.text)
    assert f'id="{field}"' in answer.text
    assert 'value="The show"' in answer.text or field == "name"
    assert services.repository.event("show") is None


def test_refused_creation_is_told_on_the_form(page: Browser) -> None:
    fields = NEW_EVENT | {"eventId": EVENT_ID}

    answer = page.confirm("/console/new-event", **fields)

    assert answer.status_code == 409
    assert "Event exists already" in answer.text
    assert 'value="The show"' in answer.text


def test_change_sends_only_what_was_edited(
    page: Browser, client: PartnerClient, services: Services
) -> None:
    fields = settings_form(page)
    # Somebody else changes another setting, and partners go on, while the form is open.
    client.patch(f"/events/{EVENT_ID}", json={"name": "Renamed meanwhile"})
    client.reserve(3)

    done = page.confirm(f"{EVENT}/change", **fields | {"totalSeats": "600"})

    assert done.location == f"{EVENT}?done=changed"
    event = services.repository.event(EVENT_ID)
    assert event is not None
    assert (event.name, event.total_seats) == ("Renamed meanwhile", 600)


def test_change_says_what_was_and_what_would_be(page: Browser) -> None:
    fields = settings_form(page) | {"totalSeats": "600", "seatsPerPartnerMax": "20"}

    asked = page.fill(f"{EVENT}/change", None, **fields)

    facts = re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", asked.text)
    assert facts == [("Capacity", "500 → 600"), ("Seats per partner", "- → 20")]


def test_emptied_limit_and_window_are_taken_away(page: Browser, services: Services) -> None:
    given = {"seatsPerPartnerMax": "5", "onSaleUntil": "2027-02-01T00:00"}
    page.confirm(f"{EVENT}/change", **settings_form(page) | given)
    event = services.repository.event(EVENT_ID)
    assert event is not None
    assert (event.seats_per_partner_max, event.on_sale_until is None) == (5, False)

    page.confirm(f"{EVENT}/change", **settings_form(page) | dict.fromkeys(given, ""))

    event = services.repository.event(EVENT_ID)
    assert event is not None
    assert (event.seats_per_partner_max, event.on_sale_until) == (None, None)


def test_change_that_is_refused_says_why(page: Browser, client: PartnerClient) -> None:
    client.reserve(10)

    answer = page.confirm(f"{EVENT}/change", **settings_form(page) | {"totalSeats": "9"})

    assert answer.status_code == 409
    assert "10 seats are reserved or held; the capacity cannot be 9." in answer.text


def test_refusal_speaks_of_the_fields_as_the_form_does(page: Browser) -> None:
    window = {"onSaleFrom": "2027-01-20T12:00", "onSaleUntil": "2027-01-20T11:00"}

    answer = page.confirm(f"{EVENT}/change", **settings_form(page) | window)

    assert answer.status_code == 400
    assert "“On sale until” must be later than “On sale from”." in answer.text


def test_change_of_nothing_says_so(page: Browser) -> None:
    done = page.fill(f"{EVENT}/change", None, **settings_form(page))

    assert done.location == f"{EVENT}?done=unchanged"
    assert "Nothing was changed" in page.get(done.location).text


@pytest.mark.parametrize("url", ["/console/new-event", f"{EVENT}/change"])
def test_way_back_from_the_question_keeps_what_was_typed(
    page: Browser, services: Services, url: str
) -> None:
    fields = settings_form(page) | NEW_EVENT
    form = page.fill(url, None, **fields, back="yes").text

    assert 'value="The show"' in form
    assert 'value="100"' in form
    assert page.confirm(url, **fields).status_code == 303
    assert services.repository.event("show" if "new" in url else EVENT_ID) is not None


def test_sale_is_paused_and_resumed(page: Browser, client: PartnerClient) -> None:
    done = page.fill(f"{EVENT}/pause")

    assert done.location == f"{EVENT}?done=paused"
    assert client.reserve().get_json()["code"] == "sale_paused"
    assert f'href="{EVENT}/resume"' in page.get(EVENT).text

    assert page.fill(f"{EVENT}/resume").location == f"{EVENT}?done=resumed"
    assert client.reserve().status_code == 201
    assert f'href="{EVENT}/pause"' in page.get(EVENT).text


def test_form_that_is_sent_twice_has_one_effect(page: Browser, services: Services) -> None:
    html = page.get(f"{EVENT}/pause").text
    once = ONCE.search(html)
    assert once
    sent = {"token": page.token(html), "once": once[1], "confirmed": "yes"}
    page.post(f"{EVENT}/pause", data=sent)
    page.fill(f"{EVENT}/resume")

    again = page.post(f"{EVENT}/pause", data=sent)

    assert again.status_code == 303
    event = services.repository.event(EVENT_ID)
    assert event is not None
    assert (event.paused, event.version) == (False, 2)


def test_reservation_is_found_by_id_and_reference_and_cancelled(
    page: Browser, client: PartnerClient, clock: Clock
) -> None:
    made = client.reserve(3, reference="PO-4711").get_json()
    client.reserve(1, reference="PO-4712")
    reservation_id = made["reservationId"]

    for wanted in (reservation_id, " PO-4711 "):
        found = page.get(f"{EVENT}/reservations", query_string={"find": wanted}).text
        assert re.findall(r'href="[^"]+/reservations/([^"]+)/cancel"', found) == [reservation_id]
    asked = page.get(f"{EVENT}/reservations/{reservation_id}/cancel").text
    assert "PO-4711" in asked
    done = page.fill(f"{EVENT}/reservations/{reservation_id}/cancel")

    assert done.location == f"{EVENT}/reservations?done=cancelled"
    assert client.reservation(reservation_id)["status"] == "cancelled"
    assert client.event()["availableSeats"] == 499
    again = page.fill(f"{EVENT}/reservations/{reservation_id}/cancel")
    assert again.status_code == 404
    assert "Reservation already cancelled" in again.text
    found = page.get(f"{EVENT}/reservations?find={reservation_id}").text
    assert f"{reservation_id}/cancel" not in found


def test_unknown_reservation_is_said_to_be_none(page: Browser) -> None:
    assert "no reservation with this id" in page.get(f"{EVENT}/reservations?find=none").text
    assert page.get(f"{EVENT}/reservations/none/cancel").status_code == 404


def test_actions_are_of_the_operator_who_signed_in(keyed: Keyed, services: Services) -> None:
    issued = keyed.issue()
    page = browser(keyed.app)
    page.sign_in(issued.secret)

    page.fill(f"{EVENT}/pause")
    page.fill("/console/partners/abc-corp/freeze", None, holds="release")

    actor = f"operator:{issued.key.key_id}"
    assert services.repository.ledger(EVENT_ID, 0, 1)[0].actor == actor
    assert services.repository.access.admin_log(None, 1)[0].actor == actor
