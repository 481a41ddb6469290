"""Schemas with a short way for what is plainly right."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError, fields, missing, validates_schema

from ticketboss.api.fields import TrimmedString

NOT_PLAIN = "For the long way."
# What a value must be, exactly, and what is made of it. Other kinds have no short way.
KINDS: dict[type[Any], tuple[type[Any], Callable[[Any], Any] | None]] = {
    fields.Integer: (int, None),
    fields.String: (str, None),
    TrimmedString: (str, str.strip),
}


@dataclass(frozen=True, slots=True)
class PlainField:
    """What the short way needs to know of one field: all of it is the field's own."""

    key: str
    name: str
    kind: type[Any]
    convert: Callable[[Any], Any] | None
    validators: list[Callable[[Any], Any]]
    default: Any
    is_required: bool

    def value_in(self, data: dict[str, Any]) -> Any:
        """The value for it, or `missing`. Raises ValidationError where that is not plain."""
        value = data.get(self.key, missing)
        if value is missing:
            if self.is_required:
                raise ValidationError(NOT_PLAIN)
            return self.default
        if type(value) is not self.kind:
            raise ValidationError(NOT_PLAIN)
        if self.convert is not None:
            value = self.convert(value)
        for validate in self.validators:
            validate(value)
        return value


class PlainSchema(Schema):
    """A Schema of integers and strings, for bodies that come many thousand times a second.

    marshmallow's own way asks more questions of each field than most bodies need. The short way
    has no rules: it calls the fields' own validators. Whatever is not plainly right for it goes
    the long way, which alone says what is wrong.

    Raises KeyError or TypeError for what it cannot do the same way as marshmallow: another kind of
    field, one that is not strict, hooks of the schema or of a field, a default that is a function.
    Members that must go together are for `check_together`.
    """

    def __init__(self, **options: Any) -> None:
        for name in _hooks(type(self)) - {PlainSchema._check_together.__name__}:
            raise TypeError(f"{name} is a hook, of which the short way knows nothing.")
        super().__init__(**options)
        partial = self.partial if isinstance(self.partial, tuple) else ()
        self._plain = [
            _plain(name, field, name in partial) for name, field in self.load_fields.items()
        ]
        self._keys = frozenset(field.key for field in self._plain)

    def load(self, data: Any, **options: Any) -> Any:
        loaded = None if options else self._loaded_shortly(data)
        return super().load(data, **options) if loaded is None else loaded

    def check_together(self, loaded: dict[str, Any]) -> None:
        """Raise ValidationError for members that do not go together."""

    @validates_schema
    def _check_together(self, loaded: dict[str, Any], **_: Any) -> None:
        self.check_together(loaded)

    def _loaded_shortly(self, data: dict[str, Any]) -> dict[str, Any] | None:
        if not data.keys() <= self._keys:
            return None
        loaded = {}
        try:
            for field in self._plain:
                value = field.value_in(data)
                if value is not missing:
                    loaded[field.name] = value
            self.check_together(loaded)
        except ValidationError:
            return None
        return loaded


def _hooks(schema: type[Schema]) -> set[str]:
    return {name for hooks in schema.resolve_hooks().values() for name, *_ in hooks}


def _plain(name: str, field: fields.Field[Any], is_partial: bool) -> PlainField:
    kind, convert = KINDS[type(field)]
    if isinstance(field, fields.Integer) and not field.strict:
        raise TypeError(f"{name} is not strict.")
    if field.pre_load or field.post_load:
        raise TypeError(f"{name} has hooks, of which the short way knows nothing.")
    if callable(field.load_default):
        raise TypeError(f"The default of {name} is a function.")
    return PlainField(
        key=field.data_key or name,
        name=field.attribute or name,
        kind=kind,
        convert=convert,
        validators=field.validators,
        default=field.load_default,
        is_required=field.required and not is_partial,
    )
