"""Parameters in the OpenAPI document: each has a valid example, and bounds that are true."""

from typing import Any

import pytest
import requests

from tests.api.conftest import OpenApp
from tests.api.test_openapi import operations, validator
from tests.api.wire import Wire
from tests.server import Server

Json = dict[str, Any]

HOST = b"Host: localhost"


@pytest.fixture(params=["open", "keys"])
def document(request: pytest.FixtureRequest, open_app: OpenApp) -> Json:
    """The document as it is served, in each mode."""
    found: Json = open_app(auth=request.param).test_client().get("/openapi.json").get_json()
    return found


def parameters(document: Json) -> list[tuple[str, Json]]:
    """All parameters, each with the operation that takes it."""
    return [
        (f"{name} {parameter['name']}", parameter)
        for name, described in operations(document)
        for parameter in described["parameters"]
    ]


def test_every_parameter_has_an_example_that_is_valid(document: Json) -> None:
    for name, parameter in parameters(document):
        named = parameter.get("examples", {"only": {"value": parameter.get("example")}})
        values = [example["value"] for example in named.values() if "value" in example]
        assert len(values) == 1, name
        assert validator(document, parameter["schema"]).is_valid(values[0]), name


def test_first_example_of_what_may_be_left_out_leaves_it_out(document: Json) -> None:
    for name, parameter in parameters(document):
        assert ("example" in parameter) == parameter["required"], name
        if not parameter["required"]:
            assert "value" not in next(iter(parameter["examples"].values())), name


def test_every_text_in_a_path_or_a_header_has_its_longest(document: Json) -> None:
    for name, parameter in parameters(document):
        if parameter["in"] != "query" and "enum" not in parameter["schema"]:
            assert parameter["schema"]["maxLength"] > 0, name


@pytest.mark.parametrize("name", ["If-None-Match", "If-Match"])
def test_header_may_be_as_long_as_documented_and_no_longer(live: Server, name: str) -> None:
    document = requests.get(f"{live.url}/openapi.json", timeout=10).json()
    (length_max,) = {
        parameter["schema"]["maxLength"]
        for _, parameter in parameters(document)
        if parameter["name"] == name
    }
    line = b"GET / HTTP/1.1" if name == "If-None-Match" else b"DELETE /reservations/x HTTP/1.1"

    for length, statuses in ((length_max, {200, 404, 412}), (length_max + 1, {431})):
        value = b'"' + b"a" * (length - 2) + b'"'
        with Wire(live.port) as wire:
            assert wire.ask(line, HOST, name.encode() + b": " + value).status in statuses


def test_ids_may_be_as_long_as_documented(live: Server) -> None:
    document = requests.get(f"{live.url}/openapi.json", timeout=10).json()
    lengths = {
        parameter["schema"]["maxLength"]
        for _, parameter in parameters(document)
        if parameter["name"] in ("eventId", "partnerId", "reservationId", "keyId")
        and parameter["in"] == "path"
    }
    (length_max,) = lengths
    body = {"name": "Longest", "totalSeats": 1}

    for length, status in ((length_max, 201), (length_max + 1, 400)):
        named = {**body, "eventId": "e" * length}
        assert requests.post(f"{live.url}/events", json=named, timeout=10).status_code == status
