"""Real answers have the members and headers that the document names, all of them and no others.

`PartnerClient` compares every answer of this suite with the document; this is about what is never
there, and about that comparison itself.
"""

import json
from typing import Any

import pytest
import requests

from tests.api.documented import Documented, documented
from tests.api.keyed import Keyed
from tests.api.partner import PARTNER_ID, PartnerClient
from tests.server import Server
from ticketboss.api import answers, operator_answers

EVENT_ID = "node-meetup-2025"
EVENT = f"/events/{EVENT_ID}"
SCHEMAS = sorted(
    kind.__name__
    for module in (answers, operator_answers)
    for kind in vars(module).values()
    if isinstance(kind, type)
    and issubclass(kind, answers.Answer)
    # An answer is one of the kinds that it stands for.
    and kind not in (answers.Answer, answers.Outcome)
)
ALWAYS = {"X-Request-Id": "r-1", "Content-Type": "application/json"}
CLAIM = {
    "reservationId": "r1",
    "eventId": EVENT_ID,
    "partnerId": PARTNER_ID,
    "reference": None,
    "seats": 2,
    "status": "confirmed",
    "createdAt": "2026-12-01T12:00:00.250Z",
    "version": 7,
    "availableSeats": 93,
}
CREATED = {**ALWAYS, "Location": "/reservations/r1", "ETag": '"7"', "TicketBoss-Version": "7"}


@pytest.fixture
def shown(keyed: Keyed) -> Documented:
    """The document, and what an operator and a partner were answered who did all there is."""
    operator, partner = keyed.operator(), keyed.partner()
    operator.document.members_seen.clear()
    refused_in_all_ways(operator, partner)
    hold_id = partner.held_id()
    partner.get(f"/reservations/{hold_id}")
    partner.reserve_many({"seats": 1, "holdSeconds": 60}, {"seats": 2})
    partner.post("/reservations/reconcile", json={"reservations": []})
    partner.confirm(hold_id)
    for url in ("/events", "/partners", "/keys", "/admin-log", "/readyz", "/openapi.json"):
        operator.get(url)
    for url in (EVENT, f"{EVENT}/ledger", f"{EVENT}/reservations", f"{EVENT}/audit"):
        operator.get(url)
    partner.get(f"{EVENT}/ledger")
    operator.post("/events/pause")
    operator.post("/keys", json={"scope": "partner", "partnerId": PARTNER_ID})
    operator.post(f"/partners/{PARTNER_ID}/freeze", json={"holds": "keep"})
    return operator.document


def refused_in_all_ways(operator: PartnerClient, partner: PartnerClient) -> None:
    """Have items of a bulk refused for each reason that an item of its own can have."""
    limits = {"seatsPerPartnerMax": 12, "holdSecondsTotalMax": 60}
    for event_id, settings in (
        ("small", {"totalSeats": 1}),
        ("strict", {"totalSeats": 50} | limits),
    ):
        operator.post("/events", json={"eventId": event_id, "name": event_id, **settings})
    partner.reserve_many({"seats": 2}, {"seats": 1}, at="/events/small")
    held_too_long = {"seats": 1, "holdSeconds": 61}
    seats = ({"seats": 11}, {"seats": 10}, {"seats": 10})
    partner.reserve_many(held_too_long, *seats, at="/events/strict")


def test_each_member_that_is_documented_is_really_answered(shown: Documented) -> None:
    documented_members = {schema: shown.properties(schema) for schema in SCHEMAS}

    assert {schema: shown.members_seen[schema] for schema in SCHEMAS} == documented_members
    assert "paused" in documented_members["EventAnswer"]


@pytest.mark.parametrize(
    "path", ["/docs", "/docs/swagger-ui.css", "/docs/docs.js", "/problems/not_found", "/healthz"]
)
def test_pages_are_answered_as_documented(live: Server, path: str) -> None:
    document = documented(requests.get(f"{live.url}/openapi.json", timeout=10).content)

    with requests.get(live.url + path, timeout=10) as answer:
        document.check("GET", path, answer.status_code, answer.headers, answer.content)


@pytest.mark.parametrize(
    ("status", "headers", "members", "fault"),
    [
        (201, CREATED, {"novelty": 1}, "novelty"),
        (201, {**CREATED, "X-Novelty": "1"}, {}, "x-novelty"),
        (201, {name: CREATED[name] for name in CREATED if name != "ETag"}, {}, "etag"),
        (201, CREATED, {"version": 0}, "201"),
        (202, CREATED, {}, "202"),
    ],
)
def test_answer_that_is_not_as_documented_is_found(
    client: PartnerClient, status: int, headers: dict[str, str], members: Any, fault: str
) -> None:
    body = json.dumps({**CLAIM, **members}).encode()

    with pytest.raises(AssertionError, match=fault):
        client.document.check("POST", "/reservations", status, headers, body)


def test_answer_that_is_as_documented_passes(client: PartnerClient) -> None:
    body = json.dumps(CLAIM).encode()

    client.document.check("POST", "/reservations", 201, CREATED, body)
