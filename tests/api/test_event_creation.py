"""POST /events: what an operator may put on sale, and what a repetition gets."""

from typing import Any

import pytest

from tests.api.conftest import CLOCK_START, Clock
from tests.api.keyed import Keyed
from tests.api.operating import CONCERT, patch_event, post_event
from tests.api.partner import PartnerClient, invalid_fields, problem
from tests.api.test_idempotency import assert_replayed
from ticketboss.services import Services

DEFAULTS: dict[str, Any] = {
    "seatsPerReservationMax": 10,
    "seatsPerPartnerMax": None,
    "openHoldsPerPartnerMax": 1_000,
    "holdSecondsTotalMax": 3_600,
    "onSaleFrom": None,
    "onSaleUntil": None,
    "paused": False,
    "isTest": False,
}
NEW = {
    "eventId": "concert",
    "name": "Concert",
    "totalSeats": 10,
    "availableSeats": 10,
    "heldSeats": 0,
    "reservedSeats": 0,
    "reservationCount": 0,
    "saleState": "on_sale",
    "version": 0,
}
CHOSEN: dict[str, Any] = {
    "name": "Straße 🎫",
    "totalSeats": 7,
    "seatsPerReservationMax": 4,
    "seatsPerPartnerMax": 5,
    "openHoldsPerPartnerMax": 0,
    "holdSecondsTotalMax": 86_400,
    "onSaleFrom": CLOCK_START,
    "onSaleUntil": "2027-01-15T08:00:00.001Z",
}


@pytest.fixture
def operator(keyed: Keyed, keyed_clock: Clock) -> PartnerClient:
    return keyed.operator()


def test_event_needs_an_id_a_name_and_seats(operator: PartnerClient) -> None:
    response = post_event(operator)

    assert response.status_code == 201
    assert response.get_json() == NEW | DEFAULTS
    assert response.headers["Location"] == CONCERT
    assert response.headers["ETag"] == '"0-on_sale"'
    assert response.headers["TicketBoss-Version"] == "0"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Idempotent-Replayed" not in response.headers


def test_new_event_reads_as_its_making_was_answered(operator: PartnerClient, keyed: Keyed) -> None:
    made = post_event(operator, **CHOSEN)
    found = keyed.partner().get(CONCERT)

    assert made.status_code == 201, made.text
    assert made.get_json() == NEW | DEFAULTS | CHOSEN | {"availableSeats": 7}
    assert found.data == made.data
    assert found.headers["ETag"] == made.headers["ETag"]


def test_new_event_is_on_sale_at_once(operator: PartnerClient, keyed: Keyed) -> None:
    post_event(operator)

    assert keyed.partner().reserve(at=CONCERT).status_code == 201


def test_null_stands_for_no_limit(operator: PartnerClient) -> None:
    unlimited: dict[str, Any] = {
        "seatsPerPartnerMax": None,
        "onSaleFrom": None,
        "onSaleUntil": None,
    }

    assert post_event(operator, **unlimited).get_json() == NEW | DEFAULTS


def test_event_id_is_trimmed(operator: PartnerClient) -> None:
    response = post_event(operator, event_id="  concert\n")

    assert response.get_json()["eventId"] == "concert"
    assert response.headers["Location"] == CONCERT


@pytest.mark.parametrize("missing", ["eventId", "name", "totalSeats"])
def test_event_without_its_needs_is_none(operator: PartnerClient, missing: str) -> None:
    body = {"eventId": "concert", "name": "Concert", "totalSeats": 10}
    del body[missing]

    assert invalid_fields(operator.post("/events", json=body)) == [missing]


@pytest.mark.parametrize(
    "event_id", ["", " ", ".", "..", "...", "a b", "a/b", "a?", "ä", "a" * 65, "a\x00", None, 7]
)
def test_event_id_must_fit_into_a_url(operator: PartnerClient, event_id: object) -> None:
    response = operator.post(
        "/events", json={"eventId": event_id, "name": "Concert", "totalSeats": 10}
    )

    assert invalid_fields(response) == ["eventId"]


