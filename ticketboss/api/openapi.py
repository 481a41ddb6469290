"""The OpenAPI 3.1 document, built once from what stands beside the views."""

import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from inspect import getdoc
from typing import Any

from apispec import APISpec
from flask import Flask
from marshmallow import Schema
from werkzeug.routing import Rule

from ticketboss import __version__
from ticketboss.api.examples import EXAMPLES, PARAMETER_EXAMPLES, TEXT_EXAMPLES
from ticketboss.api.json_schemas import Json, SchemaPlugin
from ticketboss.api.links import links_of
from ticketboss.api.message_headers import CONDITIONAL_READ, DECIDED, SIMULATE, response_headers
from ticketboss.api.operations import Operation, operation_of
from ticketboss.api.problem_responses import ProblemResponses
from ticketboss.api.refusal_codes import ANY_URL_CODES, codes_of
from ticketboss.api.scopes import Need, need_of
from ticketboss.formats import camel_case

SECURITY_SCHEME = "apiKey"
DESCRIPTION = """\
Seats of events for many partners at once. Whatever is not answered 2xx is a problem document
(RFC 9457); rely on its `code`. A 5xx or a time-out means "unknown": ask again with the same
`Idempotency-Key`. Every URL may end with a slash; any other URL is a `not_found`, and a method
that a URL has not is a `method_not_allowed`. Integers are written without a fraction. Clients
ignore members that they do not know."""
# What stands in the security requirement of an operation, as the roles that a key needs.
ROLES: dict[Need, list[list[str]]] = {
    "nothing": [],
    "any key": [[]],
    "operator key": [["operator"]],
    "live operator key": [["operator", "live"]],
    "live operator key or loopback": [["operator"]],
}
# No id is longer: neither those that we make nor those that operators and partners choose.
ID_LENGTH_MAX = 64
PARAMETER = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")


def build_document(app: Flask, is_open: bool) -> Json:
    """Describe all routes of an application that has them all; `is_open` is its mode.

    In open mode no route asks for a key, and bodies must say which partner they are for.
    """
    spec = APISpec(
        title="TicketBoss",
        version=__version__,
        openapi_version="3.1.0",
        info={"description": DESCRIPTION, "license": {"name": "MIT", "identifier": "MIT"}},
        plugins=[SchemaPlugin(is_open)],
    )
    scheme = {"type": "http", "scheme": "bearer", "description": "An API key: tb_live_..."}
    spec.components.security_scheme(SECURITY_SCHEME, scheme)
    problems = ProblemResponses(spec)
    for code in ANY_URL_CODES:
        problems.named((code,), is_decided=False)
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if operation_of(app.view_functions[rule.endpoint]).is_page:
            continue
        _add_path(spec, problems, rule, app.view_functions[rule.endpoint], is_open)
    document: Json = spec.to_dict()
    schemas = document["components"]["schemas"]
    for schema, example in EXAMPLES.items():
        schemas[schema.__name__]["examples"] = [example]
    for methods in document["paths"].values():
        for described in methods.values():
            described["parameters"] = [
                _with_examples(parameter, described["operationId"])
                for parameter in described["parameters"]
            ]
    return document


def _with_examples(parameter: Json, operation_id: str) -> Json:
    """A parameter with examples of which Swagger UI fills in only what must be given.

    It takes the first one, and the first of those that may be left out has no value.
    """
    name = parameter["name"]
    own = PARAMETER_EXAMPLES.get(f"{operation_id}.{name}")
    value = own or PARAMETER_EXAMPLES[name]
    if parameter["required"]:
        return {**parameter, "example": value}
    examples = {"none": {"summary": "left out"}, "one": {"summary": str(value), "value": value}}
    return {**parameter, "examples": examples}


def _add_path(
    spec: APISpec, problems: ProblemResponses, rule: Rule, view: Callable[..., Any], is_open: bool
) -> None:
    stated, need = operation_of(view), need_of(view)
    path = path_of(rule)
    words = (getdoc(view) or "").split("\n\n", 1)
    for method in methods_of(rule):
        described: Json = {
            "operationId": _operation_id(stated, rule),
            "summary": words[0].rstrip("."),
            "description": "\n\n".join([*words[1:], f"Needs: {need}."]),
            "tags": [str(rule.endpoint).partition(".")[0].replace("_", " ")],
            "parameters": [
                *_path_parameters(stated, rule),
                *_other_parameters(stated, rule, method),
            ],
            "responses": {
                **dict(_successes(stated, rule, method)),
                **problems.by_status(codes_of(stated, rule, need), stated.decided),
            },
        }
        if stated.takes is not None:
            content = {"application/json": _content(stated.takes)}
            described["requestBody"] = {"required": True, "content": content}
        if need != "nothing" and not is_open:
            described["security"] = [{SECURITY_SCHEME: roles} for roles in ROLES[need]]
            if need == "live operator key or loopback":
                described["security"].append({})
        spec.path(path=path, operations={method.lower(): described})


def path_of(rule: Rule) -> str:
    """A route's URL as the document writes it: parameters in braces and in camelCase."""
    return PARAMETER.sub(lambda found: f"{{{camel_case(found[1])}}}", rule.rule)


def methods_of(rule: Rule) -> list[str]:
    """A route's methods; HEAD belongs to GET and is not told apart."""
    return sorted((rule.methods or set()) - {"HEAD"})


def _operation_id(stated: Operation, rule: Rule) -> str:
    if not rule.defaults:
        return stated.name
    return stated.name + ("AtRoot" if rule.rule == "/" else "OfDefaultEvent")


def _path_parameters(stated: Operation, rule: Rule) -> Iterator[Json]:
    for found in PARAMETER.finditer(rule.rule):
        name = camel_case(found[1])
        schema: Json = {"type": "string", "minLength": 1, "maxLength": ID_LENGTH_MAX}
        if stated.path_values:
            schema = {"type": "string", "enum": list(stated.path_values)}
        yield {
            "in": "path",
            "name": name,
            "required": True,
            "schema": schema,
        }


def _other_parameters(stated: Operation, rule: Rule, method: str) -> Iterator[Json]:
    if stated.query is not None:
        yield {"in": "query", "schema": stated.query}
    if stated.decided:
        yield from DECIDED
    if method == "GET" and "ETag" in stated.headers:
        yield CONDITIONAL_READ
    if "event_id" in rule.arguments:
        yield SIMULATE


def _successes(stated: Operation, rule: Rule, method: str) -> Iterator[tuple[str, Json]]:
    status, gives = stated.gives
    success: Json = {"description": HTTPStatus(status).phrase}
    of_decided = ("TicketBoss-Version", "Idempotent-Replayed") if stated.decided else ()
    success["headers"] = response_headers((*stated.headers, *of_decided))
    if isinstance(gives, str):
        content = {"schema": {"type": "string"}, "example": TEXT_EXAMPLES[stated.name]}
        success["content"] = {gives: content}
    elif gives is not None:
        success["content"] = {"application/json": _content(gives)}
    links = links_of(stated, rule)
    if links:
        success["links"] = links
    yield str(status), success
    if method == "GET" and "ETag" in stated.headers:
        headers = response_headers(("ETag",))
        yield "304", {"description": HTTPStatus.NOT_MODIFIED.phrase, "headers": headers}


def _content(schema: type[Schema]) -> Json:
    return {"schema": schema, "example": EXAMPLES[schema]}
