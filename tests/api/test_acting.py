"""For whom a key may act, and whom the ledger names."""

import pytest

from tests.api.conftest import CreateEventOf
from tests.api.keyed import Keyed
from tests.api.partner import PARTNER_ID, PartnerClient, invalid_fields, problem
from tests.api.test_idempotency import assert_replayed
from ticketboss.services import Services

EVENT_ID = "node-meetup-2025"


def ledger_of(services: Services, event_id: str = EVENT_ID) -> list[tuple[str, str]]:
    """Kind and actor of each entry after the first."""
    entries = services.repository.ledger(event_id, after_version=0, limit=100)
    return [(entry.kind, entry.actor) for entry in entries]


def test_partners_key_says_for_whom_it_reserves(keyed: Keyed) -> None:
    response = keyed.partner("rival").post("/reservations", json={"seats": 2})

    assert response.status_code == 201
    assert response.get_json()["partnerId"] == "rival"


def test_partner_id_that_matches_its_key_is_taken(keyed: Keyed) -> None:
    partner = keyed.partner("rival")

    for written in ("rival", "  rival\t"):
        response = partner.reserve(partner_id=written)
        assert (response.status_code, response.get_json()["partnerId"]) == (201, "rival")


@pytest.mark.parametrize("partner_id", ["abc-corp", "RIVAL", "rival.", "rival:2"])
def test_partner_id_of_another_is_refused(keyed: Keyed, partner_id: str) -> None:
    partner = keyed.partner("rival")

    document = problem(partner.reserve(partner_id=partner_id), 403, "partner_mismatch")

    assert partner_id not in document["detail"]
    problem(partner.hold(partner_id=partner_id), 403, "partner_mismatch")
    assert partner.event()["version"] == 0


@pytest.mark.parametrize("partner_id", [None, "", " ", 7, True, ["rival"], "a b", "a" * 65])
def test_partner_id_that_is_none_is_invalid(keyed: Keyed, partner_id: object) -> None:
    response = keyed.partner("rival").reserve(partner_id=partner_id)

    assert invalid_fields(response) == ["partnerId"]


def test_refused_partner_id_uses_up_no_idempotency_key(keyed: Keyed) -> None:
    partner = keyed.partner("rival")
    problem(partner.reserve(partner_id="abc-corp", key="order-1"), 403, "partner_mismatch")

    response = partner.reserve(key="order-1")

    assert response.status_code == 201
    assert "Idempotent-Replayed" not in response.headers


def test_request_is_the_same_with_its_partner_id_and_without(keyed: Keyed) -> None:
    partner = keyed.partner("rival")
    first = partner.reserve(seats=2, key="order-1")

    headers = {"Idempotency-Key": "order-1"}
    assert_replayed(partner.post("/reservations", json={"seats": 2}, headers=headers), first)


def test_operator_must_say_for_whom(keyed: Keyed) -> None:
    response = keyed.operator().post("/reservations", json={"seats": 2})

    assert invalid_fields(response) == ["partnerId"]


def test_operator_reserves_for_anybody(keyed: Keyed) -> None:
    operator = keyed.operator()
    reservation_id = operator.reserved_id(partner_id="rival")

    assert keyed.partner("rival").reservation(reservation_id)["partnerId"] == "rival"
    assert keyed.partner(PARTNER_ID).get(f"/reservations/{reservation_id}").status_code == 404


@pytest.mark.parametrize("at", ["", f"/events/{EVENT_ID}"])
def test_operator_acts_on_every_reservation(keyed: Keyed, services: Services, at: str) -> None:
    operator, partner = keyed.operator(), keyed.partner("rival")
    hold_id, reservation_id = partner.held_id(), partner.reserved_id(3)

    assert operator.reservation(hold_id, at)["partnerId"] == "rival"
    assert operator.confirm(hold_id, at).get_json()["partnerId"] == "rival"
    assert operator.change(reservation_id, at, seats=1).get_json()["partnerId"] == "rival"
    assert operator.cancel(reservation_id, at).status_code == 204

    by_operator = f"operator:{operator.key_id}"
    assert ledger_of(services) == [
        ("held", "partner:rival"),
        ("reserved", "partner:rival"),
        ("confirmed", by_operator),
        ("changed", by_operator),
        ("cancelled", by_operator),
    ]


def test_ledger_names_the_partner_and_not_its_key(keyed: Keyed, services: Services) -> None:
    old, new = keyed.partner("rival"), keyed.partner("rival")
    hold_id, reservation_id = old.held_id(), old.reserved_id(2)
    new.confirm(hold_id)
    new.change(reservation_id, seats=1)
    old.cancel(reservation_id)

    kinds = ["held", "reserved", "confirmed", "changed", "cancelled"]
    assert ledger_of(services) == [(kind, "partner:rival") for kind in kinds]


def test_ledger_names_the_operator_of_each_change_of_an_event(
    keyed: Keyed, services: Services
) -> None:
    first, second = keyed.operator(), keyed.operator()
    first.post("/events", json={"eventId": "new", "name": "New", "totalSeats": 5})
    second.patch("/events/new", json={"totalSeats": 6})
    first.post("/events/new/pause")
    second.post("/events/new/resume")
    first.post("/events/pause")
    second.post("/events/new/cancel")

    (created,) = services.repository.ledger("new", after_version=-1, limit=1)
    assert (created.kind, created.actor) == ("event_created", f"operator:{first.key_id}")
    actors = [second, first, second, first, second]
    assert ledger_of(services, "new") == [
        ("event_changed", f"operator:{actor.key_id}") for actor in actors
    ]


def test_operator_meets_the_rules_of_the_sale_too(
    keyed: Keyed, create_event: CreateEventOf
) -> None:
    operator = keyed.operator()
    at = create_event("small", seats=2, seats_per_partner_max=1)

    problem(operator.reserve(2, at=at), 409, "partner_limit_reached")
    operator.reserve(at=at)
    operator.reserve(at=at, partner_id="rival")
    problem(operator.reserve(at=at, partner_id="third"), 409, "not_enough_seats")
    operator.post(f"{at}/pause")
    problem(operator.reserve(at=at, partner_id="third"), 409, "sale_paused")


def test_end_of_a_hold_that_nobody_asked_for_is_the_systems(
    keyed: Keyed, services: Services
) -> None:
    partner: PartnerClient = keyed.partner("rival")
    partner.held_id()
    keyed.operator().post("/partners/rival/freeze", json={"holds": "release"})

    services.sweeper.sweep()

    assert ledger_of(services) == [("held", "partner:rival"), ("released", "system")]
