"""POST /events/pause: every sale at once."""

from tests.api.conftest import CreateEventOf
from tests.api.keyed import Keyed
from tests.api.partner import PartnerClient, problem
from ticketboss.services import Services

DEFAULT = "node-meetup-2025"


def test_all_events_are_paused_but_those_that_were_or_cannot_be(
    keyed: Keyed, create_event: CreateEventOf
) -> None:
    operator, partner = keyed.operator(), keyed.partner()
    for name in ("b-paused", "c-cancelled", "a-on-sale", "d-scheduled"):
        create_event(name, seats=5)
    operator.post("/events/b-paused/pause")
    operator.post("/events/c-cancelled/cancel")
    operator.patch("/events/d-scheduled", json={"onSaleFrom": "2100-01-01T00:00:00Z"})

    response = operator.post("/events/pause")

    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert response.get_json() == {
        "paused": ["a-on-sale", "d-scheduled", DEFAULT],
        "werePaused": ["b-paused"],
        "notPaused": [],
    }
    events = operator.get("/events").get_json()["events"]
    assert {event["eventId"]: event["saleState"] for event in events} == {
        "a-on-sale": "paused",
        "b-paused": "paused",
        "c-cancelled": "cancelled",
        "d-scheduled": "paused",
        DEFAULT: "paused",
    }
    problem(partner.reserve(), 409, "sale_paused")


def test_pausing_again_changes_nothing(keyed: Keyed, services: Services) -> None:
    operator = keyed.operator()
    operator.post("/events/pause")

    again = operator.post("/events/pause").get_json()

    assert again == {"paused": [], "werePaused": [DEFAULT], "notPaused": []}
    (entry,) = services.repository.ledger(DEFAULT, after_version=0, limit=10)
    assert (entry.kind, entry.actor) == ("event_changed", f"operator:{operator.key_id}")


def test_more_events_than_a_page_has_are_all_paused(
    keyed: Keyed, create_event: CreateEventOf
) -> None:
    for number in range(105):
        create_event(f"event-{number:03}", seats=5)

    paused = keyed.operator().post("/events/pause").get_json()["paused"]

    assert paused == [*(f"event-{number:03}" for number in range(105)), DEFAULT]


def test_open_mode_pauses_events_of_both_kinds(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    create_event("rehearsal", seats=5, is_test=True)

    assert client.post("/events/pause").get_json()["paused"] == [DEFAULT, "rehearsal"]


def test_each_paused_event_goes_on_by_itself(keyed: Keyed, create_event: CreateEventOf) -> None:
    at = create_event("concert", seats=5)
    operator, partner = keyed.operator(), keyed.partner()
    operator.post("/events/pause")

    operator.post(f"{at}/resume")

    assert partner.reserve(at=at).status_code == 201
    problem(partner.reserve(), 409, "sale_paused")
