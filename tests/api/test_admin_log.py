"""The admin log: a line for each decision about keys and partners, and for nothing else."""

from typing import Any

import pytest

from tests.api.conftest import CLOCK_START, Clock
from tests.api.keyed import Keyed
from tests.api.partner import PartnerClient


@pytest.fixture
def operator(keyed: Keyed, keyed_clock: Clock) -> PartnerClient:
    return keyed.operator()


def lines(operator: PartnerClient) -> list[dict[str, Any]]:
    """All lines, the latest first."""
    response = operator.get("/admin-log")
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.get_json()["lines"]
    return found


def test_each_decision_leaves_a_line_with_its_actor(keyed: Keyed, operator: PartnerClient) -> None:
    other = keyed.operator()
    made = operator.post(
        "/keys", json={"scope": "partner", "partnerId": "abc-corp", "isTest": True}
    ).get_json()
    other.post("/partners/abc-corp/freeze", json={"holds": "release"})
    other.post("/partners/abc-corp/freeze", json={"holds": "keep"})
    operator.post("/partners/abc-corp/unfreeze")
    other.delete(f"/keys/{made['keyId']}")

    found = [(line["actor"], line["action"], line["detail"]) for line in lines(operator)]

    first, second = f"operator:{operator.key_id}", f"operator:{other.key_id}"
    created = {"keyId": made["keyId"], "scope": "partner", "partnerId": "abc-corp", "isTest": True}
    assert found[:5] == [
        (second, "key_revoked", {"keyId": made["keyId"]}),
        (first, "partner_unfrozen", {"partnerId": "abc-corp"}),
        (second, "partner_frozen", {"partnerId": "abc-corp", "holds": "keep"}),
        (second, "partner_frozen", {"partnerId": "abc-corp", "holds": "release"}),
        (first, "key_created", created),
    ]
    # The two operators' own keys were made at the command line.
    assert [actor for actor, _, _ in found[5:]] == ["operator:cli", "operator:cli"]


def test_line_has_these_members(operator: PartnerClient, keyed_clock: Clock) -> None:
    keyed_clock.move(1.5)
    operator.post("/partners/abc-corp/freeze", json={"holds": "keep"})

    latest, first = lines(operator)

    assert latest.keys() == {"logId", "at", "actor", "action", "detail"}
    assert latest["at"] == "2027-01-15T08:00:01.500Z"
    assert latest["logId"] != first["logId"]


def test_operators_key_has_a_line_as_well(operator: PartnerClient) -> None:
    made = operator.post("/keys", json={"scope": "operator"}).get_json()

    (latest, _) = lines(operator)

    assert latest["at"] == CLOCK_START == made["createdAt"]
    assert latest["detail"] == {
        "keyId": made["keyId"],
        "scope": "operator",
        "partnerId": None,
        "isTest": False,
    }


def test_what_was_not_decided_leaves_no_line(keyed: Keyed, operator: PartnerClient) -> None:
    partner = keyed.partner()
    before = lines(operator)

    for client in (operator, partner, keyed.operator(is_test=True), keyed.nobody()):
        client.post("/keys", json={"scope": "operator", "partnerId": "abc-corp"})
        client.delete("/keys/unknown")
        client.post("/partners/unknown/unfreeze")
        client.post("/partners/abc-corp/freeze", json={"holds": "maybe"})
    for client in (partner, keyed.nobody()):
        client.post("/keys", json={"scope": "operator"})
        client.delete(f"/keys/{operator.key_id}")
        client.post("/partners/rival/freeze", json={"holds": "keep"})

    # But for the key of the test operator, which was made in between.
    assert lines(operator)[1:] == before


def test_changes_of_events_are_in_their_ledgers_and_not_here(operator: PartnerClient) -> None:
    before = lines(operator)

    operator.post("/events", json={"eventId": "new", "name": "New", "totalSeats": 5})
    operator.post("/events/pause")
    operator.post("/events/new/cancel")

    assert lines(operator) == before


def test_log_can_only_be_read(operator: PartnerClient) -> None:
    for method in ("POST", "PATCH", "PUT", "DELETE"):
        assert operator.open("/admin-log", method=method).status_code == 405
