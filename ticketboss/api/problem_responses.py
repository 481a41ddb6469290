"""The error answers of operations, as components that the OpenAPI document shares."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from apispec import APISpec

from ticketboss.api.message_headers import response_headers
from ticketboss.api.problem_documents import problem_example, problem_schema
from ticketboss.api.problem_types import PROBLEMS

PROBLEM_JSON = "application/problem+json"
_HEADERS = {
    HTTPStatus.UNAUTHORIZED: ("WWW-Authenticate",),
    HTTPStatus.METHOD_NOT_ALLOWED: ("Allow",),
    HTTPStatus.TOO_MANY_REQUESTS: ("Retry-After",),
    HTTPStatus.SERVICE_UNAVAILABLE: ("Retry-After",),
}


class ProblemResponses:
    """Registers each error code, and each set of codes of one status when it is first asked for."""

    def __init__(self, spec: APISpec) -> None:
        self._components = spec.components
        self._names: dict[tuple[str, ...], str] = {}
        for code, kind in PROBLEMS.items():
            example = {"summary": kind.title, "value": problem_example(code, kind)}
            spec.components.schema(_name(code), problem_schema(code))
            spec.components.example(_name(code), example)

    def by_status(self, codes: Sequence[str]) -> dict[str, str]:
        """The names of the components for these codes, by the status that they have."""
        found: dict[int, list[str]] = {}
        for code in codes:
            found.setdefault(PROBLEMS[code].status, []).append(code)
        return {str(status): self.named(tuple(found[status])) for status in sorted(found)}

    def named(self, codes: tuple[str, ...]) -> str:
        """The name of the component for the answer with one of these codes, of one status."""
        if codes not in self._names:
            name = _name(codes[0]) if len(codes) == 1 else self._free_name(codes)
            self._components.response(name, _response(codes))
            self._names[codes] = name
        return self._names[codes]

    def _free_name(self, codes: tuple[str, ...]) -> str:
        phrase = HTTPStatus(PROBLEMS[codes[0]].status).phrase.replace(" ", "")
        taken = sum(name.startswith(f"{phrase}Problems") for name in self._names.values())
        return f"{phrase}Problems{taken + 1}"


def _response(codes: tuple[str, ...]) -> dict[str, Any]:
    status = HTTPStatus(PROBLEMS[codes[0]].status)
    schemas = [{"$ref": f"#/components/schemas/{_name(code)}"} for code in codes]
    examples = {code: {"$ref": f"#/components/examples/{_name(code)}"} for code in codes}
    return {
        "description": f"{status.phrase}: {', '.join(codes)}",
        "headers": response_headers(_HEADERS.get(status, ())),
        "content": {
            PROBLEM_JSON: {
                "schema": schemas[0] if len(schemas) == 1 else {"oneOf": schemas},
                "examples": examples,
            }
        },
    }


def _name(code: str) -> str:
    return "".join(word.capitalize() for word in code.split("_")) + "Problem"
