"""The headers of requests and answers, as the OpenAPI document describes them."""

from collections.abc import Iterable
from typing import Any

from ticketboss.api.preconditions import (
    BARE_KEY,
    ENTITY_TAGS,
    IDEMPOTENCY_KEY_LENGTH_MAX,
    QUOTED_KEY,
)
from ticketboss.api.simulation import HEADER, WISHES

Json = dict[str, Any]


# A line of a head with its end; gunicorn.conf.py has it as limit_request_field_size.
HEADER_LINE_BYTES = 8_190


def _request_header(name: str, description: str, **words: Any) -> Json:
    length_max = HEADER_LINE_BYTES - len(f"{name}: \r\n")
    return {
        "in": "header",
        "name": name,
        "required": False,
        "description": description,
        "schema": {"type": "string", "maxLength": length_max, **words},
    }


IDEMPOTENCY_KEY = _request_header(
    "Idempotency-Key",
    "Names one intent: sent again with it, the request has its effect once. In double quotes "
    "if it has a comma.",
    pattern=rf"^(?:(?={BARE_KEY.pattern}$).{{1,{IDEMPOTENCY_KEY_LENGTH_MAX}}}|"
    + QUOTED_KEY.pattern.replace(")+)", rf"){{1,{IDEMPOTENCY_KEY_LENGTH_MAX}}})")
    + ")$",
    # All of it escaped, and in quotes.
    maxLength=2 * IDEMPOTENCY_KEY_LENGTH_MAX + 2,
)
IF_MATCH = _request_header(
    "If-Match",
    "Do it only at this version: of the reservation where there is one in the URL, else of the "
    "event.",
    pattern=rf"^(?:[ \t]*\*[ \t]*|{ENTITY_TAGS.pattern})$",
)
SIMULATE = _request_header(
    HEADER,
    "For test keys on test events: have the request end so. lost_answer does what was asked for "
    "and ends the connection; slow=1 to slow=10000 answers so many milliseconds later.",
    pattern=rf"^(?:{WISHES})$",
)
DECIDED = (IDEMPOTENCY_KEY, IF_MATCH)
CONDITIONAL_READ = _request_header(
    "If-None-Match", "An ETag that the client has; 304 if it is still the current one."
)

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
_NEVER_CERTAIN = frozenset({"Idempotent-Replayed", "Link"})


def response_headers(names: Iterable[str], possible: Iterable[str] = ()) -> Json:
    """The headers of an answer by their names, as the document has them.

    The `possible` ones are there in some answers of its kind only.
    """
    required = {name: name not in _NEVER_CERTAIN for name in ("X-Request-Id", *names)}
    described = dict.fromkeys(possible, False) | required
    return {name: _described(name, is_required) for name, is_required in described.items()}


def _described(name: str, is_required: bool) -> Json:
    description, schema, example = _RESPONSE_HEADERS[name]
    return {
        "description": description,
        "required": is_required,
        "schema": schema,
        "example": example,
    }
