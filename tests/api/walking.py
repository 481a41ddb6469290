"""Every route that the application really has, for tests that may forget none."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Flask
from marshmallow import Schema

from ticketboss.api import schemas
from ticketboss.api.operations import Operation, operation_of
from ticketboss.api.scopes import need_of

DEFAULT_EVENT = "node-meetup-2025"
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW")
ITEM = {"seats": 1}
BELIEVED = {"reservationId": "some-id", "seats": 1, "status": "confirmed"}
# What the server takes, by schema: a new schema fails here until somebody says what it takes.
PLAUSIBLE: dict[type[Schema], dict[str, Any]] = {
    schemas.ReserveBody: {"partnerId": "abc-corp", "seats": 1},
    schemas.BulkItem: ITEM,
    schemas.BulkBody: {"partnerId": "abc-corp", "items": [ITEM]},
    schemas.BelievedReservation: BELIEVED,
    schemas.ReconcileBody: {"partnerId": "abc-corp", "reservations": [BELIEVED]},
    schemas.ChangeBody: {"seats": 1},
    schemas.EventBody: {"eventId": "concert", "name": "Concert", "totalSeats": 5},
    schemas.EventChangeBody: {"name": "Another"},
    schemas.KeyBody: {"scope": "operator"},
    schemas.FreezeBody: {"holds": "keep"},
}


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one URL rule, with what its view was stated to be."""

    method: str
    rule: str
    need: str
    operation: Operation

    @property
    def name(self) -> str:
        """As the table in test_scopes.py has it."""
        return f"{self.method} {self.rule}"

    @property
    def parameters(self) -> list[str]:
        """The names in its URL."""
        return re.findall("<([^>]+)>", self.rule)

    def url(self, values: Mapping[str, str]) -> str:
        """The URL with these values; a parameter that nobody thought of is a KeyError."""
        return re.sub("<([^>]+)>", lambda found: quote(values[found[1]], safe=""), self.rule)

    def body(self) -> dict[str, Any] | None:
        """What it takes, or None where it takes nothing."""
        taken = self.operation.takes
        return None if taken is None else PLAUSIBLE[taken]


def routes(app: Flask) -> Iterator[Route]:
    """All routes of the application that are for programs."""
    return (route for route in _all_routes(app) if not route.operation.is_page)


def page_routes(app: Flask) -> Iterator[Route]:
    """All routes of the operators' pages."""
    return (route for route in _all_routes(app) if route.operation.is_page)


def _all_routes(app: Flask) -> Iterator[Route]:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        for method in sorted(rule.methods or ()):
            yield Route(method, rule.rule, need_of(view), operation_of(view))


def rules(app: Flask) -> dict[str, set[str]]:
    """All URL rules with the methods that they allow."""
    found: dict[str, set[str]] = {}
    for route in routes(app):
        found.setdefault(route.rule, set()).add(route.method)
    return found
