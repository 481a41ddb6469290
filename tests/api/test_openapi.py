"""The OpenAPI document: it shows what is served, all of it and nothing else."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from openapi_spec_validator import validate
from werkzeug.routing import Rule

from tests.api.conftest import OpenApp
from ticketboss.api.openapi import methods_of, path_of
from ticketboss.api.operations import operation_of, refuse_undocumented
from ticketboss.api.scopes import need_of, needs

Json = dict[str, Any]

JSON_TYPES = frozenset({"application/json", "application/problem+json"})


@pytest.fixture(params=["open", "keys"])
def document(request: pytest.FixtureRequest, open_app: OpenApp) -> Json:
    """The document as it is served, in each mode."""
    response = open_app(auth=request.param).test_client().get("/openapi.json")
    assert response.status_code == 200
    found: Json = response.get_json()
    return found


@pytest.fixture
def open_document(open_app: OpenApp) -> Json:
    found: Json = open_app().test_client().get("/openapi.json").get_json()
    return found


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            yield f"{method.upper()} {path}", described


def is_page(app: Flask, rule: Rule) -> bool:
    """Whether a route is of the operators' pages, which are for people alone."""
    return operation_of(app.view_functions[rule.endpoint]).is_page


def contents(described: Json) -> Iterator[tuple[str, Json]]:
    """All bodies of an operation, each with where it stands."""
    if "requestBody" in described:
        yield from _contents("body", described["requestBody"])
    for status, response in described["responses"].items():
        if "$ref" not in response:
            yield from _contents(status, response)


def _contents(where: str, described: Json) -> Iterator[tuple[str, Json]]:
    for media_type, content in described.get("content", {}).items():
        yield f"{where} {media_type}", content


def validator(document: Json, schema: Json) -> jsonschema_rs.Validator:
    """Checks values against a schema of the document."""
    whole = {**schema, "components": document["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def test_document_is_openapi_3_1(document: Json) -> None:
    assert document["openapi"].startswith("3.1.")
    validate(document)


def test_served_routes_and_document_are_the_same(app: Flask, document: Json) -> None:
    served = {
        f"{method} {path_of(rule)}"
        for rule in app.url_map.iter_rules()
        for method in methods_of(rule)
        if not is_page(app, rule)
    }

    assert {name for name, _ in operations(document)} == served


def test_pages_of_the_console_are_all_that_the_document_leaves_out(app: Flask) -> None:
    left_out = {rule.rule for rule in app.url_map.iter_rules() if is_page(app, rule)}

    assert left_out == {
        rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/console/")
    }
    assert len(left_out) > 10


def test_methods_of_routes_leave_out_nothing_but_head(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        assert set(rule.methods or ()) - set(methods_of(rule)) <= {"HEAD"}


def test_operation_ids_are_unique(document: Json) -> None:
    names = [described["operationId"] for _, described in operations(document)]

    assert len(names) == len({*names})


def test_every_body_and_answer_has_an_example_that_fits(document: Json) -> None:
    count = 0
    for name, described in operations(document):
        for where, content in contents(described):
            assert "example" in content, f"{name} {where}"
            assert validator(document, content["schema"]).is_valid(content["example"]), (
                f"{name} {where}"
            )
            count += 1
    assert count > len(document["paths"])


def test_every_example_of_a_schema_fits_it(document: Json) -> None:
    for name, schema in document["components"]["schemas"].items():
        if not name.endswith("Problem"):
            checks = validator(document, schema)
            assert schema["examples"], name
            assert all(map(checks.is_valid, schema["examples"])), name


def test_every_problem_answer_has_an_example_of_each_code_that_fits(document: Json) -> None:
    components = document["components"]
    for name, response in components["responses"].items():
        content = response["content"]["application/problem+json"]
        checks = validator(document, content["schema"])
        for reference in content["examples"].values():
            example = components["examples"][reference["$ref"].rpartition("/")[2]]["value"]
            errors = [error.message for error in checks.iter_errors(example)]
            assert errors == [], f"{name} {example['code']}"


def test_every_answer_but_a_success_is_a_problem(document: Json) -> None:
    for name, described in operations(document):
        for status, response in described["responses"].items():
            assert ("$ref" in response) == (int(status) >= 400), f"{name} {status}"


def test_no_body_takes_a_member_that_it_does_not_name(document: Json) -> None:
    for name, schema in document["components"]["schemas"].items():
        if name.endswith(("Body", "Item")) and name != "RefusedItem":
            assert schema["additionalProperties"] is False, name


def test_keys_are_asked_for_where_views_need_them(app: Flask, open_app: OpenApp) -> None:
    document = open_app(auth="keys").test_client().get("/openapi.json").get_json()
    for rule in app.url_map.iter_rules():
        if is_page(app, rule):
            continue
        need = need_of(app.view_functions[rule.endpoint])
        for method in methods_of(rule):
            described = document["paths"][path_of(rule)][method.lower()]
            assert need in described["description"]
            assert ("security" in described) == (need != "nothing")


def test_in_open_mode_nobody_is_asked_for_a_key(open_document: Json) -> None:
    assert not any("security" in described for _, described in operations(open_document))


@pytest.mark.parametrize("schema", ["ReserveBody", "BulkBody", "ReconcileBody"])
def test_partner_must_be_named_where_no_key_names_it(
    open_app: OpenApp, open_document: Json, schema: str
) -> None:
    with_keys = open_app(auth="keys").test_client().get("/openapi.json").get_json()

    assert "partnerId" in open_document["components"]["schemas"][schema]["required"]
    assert "partnerId" not in with_keys["components"]["schemas"][schema]["required"]


def test_route_without_a_description_stops_the_start(open_app: OpenApp) -> None:
    app = open_app()
    app.add_url_rule("/new", view_func=needs("nothing")(lambda: ""), endpoint="new")

    with pytest.raises(RuntimeError, match="new"):
        refuse_undocumented(app)


def test_document_needs_no_key(open_app: OpenApp) -> None:
    response = open_app(auth="keys").test_client().get("/openapi.json")

    assert response.content_type == "application/json"
    assert json.loads(response.data)["info"]["title"] == "TicketBoss"
