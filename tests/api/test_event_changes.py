"""PATCH /events/{id}, pause, resume and cancel: what changes, what is refused, what is repeated."""

from typing import Any

import pytest

from tests.api.conftest import CLOCK_START, CLOCK_START_MS, Clock
from tests.api.keyed import Keyed
from tests.api.operating import CONCERT, conditions, patch_event, post_event
from tests.api.partner import PartnerClient, problem
from tests.api.test_idempotency import assert_replayed
from ticketboss.domain.events import SETTING_NAMES
from ticketboss.services import Services

ACTIONS = ("pause", "resume", "cancel")


@pytest.fixture
def operator(keyed: Keyed, keyed_clock: Clock) -> PartnerClient:
    """An operator with an event of ten seats."""
    client = keyed.operator()
    assert post_event(client).status_code == 201
    return client


@pytest.fixture
def partner(keyed: Keyed) -> PartnerClient:
    return keyed.partner()


def test_change_is_answered_by_the_event_after_it(operator: PartnerClient) -> None:
    before = operator.event(CONCERT)

    response = patch_event(operator, name="Another", seatsPerPartnerMax=4)

    assert response.status_code == 200
    changed = {"name": "Another", "seatsPerPartnerMax": 4, "version": 1}
    assert response.get_json() == before | changed == operator.event(CONCERT)
    assert response.headers["ETag"] == '"1-on_sale"'
    assert response.headers["TicketBoss-Version"] == "1"
    assert response.headers["Cache-Control"] == "no-store"


def test_null_takes_a_limit_away(operator: PartnerClient) -> None:
    limits: dict[str, Any] = {
        "seatsPerPartnerMax": 1,
        "onSaleFrom": CLOCK_START,
        "onSaleUntil": "2028-01-01T00:00:00Z",
    }
    patch_event(operator, **limits)

    unlimited = dict.fromkeys(limits)
    assert patch_event(operator, **unlimited).get_json().items() >= unlimited.items()
    assert operator.event(CONCERT).items() >= unlimited.items()


def test_ledger_has_the_actor_and_all_settings_after_a_change(
    operator: PartnerClient, services: Services
) -> None:
    patch_event(operator, seatsPerPartnerMax=4, totalSeats=12)

    (entry,) = services.repository.ledger("concert", after_version=0, limit=10)
    assert (entry.kind, entry.actor) == ("event_changed", f"operator:{operator.key_id}")
    assert (entry.at, entry.total_seats) == (CLOCK_START_MS, 12)
    assert set(SETTING_NAMES) <= entry.detail.keys()
    assert entry.detail["seats_per_partner_max"] == 4


def test_capacity_stays_above_what_is_taken(
    operator: PartnerClient, partner: PartnerClient
) -> None:
    partner.reserve(2, at=CONCERT)
    partner.hold(3, at=CONCERT)

    refused = patch_event(operator, totalSeats=4, name="Another")
    taken = patch_event(operator, totalSeats=5)

    document = problem(refused, 409, "capacity_in_use")
    assert (document["requestedSeats"], document["takenSeats"]) == (4, 5)
    assert refused.headers["TicketBoss-Version"] == "2"
    assert taken.get_json()["saleState"] == "sold_out"
    assert taken.get_json()["availableSeats"] == 0
    assert taken.get_json()["name"] == "Concert"


@pytest.mark.parametrize("until", [CLOCK_START, "2027-01-15T07:59:59.999Z"])
def test_sale_window_stays_open_whichever_end_is_moved(operator: PartnerClient, until: str) -> None:
    patch_event(operator, onSaleFrom=CLOCK_START)

    problem(patch_event(operator, onSaleUntil=until), 400, "invalid_sale_window")
    assert operator.event(CONCERT)["onSaleUntil"] is None
    assert patch_event(operator, onSaleFrom=None, onSaleUntil=until).status_code == 200
    problem(patch_event(operator, onSaleFrom=CLOCK_START), 400, "invalid_sale_window")


def test_change_of_nothing_is_no_change(
    operator: PartnerClient, partner: PartnerClient, services: Services
) -> None:
    for version in (0, 1):
        response = patch_event(operator, name="Concert", totalSeats=10)

        assert response.status_code == 200
        assert response.get_json() == operator.event(CONCERT)
        assert response.get_json()["version"] == version
        assert response.headers["TicketBoss-Version"] == str(version)
        # The newest entry is then a reservation's.
        partner.reserve(at=CONCERT)

    entries = services.repository.ledger("concert", after_version=0, limit=10)
    assert [entry.kind for entry in entries] == ["reserved", "reserved"]


def test_change_of_nothing_tells_the_state_of_now(
    operator: PartnerClient, keyed_clock: Clock
) -> None:
    patch_event(operator, onSaleFrom="2027-01-15T08:01:00Z", onSaleUntil="2027-01-15T08:02:00Z")
    states = []
    for _ in range(3):
        response = patch_event(operator, name="Concert")
        assert response.headers["ETag"] == operator.get(CONCERT).headers["ETag"]
        states.append(response.get_json()["saleState"])
        keyed_clock.move(60)

    assert states == ["scheduled", "on_sale", "ended"]