@pytest.mark.parametrize("event_id", ["a", "a" * 64, "..a", "A-Z_0:9.", "-", "pause", "1"])
def test_event_id_at_the_edge_is_taken(
    operator: PartnerClient, keyed: Keyed, event_id: str
) -> None:
    response = post_event(operator, event_id=event_id)

    assert response.status_code == 201
    location = response.headers["Location"]
    assert location == f"/events/{event_id}"
    assert keyed.partner().event(location)["eventId"] == event_id
    assert operator.post(f"{location}/pause").get_json()["saleState"] == "paused"


@pytest.mark.parametrize("is_test", [None, 0, 1, "true", []])
def test_kind_of_an_event_is_true_or_false(operator: PartnerClient, is_test: object) -> None:
    assert invalid_fields(post_event(operator, isTest=is_test)) == ["isTest"]


@pytest.mark.parametrize("name", ["paused", "cancelled", "version", "availableSeats", "saleState"])
def test_what_is_not_set_at_the_beginning_is_unknown(operator: PartnerClient, name: str) -> None:
    assert invalid_fields(post_event(operator, **_one(name, 1))) == [name]


@pytest.mark.parametrize("until", ["2027-01-15T08:00:00Z", "2027-01-15T07:59:59.999Z"])
def test_sale_must_end_after_it_begins(operator: PartnerClient, until: str) -> None:
    response = post_event(operator, onSaleFrom=CLOCK_START, onSaleUntil=until)

    problem(response, 400, "invalid_sale_window")
    problem(operator.get(CONCERT), 404, "event_not_found")


@pytest.mark.parametrize("key", [None, "create-2"])
def test_event_that_exists_cannot_be_made_again(operator: PartnerClient, key: str | None) -> None:
    post_event(operator, key="create-1")

    response = post_event(operator, key=key, totalSeats=20)

    problem(response, 409, "event_exists")
    assert response.headers["TicketBoss-Version"] == "0"
    assert operator.event(CONCERT)["totalSeats"] == 10


def test_repetition_gets_the_same_answer_also_after_further_changes(
    operator: PartnerClient, keyed: Keyed
) -> None:
    first = post_event(operator, key="create-1")
    for changed in ("reserve", "patch", "cancel"):
        if changed == "reserve":
            keyed.partner().reserve(at=CONCERT)
        elif changed == "patch":
            patch_event(operator, name="Another", totalSeats=5)
        else:
            operator.post(f"{CONCERT}/cancel")

        assert_replayed(post_event(operator, key="create-1"), first)
    assert operator.event(CONCERT)["saleState"] == "cancelled"


def test_repetition_that_spells_out_the_defaults_is_the_same_request(
    operator: PartnerClient,
) -> None:
    first = post_event(operator, key="create-1")

    spelt_out = {name: value for name, value in DEFAULTS.items() if name != "paused"}
    assert_replayed(post_event(operator, key="create-1", **spelt_out), first)


def test_same_key_for_another_request_is_refused(operator: PartnerClient) -> None:
    post_event(operator, key="create-1")

    problem(post_event(operator, key="create-1", totalSeats=11), 422, "idempotency_key_reused")
    assert post_event(operator, key="create-1", event_id="other").status_code == 201


def test_key_of_another_operator_is_another_key(operator: PartnerClient, keyed: Keyed) -> None:
    post_event(operator, key="create-1")

    problem(post_event(keyed.operator(), key="create-1"), 409, "event_exists")


def test_refused_event_leaves_nothing_behind(operator: PartnerClient, services: Services) -> None:
    post_event(operator, key="create-1", totalSeats=0)
    post_event(operator, key="create-1", onSaleFrom=CLOCK_START, onSaleUntil=CLOCK_START)

    assert services.repository.ledger("concert", after_version=-1, limit=10) == []
    assert post_event(operator, key="create-1").status_code == 201


def _one(name: str, value: Any) -> dict[str, Any]:
    return {name: value}
