"""Every code of the table of problems, each reached by a request."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.api.conftest import CLOCK_START_MS, ChangeEventOf, Clock, CreateEventOf, OpenApp
from tests.api.keyed import Keyed
from tests.api.partner import PARTNER_ID, PartnerClient, problem
from ticketboss.api import ledger
from ticketboss.api.context import DRAINING, EXTENSION
from ticketboss.api.problem_types import PROBLEMS
from ticketboss.api.problems import Problem
from ticketboss.api.simulation import HEADER
from ticketboss.engine.answers import Overloaded
from ticketboss.repository.interface import OutcomeUnknown, StorageUnavailable
from ticketboss.services import Services

EVENT = "/events/node-meetup-2025"
BODY = b'{"partnerId":"abc-corp","seats":1}'
BULK = {"partnerId": PARTNER_ID, "items": [{"seats": 11}]}


@dataclass(frozen=True, slots=True)
class Scene:
    """What a request needs to end in a problem."""

    app: Flask
    keyed: Keyed
    open_app: OpenApp
    services: Services
    client: PartnerClient
    clock: Clock
    create_event: CreateEventOf
    change_event: ChangeEventOf
    monkeypatch: pytest.MonkeyPatch

    def engine_raises(self, error: Exception) -> TestResponse:
        """Reserve while the engine ends every command so."""

        def submit(command: object) -> NoReturn:
            raise error

        self.monkeypatch.setattr(self.app.extensions[EXTENSION].committer, "submit", submit)
        return self.client.reserve()

    def reserve_after(self, **event_settings: Any) -> TestResponse:
        """Reserve in the default event after these settings of it were changed."""
        self.change_event(**event_settings)
        return self.client.reserve()

    def confirm_too_late(self) -> TestResponse:
        hold_id = self.client.held_id(seconds=60)
        self.clock.move(60)
        return self.client.confirm(hold_id)

    def confirm_what_was_released(self) -> TestResponse:
        hold_id = self.client.held_id()
        self.client.cancel(hold_id)
        return self.client.confirm(hold_id)

    def hold_for_too_long(self) -> TestResponse:
        self.change_event(hold_seconds_total_max=30)
        return self.client.hold(seconds=31)

    def hold_without_a_right_to(self) -> TestResponse:
        self.change_event(open_holds_per_partner_max=0)
        return self.client.hold()

    def reserve_while_frozen(self) -> TestResponse:
        self.services.administration.freeze("operator:cli", PARTNER_ID, "keep")
        return self.client.reserve()

    def reserve_in_a_sold_out_event(self) -> TestResponse:
        at = self.create_event("small", seats=1)
        self.client.reserve(at=at)
        return self.client.reserve(at=at)

    def reserve_with_a_used_key(self) -> TestResponse:
        self.client.reserve(key="order-1")
        return self.client.reserve(seats=2, key="order-1")

    def cancel_twice(self) -> TestResponse:
        reservation_id = self.client.reserved_id()
        self.client.cancel(reservation_id)
        return self.client.cancel(reservation_id)

    def ask_while_draining(self) -> TestResponse:
        self.app.extensions[DRAINING] = lambda: True
        return self.client.get("/readyz")

    def send_half_a_body(self) -> TestResponse:
        return self.client.post(
            "/reservations",
            data=BODY,
            content_type="application/json",
            environ_overrides={"CONTENT_LENGTH": str(len(BODY) + 1)},
        )

    def shrink_below_what_is_taken(self) -> TestResponse:
        self.client.reserve(seats=2)
        return self.client.patch(EVENT, json={"totalSeats": 1})

    def audit_a_long_ledger(self) -> TestResponse:
        self.monkeypatch.setattr(ledger, "AUDIT_ENTRIES_MAX", 0)
        self.client.reserve()
        return self.client.get(f"{EVENT}/audit")

    def create_again(self) -> TestResponse:
        event = {"eventId": "node-meetup-2025", "name": "Again", "totalSeats": 1}
        return self.client.post("/events", json=event)

    def end_the_sale_before_it_begins(self) -> TestResponse:
        window = {"onSaleFrom": "2027-01-01T00:00:00Z", "onSaleUntil": "2026-01-01T00:00:00Z"}
        return self.client.patch(EVENT, json=window)

    def reserve_more_often_than_the_key_may(self) -> TestResponse:
        limited = Keyed(self.open_app(auth="keys", rate_limit_writes="1/hour"), self.keyed.desk)
        partner = limited.partner()
        partner.reserve()
        return partner.reserve()

    def try_many_wrong_keys(self) -> TestResponse:
        guesser = self.keyed.sending("Bearer guess")
        return [guesser.get("/") for _ in range(31)][-1]

    def post_in_chunks(self) -> TestResponse:
        headers = {"Transfer-Encoding": "chunked", "Content-Type": "application/json"}
        return self.client.post("/reservations", headers=headers)


REQUESTS: dict[str, Callable[[Scene], TestResponse]] = {
    "invalid_json": lambda scene: scene.client.post_body(b"{"),
    "invalid_request": lambda scene: scene.client.reserve(seats=0),
    "invalid_header": lambda scene: scene.client.reserve(key="a b"),
    "bad_request": Scene.send_half_a_body,
    "too_many_seats": lambda scene: scene.client.reserve(seats=11),
    "not_found": lambda scene: scene.client.get("/nothing"),
    "event_not_found": lambda scene: scene.client.get("/events/unknown"),
    "reservation_not_found": lambda scene: scene.client.get("/reservations/unknown"),
    "already_cancelled": Scene.cancel_twice,
    "method_not_allowed": lambda scene: scene.client.put("/reservations"),
    "not_enough_seats": Scene.reserve_in_a_sold_out_event,
    "partner_limit_reached": Scene.hold_without_a_right_to,
    "sale_not_open": lambda scene: scene.reserve_after(on_sale_from=CLOCK_START_MS + 1),
    "sale_closed": lambda scene: scene.reserve_after(on_sale_until=CLOCK_START_MS),
    "sale_paused": lambda scene: scene.reserve_after(paused=True),
    "event_cancelled": lambda scene: scene.reserve_after(cancelled=True),
    "hold_expired": Scene.confirm_too_late,
    "hold_too_long": Scene.hold_for_too_long,
    "not_a_hold": lambda scene: scene.client.change(scene.client.reserved_id(), holdSeconds=60),
    "reservation_ended": Scene.confirm_what_was_released,
    "partner_frozen": Scene.reserve_while_frozen,
    "bulk_refused": lambda scene: scene.client.post("/reservations/bulk", json=BULK),
    "audit_too_large": Scene.audit_a_long_ledger,
    "version_not_found": lambda scene: scene.client.get("/?at=1"),
    "capacity_in_use": Scene.shrink_below_what_is_taken,
    "invalid_sale_window": Scene.end_the_sale_before_it_begins,
    "event_exists": Scene.create_again,
    "simulation_refused": lambda scene: scene.client.get(EVENT, headers={HEADER: "overloaded"}),
    "key_required": lambda scene: scene.keyed.nobody().get("/"),
    "key_invalid": lambda scene: scene.keyed.sending("Bearer guess").get("/"),
    "wrong_scope": lambda scene: scene.keyed.partner().get("/events"),
    "test_key": lambda scene: scene.keyed.partner(is_test=True).get("/"),
    "partner_mismatch": lambda scene: scene.keyed.partner().reserve(partner_id="rival"),
    "local_only": lambda scene: scene.client.get("/", headers={"Host": "ticketboss.test"}),
    "key_not_found": lambda scene: scene.client.delete("/keys/unknown"),
    "partner_not_found": lambda scene: scene.client.post("/partners/unknown/unfreeze"),
    "rate_limited": Scene.reserve_more_often_than_the_key_may,
    "too_many_wrong_keys": Scene.try_many_wrong_keys,
    "length_required": Scene.post_in_chunks,
    "precondition_failed": lambda scene: scene.client.reserve(if_match='"7"'),
    "body_too_large": lambda scene: scene.client.post_body(b" " * 16_385),
    "unsupported_media_type": lambda scene: scene.client.post_body(BODY, "text/plain"),
    "idempotency_key_reused": Scene.reserve_with_a_used_key,
    "internal_error": lambda scene: scene.engine_raises(RuntimeError("a bug")),
    "body_too_slow": lambda scene: scene.engine_raises(Problem("body_too_slow")),
    "overloaded": lambda scene: scene.engine_raises(Overloaded("no room")),
    "outcome_unknown": lambda scene: scene.engine_raises(OutcomeUnknown("no answer")),
    "storage_unavailable": lambda scene: scene.engine_raises(StorageUnavailable("disk full")),
    "not_ready": Scene.ask_while_draining,
}


@pytest.fixture
def scene(
    app: Flask,
    keyed: Keyed,
    open_app: OpenApp,
    services: Services,
    client: PartnerClient,
    clock: Clock,
    create_event: CreateEventOf,
    change_event: ChangeEventOf,
    monkeypatch: pytest.MonkeyPatch,
) -> Scene:
    parts = (app, keyed, open_app, services)
    return Scene(*parts, client, clock, create_event, change_event, monkeypatch)


def test_no_code_of_the_table_is_left_out_here() -> None:
    assert REQUESTS.keys() == PROBLEMS.keys()


@pytest.mark.parametrize("code", REQUESTS)
def test_code_is_reached_and_its_document_is_complete(scene: Scene, code: str) -> None:
    response = REQUESTS[code](scene)

    document = problem(response, PROBLEMS[code].status, code)
    assert response.content_type == "application/problem+json"
    assert _shape(document) == {
        "type": str,
        "title": str,
        "status": int,
        "detail": str,
        "code": str,
        "retryable": bool,
        "requestId": str,
        "error": str,
    }
    assert document["requestId"] == response.headers["X-Request-Id"]


@pytest.mark.parametrize("code", ["overloaded", "outcome_unknown", "storage_unavailable"])
def test_passing_failures_say_when_to_ask_again(scene: Scene, code: str) -> None:
    response = REQUESTS[code](scene)

    assert int(response.headers["Retry-After"]) >= 1
    assert response.get_json()["retryable"] is True
    # Why the storage failed is the operator's business.
    for reason in ("no room", "no answer", "disk full"):
        assert reason not in response.text


def test_only_passing_failures_are_retryable() -> None:
    retryable = {code for code, kind in PROBLEMS.items() if kind.retryable}
    passing = {code for code, kind in PROBLEMS.items() if kind.status >= 500}

    # These refusals time alone will end.
    ending = {"body_too_slow", "sale_not_open", "rate_limited", "too_many_wrong_keys"}
    assert retryable == passing | ending


def _shape(document: dict[str, Any]) -> dict[str, type]:
    """The types of the members that every problem has; facts and `errors` are its own."""
    common = ("type", "title", "status", "detail", "code", "retryable", "requestId", "error")
    return {name: type(document[name]) for name in common}