def test_pause_and_resume(operator: PartnerClient, partner: PartnerClient) -> None:
    hold_id = partner.held_id(at=CONCERT)

    paused = operator.post(f"{CONCERT}/pause")
    problem(partner.reserve(at=CONCERT), 409, "sale_paused")
    assert partner.confirm(hold_id, CONCERT).status_code == 200
    resumed = operator.post(f"{CONCERT}/resume")

    assert (paused.status_code, resumed.status_code) == (200, 200)
    assert paused.headers["ETag"] == '"2-paused"'
    assert resumed.headers["ETag"] == '"4-on_sale"'
    assert resumed.get_json() == operator.event(CONCERT)
    assert partner.reserve(at=CONCERT).status_code == 201


def test_pause_of_what_is_paused_is_no_change(operator: PartnerClient) -> None:
    first = operator.post(f"{CONCERT}/pause")

    second = operator.post(f"{CONCERT}/pause")

    assert second.status_code == 200
    assert second.data == first.data
    assert second.headers["TicketBoss-Version"] == "1"


def test_cancelled_event_stays_as_it_is(operator: PartnerClient, partner: PartnerClient) -> None:
    cancelled = operator.post(f"{CONCERT}/cancel")

    assert cancelled.status_code == 200
    assert cancelled.headers["ETag"] == '"1-cancelled"'
    problem(partner.reserve(at=CONCERT), 409, "event_cancelled")
    problem(patch_event(operator, name="Another"), 409, "event_cancelled")
    problem(operator.post(f"{CONCERT}/pause"), 409, "event_cancelled")
    assert operator.post(f"{CONCERT}/cancel").data == cancelled.data
    assert operator.event(CONCERT) == cancelled.get_json()


@pytest.mark.parametrize("url", [CONCERT, *(f"{CONCERT}/{action}" for action in ACTIONS)])
def test_stale_version_is_refused(operator: PartnerClient, url: str) -> None:
    etag = operator.get(CONCERT).headers["ETag"]
    method = "PATCH" if url == CONCERT else "POST"
    json = {"name": "Another"} if url == CONCERT else None
    patch_event(operator, name="Meanwhile")

    stale = operator.open(url, method=method, json=json, headers=conditions(if_match=etag))
    problem(stale, 412, "precondition_failed")
    wrong = operator.open(url, method=method, json=json, headers=conditions(if_match="rubbish"))
    problem(wrong, 400, "invalid_header")
    assert operator.event(CONCERT)["version"] == 1

    etag = operator.get(CONCERT).headers["ETag"]
    fresh = operator.open(url, method=method, json=json, headers=conditions(if_match=etag))
    assert fresh.status_code == 200


@pytest.mark.parametrize("action", ["", *(f"/{action}" for action in ACTIONS)])
def test_unknown_event_cannot_be_changed(operator: PartnerClient, action: str) -> None:
    method = "POST" if action else "PATCH"

    response = operator.open(f"/events/unknown{action}", method=method, json={"name": "Another"})

    problem(response, 404, "event_not_found")
    assert "TicketBoss-Version" not in response.headers


def test_repeated_change_gets_the_same_answer_and_has_no_second_effect(
    operator: PartnerClient, partner: PartnerClient, keyed_clock: Clock
) -> None:
    until = "2027-01-15T08:01:00Z"
    first = patch_event(
        operator, key="k", if_match='"0-on_sale"', name="Another", onSaleUntil=until
    )
    assert first.status_code == 200
    partner.reserve(at=CONCERT)
    patch_event(operator, name="Third")
    keyed_clock.move(60)

    again = patch_event(operator, key="k", if_match='"0"', onSaleUntil=until, name="Another")

    assert_replayed(again, first)
    assert operator.event(CONCERT)["name"] == "Third"
    reused = patch_event(operator, key="k", name="Fourth")
    problem(reused, 422, "idempotency_key_reused")
    other = operator.post(f"{CONCERT}/pause", headers=conditions("k"))
    problem(other, 422, "idempotency_key_reused")


@pytest.mark.parametrize(("action", "undone_by"), [("pause", "resume"), ("resume", "pause")])
def test_late_repetition_undoes_nothing(
    operator: PartnerClient, action: str, undone_by: str
) -> None:
    first = operator.post(f"{CONCERT}/{action}", headers=conditions("k"))
    operator.post(f"{CONCERT}/{undone_by}")
    before = operator.get(CONCERT).data

    assert_replayed(operator.post(f"{CONCERT}/{action}", headers=conditions("k")), first)
    assert operator.get(CONCERT).data == before
    operator.post(f"{CONCERT}/cancel")
    assert_replayed(operator.post(f"{CONCERT}/{action}", headers=conditions("k")), first)


def test_repeated_cancellation_gets_the_same_answer(
    operator: PartnerClient, partner: PartnerClient, services: Services
) -> None:
    partner.reserve(3, at=CONCERT)
    first = operator.post(f"{CONCERT}/cancel", headers=conditions("k"))
    services.sweeper.sweep()

    assert_replayed(operator.post(f"{CONCERT}/cancel", headers=conditions("k")), first)
    assert (first.get_json()["availableSeats"], operator.event(CONCERT)["availableSeats"]) == (
        7,
        10,
    )
