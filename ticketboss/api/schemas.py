"""The shapes of bodies. What depends on an event's state is decided in `domain/decide.py`."""

import unicodedata
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from ticketboss.domain.events import TOTAL_SEATS_MAX
from ticketboss.domain.reservations import (
    HOLD_SECONDS_MAX,
    PARTNER_ID_PATTERN,
    REFERENCE_LENGTH_MAX,
)


class TrimmedString(fields.String):
    """A string without the white space around it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return super()._deserialize(value, attr, data, **kwargs).strip()


def printable(text: str) -> None:
    """Refuse blank text and control characters, which some databases and logs cannot keep."""
    if not text.strip():
        raise ValidationError("Must not be blank.")
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise ValidationError("Must not have control characters.")


class ReserveBody(Schema):
    """What POST .../reservations takes."""

    partner_id = TrimmedString(
        data_key="partnerId",
        required=True,
        validate=validate.Regexp(
            rf"\A{PARTNER_ID_PATTERN}\Z",
            error="Must be 1 to 64 letters, digits or any of . _ : -",
        ),
    )
    seats = fields.Integer(
        required=True, strict=True, validate=validate.Range(min=1, max=TOTAL_SEATS_MAX)
    )
    min_seats = fields.Integer(
        data_key="minSeats", load_default=None, strict=True, validate=validate.Range(min=1)
    )
    hold_seconds = fields.Integer(
        data_key="holdSeconds",
        load_default=None,
        strict=True,
        validate=validate.Range(min=1, max=HOLD_SECONDS_MAX),
    )
    reference = fields.String(
        load_default=None,
        validate=[validate.Length(max=REFERENCE_LENGTH_MAX), printable],
    )

    @validates_schema
    def min_seats_within_seats(self, data: dict[str, Any], **_: Any) -> None:
        """A partial fill cannot ask for more than the whole."""
        if data["min_seats"] is not None and data["min_seats"] > data["seats"]:
            raise ValidationError({"minSeats": ["Must not be more than seats."]})


class ChangeBody(Schema):
    """What PATCH .../reservations/{id} takes: one of its members, or both."""

    seats = fields.Integer(strict=True, validate=validate.Range(min=1, max=TOTAL_SEATS_MAX))
    hold_seconds = fields.Integer(
        data_key="holdSeconds",
        strict=True,
        validate=validate.Range(min=1, max=HOLD_SECONDS_MAX),
    )

    @validates_schema
    def not_empty(self, data: dict[str, Any], **_: Any) -> None:
        """Something must change."""
        if not data:
            raise ValidationError({"seats": ["Give seats or holdSeconds."]})
