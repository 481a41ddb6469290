"""The errors in the OpenAPI document: those of the README and the code, wherever they occur."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.conftest import OpenApp
from tests.server import PROJECT
from ticketboss.api.problem_types import PROBLEMS, SERVER_PROBLEMS

Json = dict[str, Any]

ERROR_ROW = re.compile(r"^\| `(\w+)` \| (\d{3}) \|.*\| (yes|no) \|$", re.MULTILINE)


@pytest.fixture(params=["open", "keys"])
def document(request: pytest.FixtureRequest, open_app: OpenApp) -> Json:
    """The document as it is served, in each mode."""
    found: Json = open_app(auth=request.param).test_client().get("/openapi.json").get_json()
    return found


def refusals(document: Json) -> Iterator[tuple[Json, int, Json]]:
    """Each operation with the statuses of its errors and the answers that these have."""
    for methods in document["paths"].values():
        for described in methods.values():
            for status, response in described["responses"].items():
                if "$ref" in response:
                    name = response["$ref"].rpartition("/")[2]
                    yield described, int(status), document["components"]["responses"][name]


def codes(response: Json) -> set[str]:
    """The codes of an error answer."""
    return set(response["content"]["application/problem+json"]["examples"])


def test_document_has_the_errors_of_the_code_and_of_the_readme(document: Json) -> None:
    schemas = document["components"]["schemas"]
    constants = {
        schema["properties"]["code"]["const"]: (
            schema["properties"]["status"]["const"],
            schema["properties"]["retryable"]["const"],
        )
        for name, schema in schemas.items()
        if name.endswith("Problem")
    }
    kinds = {**PROBLEMS, **SERVER_PROBLEMS}
    table = ERROR_ROW.findall((PROJECT / "README.md").read_text())

    assert constants == {code: (kind.status, kind.retryable) for code, kind in kinds.items()}
    assert constants == {code: (int(status), again == "yes") for code, status, again in table}


def test_every_code_is_an_answer_of_some_operation_with_its_status(document: Json) -> None:
    found = {
        (code, status) for _, status, response in refusals(document) for code in codes(response)
    }
    of_any_url = {(code, PROBLEMS[code].status) for code in ("not_found", "method_not_allowed")}
    kinds = {**PROBLEMS, **SERVER_PROBLEMS}

    assert found | of_any_url == {(code, kind.status) for code, kind in kinds.items()}


def test_every_operation_has_what_the_server_refuses_whatever_is_asked(document: Json) -> None:
    told: dict[str, set[str]] = {}
    for described, _, response in refusals(document):
        told.setdefault(described["operationId"], set()).update(codes(response))

    assert len(told) == sum(map(len, document["paths"].values()))
    for operation, found in told.items():
        assert found >= {"bad_request", "internal_error", *SERVER_PROBLEMS}, operation


def test_refusals_that_are_decided_may_have_the_version(document: Json) -> None:
    for described, status, response in refusals(document):
        names = {parameter["name"] for parameter in described["parameters"]}
        if "TicketBoss-Version" in response["headers"]:
            assert "Idempotency-Key" in names
            assert response["headers"]["TicketBoss-Version"]["required"] is False
        elif "Idempotency-Key" in names:
            assert status not in (404, 409, 412, 422)


def test_answers_that_want_another_key_say_how_to_send_it(open_app: OpenApp) -> None:
    document = open_app(auth="keys").test_client().get("/openapi.json").get_json()
    for _, status, response in refusals(document):
        asks = status == 401 or "wrong_scope" in codes(response)
        assert ("WWW-Authenticate" in response["headers"]) == asks
        if asks:
            assert response["headers"]["WWW-Authenticate"]["required"] is (status == 401)
