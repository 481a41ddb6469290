"""Every "no" is answered as a problem document (RFC 9457)."""

import logging
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from ticketboss.api.json import encode
from ticketboss.api.problem_types import PROBLEMS
from ticketboss.domain.refusals import BulkRefused, TooManySeats
from ticketboss.engine.answers import CommandRefused, Overloaded
from ticketboss.formats import camel_case, rfc3339
from ticketboss.repository.interface import Contradiction, OutcomeUnknown, StorageUnavailable

log = logging.getLogger(__name__)

VERSION_HEADER = "TicketBoss-Version"
REQUEST_ID = "ticketboss.request_id"


HTTP_ERROR_CODES = {404: "not_found", 405: "method_not_allowed"}
# What is answered where the server could not do what was asked.
FAILURES: tuple[tuple[type[Exception], str], ...] = (
    (Overloaded, "overloaded"),
    (OutcomeUnknown, "outcome_unknown"),
    (StorageUnavailable, "storage_unavailable"),
    (Contradiction, "storage_unavailable"),
)
UNEXPECTED = "internal_error"


class Problem(Exception):
    """Raised by a handler to answer with one of PROBLEMS.

    `errors` are (field, message) pairs, `headers` go into the answer; `facts` become members of
    the document and fill the detail's placeholders, unless `detail` is given.
    """

    def __init__(
        self,
        code: str,
        detail: str | None = None,
        errors: list[tuple[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}
        self.facts = facts

    @property
    def words(self) -> str:
        """What it says to people beside its title."""
        return self.detail or PROBLEMS[self.code].detail.format(**self.facts)


def problem_response(problem: Problem) -> Response:
    """Render a problem as application/problem+json."""
    kind = PROBLEMS[problem.code]
    document: dict[str, Any] = {
        "type": f"/problems/{problem.code}",
        "title": kind.title,
        "status": kind.status,
        "detail": problem.words,
        "code": problem.code,
        "retryable": kind.retryable,
        "requestId": request.environ.get(REQUEST_ID),
        # The same as `title`, for clients that only look for this one member.
        "error": kind.title,
    }
    if problem.errors is not None:
        document["errors"] = [
            {"field": field, "message": message} for field, message in problem.errors
        ]
    for name, value in problem.facts.items():
        document[camel_case(name)] = value
    response = Response(encode(document), kind.status, content_type="application/problem+json")
    response.headers["Cache-Control"] = "no-store"
    if kind.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(kind.retry_after_seconds)
    for name, value in problem.headers.items():
        response.headers[name] = value
    return response


def register(app: Flask) -> None:
    """Have every error of `app` answered as a problem document."""
    app.register_error_handler(Problem, problem_response)
    app.register_error_handler(CommandRefused, _refused)
    for kind, _ in FAILURES:
        app.register_error_handler(kind, _failed)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, _failed)


def problem_of(error: Exception) -> Problem:
    """What an error is answered as."""
    match error:
        case Problem():
            return error
        case CommandRefused():
            return _refusal_problem(error)
        case HTTPException():
            return Problem(HTTP_ERROR_CODES.get(error.code or 400, "bad_request"))
    return Problem(next((code for kind, code in FAILURES if isinstance(error, kind)), UNEXPECTED))


def _refused(error: CommandRefused) -> Response:
    response = problem_response(problem_of(error))
    if error.version is not None:
        response.headers[VERSION_HEADER] = str(error.version)
    return response


def _refusal_problem(error: CommandRefused) -> Problem:
    refusal = error.refusal
    facts = {
        fact.name: _in_json(fact.name, getattr(refusal, fact.name)) for fact in fields(refusal)
    }
    if isinstance(refusal, BulkRefused):
        facts["outcomes"] = [outcome and refused_item(outcome) for outcome in refusal.outcomes]
    errors = None
    if isinstance(refusal, TooManySeats):
        errors = [("seats", f"Must be between 1 and {refusal.seats_per_reservation_max}.")]
    return Problem(refusal.code, errors=errors, **facts)


def refused_item(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """Why one item of a bulk was refused: the members that its own problem would have."""
    kind = PROBLEMS[outcome["code"]]
    facts = {name: _in_json(name, value) for name, value in outcome["facts"].items()}
    document = {
        "code": outcome["code"],
        "error": kind.title,
        "detail": kind.detail.format(**facts),
        "retryable": kind.retryable,
    }
    return document | {camel_case(name): value for name, value in facts.items()}


def _in_json(name: str, value: Any) -> Any:
    """A refusal's fact as answers have it: moments, whose names end in `_at`, as RFC 3339."""
    return rfc3339(value) if name.endswith("_at") and value is not None else value


def log_failure(error: Exception) -> None:
    """Have the log say why a request failed that was no mistake of its client's."""
    extra = {"requestId": request.environ.get(REQUEST_ID)}
    code = problem_of(error).code
    if code == UNEXPECTED:
        log.error("A request failed unexpectedly.", exc_info=error, extra=extra)
    else:
        log.warning("%s: %s", code, error, extra=extra)


def _failed(error: Exception) -> Response:
    log_failure(error)
    return problem_response(problem_of(error))


def http_error(error: HTTPException) -> Response:
    response = problem_response(problem_of(error))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response
