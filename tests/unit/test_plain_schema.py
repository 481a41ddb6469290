"""The short way of a schema and marshmallow's own agree on every body."""

import pkgutil
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import (
    Schema,
    ValidationError,
    fields,
    post_load,
    pre_load,
    validates,
    validates_schema,
)

from ticketboss import api
from ticketboss.api.plain_schema import PlainSchema
from ticketboss.api.schemas import ReserveBody
from ticketboss.domain.events import TOTAL_SEATS_MAX
from ticketboss.domain.reservations import HOLD_SECONDS_MAX, REFERENCE_LENGTH_MAX


def _plain_schemas() -> list[PlainSchema]:
    """All that the application has, and one of each class that only other schemas use."""
    found: dict[int, PlainSchema] = {}
    classes: set[type[PlainSchema]] = set()
    for module in pkgutil.iter_modules(api.__path__, f"{api.__name__}."):
        for value in vars(import_module(module.name)).values():
            if isinstance(value, PlainSchema):
                found[id(value)] = value
            elif isinstance(value, type) and issubclass(value, PlainSchema):
                classes.add(value)
    used = {type(schema) for schema in found.values()}
    return [*found.values(), *(each() for each in classes - used - {PlainSchema})]


def _told(schema: PlainSchema) -> str:
    return f"{type(schema).__name__}, partial {schema.partial}"


SCHEMAS = sorted(_plain_schemas(), key=_told)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=3,
)


def _near(limit: int) -> st.SearchStrategy[int]:
    return st.integers(-1, 3) | st.integers(limit - 2, limit + 2)


MEMBERS: dict[str, st.SearchStrategy[Any]] = {
    "partnerId": st.sampled_from(["abc-corp", " abc-corp\n", "", " ", "a b", "é", "a" * 64])
    | st.text(alphabet="aZ9._:- \n\x85", max_size=66),
    "seats": _near(TOTAL_SEATS_MAX) | st.sampled_from([True, 1.0, "1", 10**200]),
    "minSeats": _near(3),
    "holdSeconds": _near(HOLD_SECONDS_MAX),
    "reference": st.text(max_size=3)
    | st.sampled_from(["\x00", " ", "\x85", "r" * REFERENCE_LENGTH_MAX, "r" * 101]),
    "partner_id": st.just("abc-corp"),
    "more": st.just(1),
}
ODD_BODIES = st.fixed_dictionaries(
    {"seats": MEMBERS["seats"] | ANYTHING},
    optional={name: values | ANYTHING for name, values in MEMBERS.items() if name != "seats"},
) | st.dictionaries(st.sampled_from(sorted(MEMBERS)) | st.text(max_size=3), ANYTHING, max_size=4)
SPACE = st.sampled_from(["", "", " ", "\n", "\t", "\x85"])
RIGHT_PARTNER_IDS = st.tuples(SPACE, st.text("aZ9._:-", min_size=1, max_size=64), SPACE).map(
    "".join
)
RIGHT_MEMBERS: dict[str, st.SearchStrategy[Any]] = {
    "minSeats": st.integers(1, 4),
    "holdSeconds": st.integers(1, HOLD_SECONDS_MAX),
    "reference": st.text("aZ \u00a0\u00e9", max_size=REFERENCE_LENGTH_MAX),
}
RIGHT_SEATS = st.integers(1, 4) | st.integers(1, TOTAL_SEATS_MAX)
# With a partner or, as an item of a bulk has it, without one; minSeats may be more than seats.
RIGHT_BODIES = st.fixed_dictionaries(
    {"partnerId": RIGHT_PARTNER_IDS, "seats": RIGHT_SEATS}, optional=RIGHT_MEMBERS
) | st.fixed_dictionaries({"seats": RIGHT_SEATS}, optional=RIGHT_MEMBERS)
ONE_ODD_MEMBER = st.sampled_from(sorted(MEMBERS)).flatmap(
    lambda name: st.tuples(RIGHT_BODIES, MEMBERS[name] | ANYTHING).map(
        lambda both: both[0] | {name: both[1]}
    )
)
BODIES = RIGHT_BODIES | ONE_ODD_MEMBER | ODD_BODIES
PART_OF_SHORT_WAYS_MIN = 0.1


