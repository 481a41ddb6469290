"""Which error codes an operation can answer with: those it states, and those that follow."""

from werkzeug.routing import Rule

from ticketboss.api.operations import Operation
from ticketboss.api.problem_types import ALL_PROBLEMS, SERVER_PROBLEMS
from ticketboss.api.scopes import Need

# Of any URL with any method; no single operation answers so.
ANY_URL_CODES = ("not_found", "method_not_allowed")
ALWAYS = (
    *("invalid_header", "length_required", "body_too_large", "internal_error"),
    # What the server refuses before it looks at the URL.
    *("bad_request", *SERVER_PROBLEMS),
)
WITH_KEY = (
    *("key_required", "key_invalid", "local_only", "rate_limited", "too_many_wrong_keys"),
    *("storage_unavailable", "simulation_refused"),
)
WITH_BODY = (*("invalid_json", "invalid_request", "body_too_slow", "unsupported_media_type"),)
WITH_EVENT = ("event_not_found", "test_key")
DECIDED = (
    *("test_key", "precondition_failed", "idempotency_key_reused"),
    *("overloaded", "outcome_unknown"),
)


def codes_of(stated: Operation, rule: Rule, need: Need) -> list[str]:
    """The codes in the order of their table."""
    found = {*ALWAYS, *stated.refuses}
    if need != "nothing":
        found.update(WITH_KEY)
    if "operator" in need:
        found.add("wrong_scope")
    if need.startswith("live operator key"):
        found.add("test_key")
    if "event_id" in rule.arguments:
        found.update(WITH_EVENT)
    if stated.takes is not None:
        found.update(WITH_BODY)
    if stated.query is not None:
        found.add("invalid_request")
    if stated.decided:
        found.update(DECIDED)
    return [code for code in ALL_PROBLEMS if code in found]
