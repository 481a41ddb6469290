"""Kinds of fields that marshmallow has not, or takes less strictly."""

import re
import unicodedata
from typing import Any

from marshmallow import ValidationError, fields, validate

from ticketboss.domain.api_keys import has_api_key
from ticketboss.domain.events import EVENT_ID_PATTERN
from ticketboss.domain.reservations import PARTNER_ID_PATTERN
from ticketboss.formats import parse_rfc3339

ID_ERROR = "Must be 1 to 64 letters, digits or any of . _ : -"

is_partner_id = validate.Regexp(rf"\A{PARTNER_ID_PATTERN}\Z", error=ID_ERROR)
is_event_id = validate.Regexp(rf"\A{EVENT_ID_PATTERN}\Z", error=f"{ID_ERROR}, not dots alone.")


class TrimmedString(fields.String):
    """A string without the white space around it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return super()._deserialize(value, attr, data, **kwargs).strip()


class StrictBoolean(fields.Field[bool]):
    """true or false, and neither 1 nor "yes"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:  # noqa: ARG002
        if not isinstance(value, bool):
            raise ValidationError("Must be true or false.")
        return value


class Moment(fields.Field[int]):
    """An RFC 3339 time with its offset, as milliseconds since 1970."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:  # noqa: ARG002
        try:
            return parse_rfc3339(value if isinstance(value, str) else "")
        except ValueError as error:
            raise ValidationError(f"It {error}.") from None


class BoundedList(fields.List[Any]):
    """A list whose length is checked before any of its items costs anything."""

    def __init__(
        self, inner: fields.Field[Any], *, min_: int = 0, max_: int, **options: Any
    ) -> None:
        self._length = validate.Length(min=min_, max=max_)
        super().__init__(inner, validate=self._length, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if isinstance(value, list):
            self._length(value)
        return super()._deserialize(value, attr, data, **kwargs)


class QueryInteger(fields.Integer):
    """An integer in a query: plain digits."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not re.fullmatch(r"[0-9]{1,18}", value):
            raise ValidationError("Must be a number.")
        found: int = super()._deserialize(value, attr, data, **kwargs)
        return found


def printable(text: str) -> None:
    """Refuse blank text, control characters, which not all databases can keep, and API keys."""
    if not text.strip():
        raise ValidationError("Must not be blank.")
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise ValidationError("Must not have control characters.")
    no_api_key(text)


def no_api_key(text: str) -> None:
    """Refuse an API key in the wrong place, where it would be kept or told."""
    if has_api_key(text):
        raise ValidationError("Must not have an API key in it.")
