"""Problem documents described from their table: their JSON Schemas, and an example of each."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ticketboss.api.problem_types import ALL_PROBLEMS, ProblemType
from ticketboss.domain import refusals
from ticketboss.domain.refusals import Refusal
from ticketboss.formats import camel_case

COUNT = {"type": "integer", "minimum": 0}
MOMENT = {"type": "string", "format": "date-time"}

# Each fact of a problem: its schema and an example. A fact means the same under every code.
FACTS: Mapping[str, tuple[dict[str, Any], Any]] = {
    "requested_seats": (COUNT, 4),
    "available_seats": (COUNT, 3),
    "held_seats": (COUNT, 0),
    "taken_seats": (COUNT, 320),
    "next_hold_expires_at": ({"type": ["string", "null"], "format": "date-time"}, None),
    "seats_per_reservation_max": (COUNT, 10),
    "hold_seconds_total_max": (COUNT, 3_600),
    "limit": (
        {"type": "string", "enum": ["seats_per_partner", "open_holds_per_partner"]},
        "seats_per_partner",
    ),
    "limit_max": (COUNT, 40),
    "taken": (COUNT, 38),
    "opens_at": (MOMENT, "2026-12-01T12:00:00.000Z"),
    "opens_in_ms": (COUNT, 86_400_000),
    "current_version": (COUNT, 7),
    "event_is_test": ({"type": "boolean"}, False),
    "bytes_max": (COUNT, 16_384),
    "entries": (COUNT, 1_200_000),
    "entries_max": (COUNT, 200_000),
    "outcomes": (
        {
            "type": "array",
            "items": {"anyOf": [{"$ref": "#/components/schemas/RefusedItem"}, {"type": "null"}]},
        },
        [
            None,
            {
                "code": "too_many_seats",
                "error": "Too many seats for one reservation",
                "detail": "A reservation of this event has 1 to 10 seats.",
                "retryable": False,
                "requestedSeats": 11,
                "seatsPerReservationMax": 10,
            },
        ],
    ),
}
# Facts of codes that are not refusals of the domain, and facts that are not always there.
FACTS_OF_REQUESTS: Mapping[str, tuple[str, ...]] = {
    "body_too_large": ("bytes_max",),
    "version_not_found": ("current_version",),
    "audit_too_large": ("entries", "entries_max"),
}
OPTIONAL_FACTS = frozenset({"event_is_test"})
FIELD_ERROR = {
    "type": "object",
    "required": ["field", "message"],
    "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
}
# The codes whose documents name fields, with an example.
FIELD_ERRORS: Mapping[str, dict[str, str]] = {
    "invalid_request": {
        "field": "seats",
        "message": "Must be greater than or equal to 1 and less than or equal to 100000000.",
    },
    "too_many_seats": {"field": "seats", "message": "Must be between 1 and 10."},
}


def facts_of(code: str) -> tuple[str, ...]:
    """The names of the facts that a code's documents have as members, in our own spelling."""
    return _FACTS_OF_REFUSALS.get(code) or FACTS_OF_REQUESTS.get(code, ())


def problem_schema(code: str) -> dict[str, Any]:
    """The JSON Schema of one code's documents; clients ignore members that they do not know."""
    kind = ALL_PROBLEMS[code]
    properties: dict[str, Any] = {
        "type": {"type": "string", "const": f"/problems/{code}"},
        "title": {"type": "string"},
        "status": {"type": "integer", "const": kind.status},
        "detail": {"type": "string"},
        "code": {"type": "string", "const": code},
        "retryable": {"type": "boolean", "const": kind.retryable},
        "requestId": {"type": "string"},
        "error": {"type": "string", "description": "The same as title."},
    }
    if code in FIELD_ERRORS:
        properties["errors"] = {"type": "array", "minItems": 1, "items": FIELD_ERROR}
    facts = facts_of(code)
    properties |= {camel_case(fact): FACTS[fact][0] for fact in facts}
    optional = {camel_case(fact) for fact in OPTIONAL_FACTS}
    return {
        "type": "object",
        "title": kind.title,
        "required": [name for name in properties if name not in optional],
        "properties": properties,
        "additionalProperties": True,
    }


def problem_example(code: str, kind: ProblemType) -> dict[str, Any]:
    """A document of one code."""
    facts = {fact: FACTS[fact][1] for fact in facts_of(code)}
    document: dict[str, Any] = {
        "type": f"/problems/{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": kind.detail.format(**facts),
        "code": code,
        "retryable": kind.retryable,
        "requestId": "8f628a7df5f8e2a7",
        "error": kind.title,
    }
    if code in FIELD_ERRORS:
        document["errors"] = [FIELD_ERRORS[code]]
    return document | {camel_case(fact): value for fact, value in facts.items()}


def _facts_of_refusals() -> dict[str, tuple[str, ...]]:
    found = (kind for kind in vars(refusals).values() if isinstance(kind, type))
    return {
        kind.code: tuple(fact.name for fact in fields(kind))
        for kind in found
        if issubclass(kind, Refusal) and kind is not Refusal
    }


_FACTS_OF_REFUSALS = _facts_of_refusals()
# What the engine answers, so that the answer can say at which version.
CODES_OF_REFUSALS = frozenset(_FACTS_OF_REFUSALS)
