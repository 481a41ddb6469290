"""The error answers of operations, as components that the OpenAPI document shares."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from apispec import APISpec

from ticketboss.api.message_headers import response_headers
from ticketboss.api.problem_documents import (
    CODES_OF_REFUSALS,
    problem_example,
    problem_schema,
)
from ticketboss.api.problem_types import ALL_PROBLEMS

PROBLEM_JSON = "application/problem+json"
_HEADERS_OF_STATUS = {
    HTTPStatus.UNAUTHORIZED: "WWW-Authenticate",
    HTTPStatus.METHOD_NOT_ALLOWED: "Allow",
    HTTPStatus.TOO_MANY_REQUESTS: "Retry-After",
    HTTPStatus.SERVICE_UNAVAILABLE: "Retry-After",
}
_HEADERS_OF_CODE = {"wrong_scope": "WWW-Authenticate"}
# The codes of one status, and whether the operation is one that the engine decides.
Key = tuple[tuple[str, ...], bool]


class ProblemResponses:
    """Registers each error code, and each set of codes of one status when it is first asked for."""

    def __init__(self, spec: APISpec) -> None:
        self._components = spec.components
        self._names: dict[Key, str] = {}
        for code, kind in ALL_PROBLEMS.items():
            example = {"summary": kind.title, "value": problem_example(code, kind)}
            spec.components.schema(_name(code), problem_schema(code))
            spec.components.example(_name(code), example)

    def by_status(self, codes: Sequence[str], is_decided: bool) -> dict[str, str]:
        """The names of the components for these codes, by the status that they have."""
        found: dict[int, list[str]] = {}
        for code in codes:
            found.setdefault(ALL_PROBLEMS[code].status, []).append(code)
        return {
            str(status): self.named(tuple(found[status]), is_decided) for status in sorted(found)
        }

    def named(self, codes: tuple[str, ...], is_decided: bool) -> str:
        """The name of the component for the answer with one of these codes, of one status."""
        # Only a refusal by the engine can say at which version it was decided.
        key = (codes, is_decided and not CODES_OF_REFUSALS.isdisjoint(codes))
        if key not in self._names:
            name = self._free_name(*key)
            self._components.response(name, _response(*key))
            self._names[key] = name
        return self._names[key]

    def _free_name(self, codes: tuple[str, ...], has_version: bool) -> str:
        prefix = "Decided" if has_version else ""
        if len(codes) == 1:
            return prefix + _name(codes[0])
        phrase = HTTPStatus(ALL_PROBLEMS[codes[0]].status).phrase.replace(" ", "")
        group = f"{prefix}{phrase}Problems"
        return f"{group}{sum(name.startswith(group) for name in self._names.values()) + 1}"


def _response(codes: tuple[str, ...], has_version: bool) -> dict[str, Any]:
    status = HTTPStatus(ALL_PROBLEMS[codes[0]].status)
    schemas = [{"$ref": f"#/components/schemas/{_name(code)}"} for code in codes]
    examples = {code: {"$ref": f"#/components/examples/{_name(code)}"} for code in codes}
    return {
        "description": f"{status.phrase}: {', '.join(codes)}",
        "headers": _headers(codes, has_version),
        "content": {
            PROBLEM_JSON: {
                "schema": schemas[0] if len(schemas) == 1 else {"oneOf": schemas},
                "examples": examples,
            }
        },
    }


def _headers(codes: tuple[str, ...], has_version: bool) -> dict[str, Any]:
    of_codes = [_HEADERS_OF_CODE.get(code) for code in codes]
    of_status = _HEADERS_OF_STATUS.get(HTTPStatus(ALL_PROBLEMS[codes[0]].status))
    names = {of_status, *of_codes} - {None}
    certain = names if of_status or len({*of_codes}) == 1 else set()
    possible = {*names, "TicketBoss-Version"} if has_version else names
    return response_headers(sorted(filter(None, certain)), sorted(filter(None, possible)))


def _name(code: str) -> str:
    return "".join(word.capitalize() for word in code.split("_")) + "Problem"
