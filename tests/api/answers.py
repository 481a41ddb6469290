"""What must hold for every answer, whoever asked and however it ended."""

import json
import re
from collections.abc import Mapping
from typing import Any

from ticketboss.api import content_security
from ticketboss.api.problem_types import PROBLEMS

SUCCESS_STATUSES = frozenset({200, 201, 204, 304})
STATUSES_WITHOUT_BODY = frozenset({204, 304})
WRITING_METHODS = frozenset({"POST", "PATCH", "DELETE"})
# What is not decided on the state of one event, or changes nothing: no answer has its version.
WITHOUT_VERSION = re.compile(
    r"/(?:keys|partners|events/pause)(?:/.*)?|(?:/events/[^/]+)?/reservations/reconcile/?"
)
# What is not for programs of partners' to read is in the form of its own readers.
NOT_JSON = {
    re.compile(r"/events/[^/]+/reservations\.csv/?"): "text/csv",
    re.compile(r"/metrics/?"): "text/plain",
}
# Refusals that were decided on a state of the event, so they can say which one.
DECIDED_CODES = frozenset(
    {
        "too_many_seats",
        "reservation_not_found",
        "already_cancelled",
        "not_enough_seats",
        "bulk_refused",
        "partner_limit_reached",
        "partner_frozen",
        "sale_not_open",
        "sale_closed",
        "sale_paused",
        "event_cancelled",
        "event_exists",
        "capacity_in_use",
        "hold_expired",
        "hold_too_long",
        "not_a_hold",
        "reservation_ended",
        "precondition_failed",
        "idempotency_key_reused",
    }
)


def assert_sound(
    method: str, path: str, status: int, headers: Mapping[str, str], body: bytes
) -> None:
    """Assert all that is true of any answer of the application."""
    assert_never_html(headers, body)
    assert headers["X-Request-Id"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == content_security.NOTHING
    # Whatever a partner is told is in no cache; the document is for everybody.
    is_public = status == 200 and path.startswith("/openapi.json")
    assert headers["Cache-Control"] == ("no-cache" if is_public else "no-store")
    written = method in WRITING_METHODS and status in (200, 201, 204)
    if status in STATUSES_WITHOUT_BODY:
        assert "Content-Type" not in headers
        assert body == b""
    elif status in SUCCESS_STATUSES:
        assert headers["Content-Type"].partition(";")[0] == content_type_of(path)
    elif method == "HEAD":
        assert headers["Content-Type"] == "application/problem+json"
        assert body == b""
    else:
        document = problem_document(status, headers, body)
        assert document["requestId"] == headers["X-Request-Id"]
        assert_as_listed(document, headers)
        written = method in WRITING_METHODS and document["code"] in DECIDED_CODES
    if written and not WITHOUT_VERSION.fullmatch(path):
        assert headers["TicketBoss-Version"].isdigit()


def content_type_of(path: str) -> str:
    """The media type of a success at a path."""
    for pattern, content_type in NOT_JSON.items():
        if pattern.fullmatch(path):
            return content_type
    return "application/json"


def assert_never_html(headers: Mapping[str, str], body: bytes) -> None:
    """Assert that neither the headers nor the body are a web page or a traceback."""
    assert "html" not in headers.get("Content-Type", "")
    assert "Location" not in headers or headers["Location"].startswith("/")
    for trace in (b"<html", b"<!doctype", b"traceback"):
        assert trace not in body.lower()


def problem_document(status: int, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """The problem document of an answer, after its members were looked at one by one."""
    assert headers["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = json.loads(body)
    for name in ("type", "title", "detail", "code", "error"):
        assert isinstance(document[name], str), name
        assert document[name], name
    assert document["type"] == f"/problems/{document['code']}"
    assert document["status"] == status
    assert isinstance(document["retryable"], bool)
    for error in document.get("errors", []):
        assert sorted(error) == ["field", "message"]
        assert isinstance(error["field"], str)
        assert isinstance(error["message"], str)
    return document


def assert_as_listed(document: dict[str, Any], headers: Mapping[str, str]) -> None:
    """Assert that a problem is the one that the table lists under its code."""
    listed = PROBLEMS[document["code"]]
    assert document["status"] == listed.status
    assert document["title"] == listed.title
    assert document["retryable"] == listed.retryable
    assert headers["Cache-Control"] == "no-store"
    assert (listed.status in (429, 503)) == ("Retry-After" in headers)
    if listed.status == 401:
        assert headers["WWW-Authenticate"].startswith("Bearer ")
    if listed.retry_after_seconds is not None:
        assert headers["Retry-After"] == str(listed.retry_after_seconds)
    assert "{" not in document["detail"]
