"""The traps of JSON and of URLs at every route that takes something, none left out."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from marshmallow import Schema, fields

from tests.api.partner import PartnerClient, invalid_fields, problem
from tests.api.test_scopes import state_of
from tests.api.traps import (
    JSON_TRAPS,
    NUMBER_TRAPS,
    QUERY_TRAPS,
    TEXT_TRAPS,
    TEXT_TRAPS_IN_URLS,
)
from tests.api.walking import DEFAULT_EVENT, PLAUSIBLE, Route, routes
from ticketboss.api.fields import QueryInteger
from ticketboss.services import Services

VALUES = {
    "event_id": DEFAULT_EVENT,
    "reservation_id": "unknown",
    "key_id": "unknown",
    "partner_id": "abc-corp",
    "code": "not_found",
    "asset": "docs.js",
}
JSON = "application/json"


def taking(app: Flask) -> list[Route]:
    """The routes that take a body."""
    return [route for route in routes(app) if route.operation.takes is not None]


def members(
    schema: Schema, kind: type[fields.Field[Any]]
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Each member of a kind, also of inner objects: its path, the body, and the object it is in."""
    for name, field in schema.load_fields.items():
        key = field.data_key or name
        if isinstance(field, kind):
            body = json.loads(json.dumps(PLAUSIBLE[type(schema)]))
            yield key, body, body
        if isinstance(field, fields.List) and isinstance(field.inner, fields.Nested):
            for inner_key, inner_body, _ in members(field.inner.schema, kind):
                body = PLAUSIBLE[type(schema)] | {key: [inner_body]}
                yield f"{key}.0.{inner_key}", body, inner_body


def with_literal(body: dict[str, Any], inner: dict[str, Any], key: str, literal: str) -> bytes:
    """The body with this JSON, as it stands, for one member."""
    mark = "the place of the literal"
    inner[key] = mark
    return json.dumps(body).replace(f'"{mark}"', literal).encode()


@pytest.mark.parametrize("trap", JSON_TRAPS)
def test_trap_is_refused_at_every_route_that_takes_a_body(
    client: PartnerClient, services: Services, trap: str
) -> None:
    before = state_of(services)
    asked = taking(client.application)

    for route in asked:
        url = route.url(VALUES)
        response = client.open(url, method=route.method, data=JSON_TRAPS[trap], content_type=JSON)

        problem(response, 400, "invalid_json")
    assert len(asked) >= 10
    assert state_of(services) == before


@pytest.mark.parametrize(
    ("kind", "literals"), [(fields.Integer, NUMBER_TRAPS), (fields.String, TEXT_TRAPS)]
)
def test_other_kinds_of_values_are_refused_for_every_member(
    client: PartnerClient,
    services: Services,
    kind: type[fields.Field[Any]],
    literals: tuple[str, ...],
) -> None:
    before = state_of(services)
    tried = set()

    for route in taking(client.application):
        assert route.operation.takes is not None
        for path, body, inner in members(route.operation.takes(), kind):
            for literal in literals:
                sent = with_literal(body, inner, path.rpartition(".")[2], literal)
                url = route.url(VALUES)
                response = client.open(url, method=route.method, data=sent, content_type=JSON)

                assert path in invalid_fields(response), (route.name, sent)
            tried.add(path)
    assert len(tried) >= 8
    assert state_of(services) == before


def test_members_that_are_lists_or_objects_take_nothing_else(client: PartnerClient) -> None:
    for name, url in (("items", "/reservations/bulk"), ("reservations", "/reservations/reconcile")):
        for literal in ("1", '"a"', "true", "{}", "null", "[1]", "[[]]", '["a"]', "[null]"):
            body = b'{"partnerId":"abc-corp","%s":%s}' % (name.encode(), literal.encode())
            refused = invalid_fields(client.post(url, data=body, content_type=JSON))
            assert {field.partition(".")[0] for field in refused} == {name}, literal


def test_traps_in_queries_are_refused_for_every_number(client: PartnerClient) -> None:
    tried = set()
    for route in routes(client.application):
        query = route.operation.query
        for name, field in query().fields.items() if query else ():
            if isinstance(field, QueryInteger):
                key = field.data_key or name
                for trap in QUERY_TRAPS:
                    if trap.endswith("&limit=1") and key != "limit":
                        continue
                    url = f"{route.url(VALUES)}?{key}={trap}"
                    assert client.open(url, method=route.method).status_code == 400, url
                tried.add(key)
    assert tried >= {"limit", "cursor", "after", "wait", "at"}


def test_traps_in_texts_of_urls_are_never_a_fault_of_the_server(
    client: PartnerClient, services: Services
) -> None:
    before = state_of(services)
    for route in routes(client.application):
        urls = [
            route.url(VALUES | {name: name}).replace(f"/{name}", f"/{trap}")
            for name in route.parameters
            for trap in TEXT_TRAPS_IN_URLS
        ]
        query = route.operation.query
        urls += [
            f"{route.url(VALUES)}?{field.data_key or name}={trap}"
            for name, field in (query().fields.items() if query else ())
            for trap in TEXT_TRAPS_IN_URLS
        ]
        for url in urls:
            response = client.open(url, method=route.method, json=route.body())
            assert response.status_code < 500, (route.name, url)
            assert "X-Injected" not in response.headers, (route.name, url)
            if "?" not in url:
                assert response.status_code >= 400, (route.name, url)
    assert state_of(services) == before
