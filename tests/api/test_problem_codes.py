"""Every code of the table of problems, each reached by a request."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn, cast

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.api.conftest import CreateEventOf, OpenApp
from tests.api.partner import PartnerClient, problem
from ticketboss.api.context import DRAINING, EXTENSION
from ticketboss.api.problem_types import PROBLEMS
from ticketboss.api.problems import Problem
from ticketboss.domain.refusals import EventExists
from ticketboss.engine.answers import CommandRefused, Overloaded
from ticketboss.repository.interface import OutcomeUnknown, StorageUnavailable

BODY = b'{"partnerId":"abc-corp","seats":1}'


@dataclass(frozen=True, slots=True)
class Scene:
    """What a request needs to end in a problem."""

    app: Flask
    client: PartnerClient
    create_event: CreateEventOf
    monkeypatch: pytest.MonkeyPatch

    def engine_raises(self, error: Exception) -> TestResponse:
        """Reserve while the engine ends every command so."""

        def submit(command: object) -> NoReturn:
            raise error

        self.monkeypatch.setattr(self.app.extensions[EXTENSION].committer, "submit", submit)
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
    # Until events are created over HTTP, only the engine can say this.
    "event_exists": lambda scene: scene.engine_raises(CommandRefused(EventExists(), 0)),
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
def scene(open_app: OpenApp, create_event: CreateEventOf, monkeypatch: pytest.MonkeyPatch) -> Scene:
    app = open_app()
    return Scene(app, cast(PartnerClient, app.test_client()), create_event, monkeypatch)


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
    assert retryable == passing | {"body_too_slow"}


def _shape(document: dict[str, Any]) -> dict[str, type]:
    """The types of the members that every problem has; facts and `errors` are its own."""
    common = ("type", "title", "status", "detail", "code", "retryable", "requestId", "error")
    return {name: type(document[name]) for name in common}