def _outcome(schema: Schema, way: Any, body: dict[str, Any]) -> tuple[str, Any]:
    try:
        loaded = way(schema, body)
    except ValidationError as error:
        return "wrong", error.messages
    # With the kinds and the order: True is 1 otherwise.
    return "right", [(name, type(value), value) for name, value in loaded.items()]


@pytest.mark.parametrize("schema", SCHEMAS, ids=_told)
@given(body=BODIES)
def test_both_ways_agree_on_every_body(schema: PlainSchema, body: dict[str, Any]) -> None:
    assert _outcome(schema, PlainSchema.load, body) == _outcome(schema, Schema.load, body)


@pytest.mark.parametrize("schema", SCHEMAS, ids=_told)
def test_enough_of_these_bodies_go_the_short_way(
    schema: PlainSchema, monkeypatch: pytest.MonkeyPatch
) -> None:
    went: list[set[str] | None] = []
    monkeypatch.setattr(Schema, "_do_load", lambda *_, **__: went.append(None))

    @settings(derandomize=True, database=None, max_examples=300)
    @given(body=BODIES)
    def load(body: dict[str, Any]) -> None:
        before = len(went)
        schema.load(body)
        if len(went) == before:
            went.append(set(body))

    load()
    short = [members for members in went if members is not None]
    assert len(short) / len(went) >= PART_OF_SHORT_WAYS_MIN
    assert set().union(*short) >= {"seats", *RIGHT_MEMBERS}


@pytest.mark.parametrize(
    "body",
    [
        {"partnerId": "abc-corp", "seats": 1},
        {"partnerId": " abc-corp ", "seats": 2, "minSeats": 1, "holdSeconds": 60},
        {"partnerId": "abc-corp", "seats": 1, "reference": "order 1"},
    ],
)
def test_ordinary_bodies_go_the_short_way(
    body: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = ReserveBody().load(body)
    monkeypatch.delattr(Schema, "_do_load")
    assert ReserveBody().load(body) == expected


def test_a_kind_of_field_without_a_short_way_is_refused_at_the_start() -> None:
    with pytest.raises(KeyError):
        PlainSchema.from_dict({"flag": fields.Boolean()})()
    with pytest.raises(TypeError, match="not strict"):
        PlainSchema.from_dict({"count": fields.Integer()})()


@pytest.mark.parametrize(
    "decorator",
    [pre_load, post_load, validates_schema, validates("count")],
    ids=lambda each: str(each),
)
def test_a_hook_of_a_schema_is_refused_at_the_start(decorator: Callable[..., Any]) -> None:
    """The short way would pass it by, and let through what marshmallow's own way changes."""
    hooked = type("Hooked", (ReserveBody,), {"hook": decorator(lambda *_, **__: None)})

    with pytest.raises(TypeError, match="hook is a hook"):
        hooked()


@pytest.mark.parametrize(
    "field", [fields.String(pre_load=str.upper), fields.String(post_load=str.upper)]
)
def test_a_hook_of_a_field_is_refused_at_the_start(field: fields.String) -> None:
    with pytest.raises(TypeError, match="name has hooks"):
        PlainSchema.from_dict({"name": field})()


def test_a_default_that_is_a_function_is_refused_at_the_start() -> None:
    with pytest.raises(TypeError, match="The default of name is a function"):
        PlainSchema.from_dict({"name": fields.String(load_default=str)})()


def test_all_plain_schemas_of_the_application_are_held_against_marshmallow() -> None:
    assert [_told(schema) for schema in SCHEMAS] == [
        "BulkItem, partial None",
        "ReserveBody, partial ('partner_id',)",
        "ReserveBody, partial None",
    ]
