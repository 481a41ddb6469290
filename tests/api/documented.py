"""Whether an answer is one that the OpenAPI document shows: its status, headers and members."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema_rs

Json = dict[str, Any]

# Of any answer, or of HTTP itself; the document leaves them out.
COMMON_HEADERS = frozenset(
    {
        *("cache-control", "connection", "content-length", "content-security-policy"),
        *("content-type", "date", "last-modified", "server", "transfer-encoding"),
        "x-content-type-options",
    }
)
# Where there is nothing, and what is refused before that is looked at.
UNKNOWN_URL_STATUSES = frozenset({400, 404, 405, 411, 413})


class Documented:
    """One document, and what of its schemas real answers have shown so far."""

    def __init__(self, text: bytes) -> None:
        self._document: Json = json.loads(text)
        self.members_seen: dict[str, set[str]] = {}
        self._paths = sorted(
            ((_pattern(path), methods) for path, methods in self._document["paths"].items()),
            key=lambda found: found[0].groups,
        )
        self._validators: dict[str, jsonschema_rs.Validator] = {}

    def check(
        self, method: str, path: str, status: int, headers: Mapping[str, str], body: bytes
    ) -> None:
        """Assert that the document shows this answer; `path` is as routing sees it."""
        found = self._operation(method, path)
        if found is None:
            assert status in UNKNOWN_URL_STATUSES, f"{method} {path} is not documented"
            return
        where = f"{method} {path} {status}"
        assert str(status) in found["responses"], where
        response = self._resolved(found["responses"][str(status)])
        self._check_headers(where, response.get("headers", {}), headers)
        content_type = headers.get("Content-Type", "").partition(";")[0]
        if method != "HEAD" and content_type.endswith("json"):
            schema = response["content"][content_type]["schema"]
            document = json.loads(body)
            errors = [error.message for error in self._validator(schema).iter_errors(document)]
            assert errors == [], f"{where} {body[:500]!r}"
            self._check_members(where, schema, document)

    def properties(self, schema: str) -> set[str]:
        """The members that the document names of a schema."""
        return set(self._document["components"]["schemas"][schema]["properties"])

    def _operation(self, method: str, path: str) -> Json | None:
        wanted = "get" if method == "HEAD" else method.lower()
        for pattern, methods in self._paths:
            if wanted in methods and pattern.fullmatch(path):
                found: Json = methods[wanted]
                return found
        return None

    def _check_headers(self, where: str, shown: Json, headers: Mapping[str, str]) -> None:
        there = {name.lower() for name in headers} - COMMON_HEADERS
        required = {name.lower() for name, header in shown.items() if header["required"]}
        named = {name.lower() for name in shown}
        assert required <= there, f"{where} lacks {required - there}"
        assert there <= named, f"{where} has {there - named}"

    def _check_members(self, where: str, schema: Json, document: Any) -> None:
        for name, kind, members in self._objects(schema, document):
            unknown = members - set(kind["properties"])
            assert unknown == set(), f"{where}: {name} has {unknown}"
            self.members_seen.setdefault(name, set()).update(members)

    def _objects(self, schema: Json, value: Any) -> Iterator[tuple[str, Json, set[str]]]:
        """All objects in an answer with the names and schemas of their kinds."""
        name = schema.get("$ref", "").rpartition("/")[2]
        kind = self._resolved(schema)
        choices = kind.get("anyOf", kind.get("oneOf"))
        if choices is not None:
            chosen = next(each for each in choices if self._validator(each).is_valid(value))
            yield from self._objects(chosen, value)
        elif isinstance(value, dict) and "properties" in kind:
            yield name, kind, set(value)
            for member in kind["properties"].keys() & value.keys():
                yield from self._objects(kind["properties"][member], value[member])
        elif isinstance(value, list) and "items" in kind:
            for each in value:
                yield from self._objects(kind["items"], each)

    def _resolved(self, found: Json) -> Json:
        while "$ref" in found:
            target = self._document
            for step in found["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            found = target
        return found

    def _validator(self, schema: Json) -> jsonschema_rs.Validator:
        key = json.dumps(schema)
        if key not in self._validators:
            whole = {**schema, "components": self._document["components"]}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return self._validators[key]


@cache
def documented(text: bytes) -> Documented:
    """The document with this text."""
    return Documented(text)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{\w+\\}", "([^/]+)", re.escape(path)) + "/?")
