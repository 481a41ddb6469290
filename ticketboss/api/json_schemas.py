"""marshmallow schemas as JSON Schema, as strict as ours are: an extension of apispec's plugin."""

from typing import Any, cast

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema, fields

from ticketboss.api.answers import Answer, Outcome, RefusedItem
from ticketboss.api.fields import (
    Moment,
    QueryInteger,
    StrictBoolean,
    TrimmedString,
    is_event_id,
    is_partner_id,
    no_api_key,
    printable,
)
from ticketboss.api.operations import GROWTH, NOT_ON_SALE
from ticketboss.api.problem_documents import FACTS, facts_of
from ticketboss.api.schemas import BulkBody, ReconcileBody, ReserveBody, is_printable_name
from ticketboss.domain.api_keys import API_KEY_PATTERN
from ticketboss.domain.events import EVENT_ID_PATTERN, EVENT_NAME_LENGTH_MAX
from ticketboss.domain.reservations import PARTNER_ID_PATTERN
from ticketboss.formats import camel_case

# What str.strip() takes away, spelt out: dialects of patterns differ about \s.
_SPACE = r"\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_CONTROL = r"\u0000-\u001f\u007f-\u009f"
_NO_KEY = rf"(?![^{_CONTROL}]*{API_KEY_PATTERN})"
PRINTABLE_PATTERN = rf"^{_NO_KEY}[^{_CONTROL}]*[^{_CONTROL}{_SPACE}][^{_CONTROL}]*$"
QUERY_INTEGER_MAX = 10**18 - 1
# In open mode nobody's key says for which partner these are.
NAMING_A_PARTNER = (ReserveBody, BulkBody, ReconcileBody)
# What may stand beside the code of a refused item, each fact as in that code's own problem.
_FACTS_OF_ITEMS = {
    camel_case(fact): FACTS[fact][0]
    for code in GROWTH
    if code not in NOT_ON_SALE
    for fact in facts_of(code)
}

Json = dict[str, Any]


def _trimmed(pattern: str) -> str:
    return f"^[{_SPACE}]*{pattern}[{_SPACE}]*$"


def _field_words(_: Any, field: fields.Field[Any], ret: Json) -> Json:
    """What apispec does not know of our kinds of fields and validators."""
    # Null says no more than that it may be left out, and -1 cannot be sent.
    if ret.get("default", 0) in (None, -1):
        del ret["default"]
    found: Json = {}
    if isinstance(field, StrictBoolean):
        found["type"] = "boolean"
    elif isinstance(field, Moment):
        found |= {"type": ["string", "null"] if field.allow_none else "string"}
        found["format"] = "date-time"
    elif isinstance(field, QueryInteger):
        found |= {
            "minimum": max(ret.get("minimum", 0), 0),
            "maximum": min(ret.get("maximum", QUERY_INTEGER_MAX), QUERY_INTEGER_MAX),
        }
    for validator in field.validators:
        found |= _validator_words(validator, is_trimmed=isinstance(field, TrimmedString))
    return found


def _validator_words(validator: Any, is_trimmed: bool) -> Json:
    for known, pattern in ((is_partner_id, PARTNER_ID_PATTERN), (is_event_id, EVENT_ID_PATTERN)):
        if validator is known:
            return {"pattern": _trimmed(pattern) if is_trimmed else f"^{pattern}$"}
    if validator is no_api_key:
        return {"pattern": rf"^(?![\s\S]*{API_KEY_PATTERN})"}
    if validator is printable:
        return {"pattern": PRINTABLE_PATTERN, "minLength": 1}
    if validator is is_printable_name:
        return {
            "pattern": PRINTABLE_PATTERN,
            "minLength": 1,
            "maxLength": EVENT_NAME_LENGTH_MAX,
            "format": "printable",
            "description": "No characters that Unicode calls not printable.",
        }
    return {}


class _Converter(OpenAPIConverter):
    is_open = False

    def schema2jsonschema(self, schema: Schema) -> Json:
        """As apispec does it, and what our schemas demand of several members together."""
        if isinstance(schema, Outcome):
            return {"anyOf": [self._reference(kind) for kind in Outcome.any_of]}
        found: Json = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call]
        if isinstance(schema, RefusedItem):
            found["properties"] |= _FACTS_OF_ITEMS
        if isinstance(schema, NAMING_A_PARTNER) and "partner_id" in schema.fields:
            self._name_a_partner(found)
        if not isinstance(schema, Answer):
            found |= getattr(schema, "constraints", {})
        return found

    def _reference(self, schema: type[Schema]) -> Any:
        return self.resolve_nested_schema(schema)  # type: ignore[no-untyped-call]

    def _name_a_partner(self, found: Json) -> None:
        required = {*found.get("required", ())} - {"partnerId"}
        partner = found["properties"]["partnerId"]
        if self.is_open:
            required.add("partnerId")
            partner["type"] = "string"
        partner["description"] = (
            "For which partner. A partner's key leaves it out or names its own."
        )
        found["required"] = sorted(required)


class SchemaPlugin(MarshmallowPlugin):
    """Turns schema classes into components; names of components are those of the classes."""

    Converter = _Converter

    def __init__(self, is_open: bool) -> None:
        super().__init__(schema_name_resolver=lambda schema: _class_of(schema).__name__)
        self._is_open = is_open

    def init_spec(self, spec: Any) -> None:
        """Called by apispec before anything else."""
        super().init_spec(spec)
        converter = cast(_Converter, self.converter)
        converter.is_open = self._is_open
        converter.add_attribute_function(_field_words)  # type: ignore[no-untyped-call]


def _class_of(schema: Any) -> type[Schema]:
    return schema if isinstance(schema, type) else type(schema)
