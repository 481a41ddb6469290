"""The headers of requests and answers, as the OpenAPI document describes them."""

from typing import Any

from ticketboss.api.preconditions import (
    BARE_KEY,
    ENTITY_TAGS,
    IDEMPOTENCY_KEY_LENGTH_MAX,
    QUOTED_KEY,
)

Json = dict[str, Any]


# Without examples: Swagger UI would send them whether they are wanted or not.
def _request_header(name: str, pattern: str, description: str) -> Json:
    return {
        "in": "header",
        "name": name,
        "required": False,
        "description": description,
        "schema": {"type": "string", "pattern": pattern},
    }


IDEMPOTENCY_KEY = _request_header(
    "Idempotency-Key",
    rf"^(?:(?={BARE_KEY.pattern}$).{{1,{IDEMPOTENCY_KEY_LENGTH_MAX}}}|"
    + QUOTED_KEY.pattern.replace(")+)", rf"){{1,{IDEMPOTENCY_KEY_LENGTH_MAX}}})")
    + ")$",
    "Names one intent: sent again with it, the request has its effect once. In double quotes "
    "if it has a comma.",
)
IF_MATCH = _request_header(
    "If-Match",
    rf"^(?:[ \t]*\*[ \t]*|{ENTITY_TAGS.pattern})$",
    "Do it only at this version: of the reservation where there is one in the URL, else of the "
    "event.",
)
DECIDED = (IDEMPOTENCY_KEY, IF_MATCH)
CONDITIONAL_READ: Json = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "description": "An ETag that the client has; 304 if it is still the current one.",
    "schema": {"type": "string"},
}

_RESPONSE_HEADERS: dict[str, tuple[str, Json, Any]] = {
    "X-Request-Id": (
        "The request's own, if it sent a sane one; it is in the log.",
        {"type": "string"},
        "8f628a7df5f8e2a7",
    ),
    "ETag": ("For If-None-Match and If-Match.", {"type": "string"}, '"2"'),
    "Location": ("Where the new one is.", {"type": "string"}, "/reservations/01a203c6-3974"),
    "TicketBoss-Version": (
        "The event's version at which this was decided.",
        {"type": "integer", "minimum": 0},
        2,
    ),
    "Idempotent-Replayed": (
        "There if this is the answer to an earlier request with the same key.",
        {"type": "string", "const": "true"},
        "true",
    ),
    "Link": ('The next page, rel="next", if there is one.', {"type": "string"}, "</events>"),
    "Retry-After": ("Seconds.", {"type": "integer", "minimum": 1}, 1),
    "WWW-Authenticate": (
        "How to send a key.",
        {"type": "string"},
        'Bearer realm="ticketboss"',
    ),
    "Allow": ("The methods of this URL.", {"type": "string"}, "GET, HEAD"),
    "Content-Disposition": ("A file name.", {"type": "string"}, 'attachment; filename="e.csv"'),
}
_NOT_ALWAYS = frozenset({"Idempotent-Replayed", "Link"})


def response_headers(names: tuple[str, ...], may_replay: bool = False) -> Json:
    """The headers of an answer by their names, as the document has them."""
    all_names = ("X-Request-Id", *names, *(("Idempotent-Replayed",) if may_replay else ()))
    return {name: _described(name) for name in all_names}


def _described(name: str) -> Json:
    description, schema, example = _RESPONSE_HEADERS[name]
    return {
        "description": description,
        "required": name not in _NOT_ALWAYS,
        "schema": schema,
        "example": example,
    }
