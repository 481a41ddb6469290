"""The shapes of bodies. What depends on an event's state is decided in `domain/`."""

from typing import Any, ClassVar, get_args

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from ticketboss.api.fields import (
    BoundedList,
    Moment,
    StrictBoolean,
    TrimmedString,
    is_event_id,
    is_partner_id,
    no_api_key,
    printable,
)
from ticketboss.api.plain_schema import PlainSchema
from ticketboss.domain.access import PARTNER_NAME_LENGTH_MAX
from ticketboss.domain.events import (
    EVENT_NAME_LENGTH_MAX,
    HOLD_SECONDS_TOTAL_MAX,
    TOTAL_SEATS_MAX,
    is_event_name,
)
from ticketboss.domain.reservations import HOLD_SECONDS_MAX, REFERENCE_LENGTH_MAX, Status

BULK_ITEMS_MAX = 100
RECONCILED_IDS_MAX = 1_000
VERSION_MAX = 2**63 - 1
STATUSES = get_args(Status)
# What `validates_schema` demands of several members together is said once more, as JSON Schema
# for the OpenAPI document, in `constraints` beside it.
AT_LEAST_ONE_MEMBER = {"minProperties": 1}


def _count(min_: int, max_: int, **options: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(min=min_, max=max_), **options)


class ReserveBody(PlainSchema):
    """What POST .../reservations takes."""

    partner_id = TrimmedString(data_key="partnerId", required=True, validate=is_partner_id)
    seats = _count(1, TOTAL_SEATS_MAX, required=True)
    min_seats = fields.Integer(
        data_key="minSeats", load_default=None, strict=True, validate=validate.Range(min=1)
    )
    hold_seconds = _count(1, HOLD_SECONDS_MAX, data_key="holdSeconds", load_default=None)
    reference = fields.String(
        load_default=None,
        validate=[validate.Length(max=REFERENCE_LENGTH_MAX), printable],
    )

    def check_together(self, loaded: dict[str, Any]) -> None:
        """A partial fill cannot ask for more than the whole."""
        if loaded["min_seats"] is not None and loaded["min_seats"] > loaded["seats"]:
            raise ValidationError({"minSeats": ["Must not be more than seats."]})


class BulkItem(ReserveBody):
    """One item of a bulk: a reservation without its partner, which is the bulk's."""

    class Meta:
        exclude = ("partner_id",)


class BulkBody(Schema):
    """What POST .../reservations/bulk takes."""

    partner_id = TrimmedString(data_key="partnerId", load_default=None, validate=is_partner_id)
    atomic = StrictBoolean(load_default=False)
    items = BoundedList(fields.Nested(BulkItem), min_=1, max_=BULK_ITEMS_MAX, required=True)


class BelievedReservation(Schema):
    """What a partner believes of one of its reservations."""

    reservation_id = fields.String(
        data_key="reservationId",
        required=True,
        validate=[validate.Length(min=1, max=64), no_api_key],
    )
    seats = _count(1, TOTAL_SEATS_MAX, required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))


class ReconcileBody(Schema):
    """What POST .../reservations/reconcile takes."""

    partner_id = TrimmedString(data_key="partnerId", load_default=None, validate=is_partner_id)
    reservations = BoundedList(
        fields.Nested(BelievedReservation),
        max_=RECONCILED_IDS_MAX,
        required=True,
        # JSON Schema can say no more of it.
        metadata={"uniqueItems": True, "description": "Each reservationId once."},
    )
    after = _count(0, VERSION_MAX, load_default=0)
    up_to = _count(0, VERSION_MAX, data_key="upTo", load_default=VERSION_MAX)

    @validates_schema
    def bounds_in_order(self, data: dict[str, Any], **_: Any) -> None:
        """Nothing was made behind `after` and up to an earlier version."""
        if data["after"] > data["up_to"]:
            raise ValidationError({"upTo": ["Must not be less than after."]})

    @validates_schema
    def each_once(self, data: dict[str, Any], **_: Any) -> None:
        """Of two beliefs in one reservation one is wrong."""
        seen: set[str] = set()
        wrong = {}
        for place, item in enumerate(data["reservations"]):
            if item["reservation_id"] in seen:
                wrong[place] = {"reservationId": ["Give each reservation once."]}
            seen.add(item["reservation_id"])
        if wrong:
            raise ValidationError({"reservations": wrong})


class ChangeBody(Schema):
    """What PATCH .../reservations/{id} takes: one of its members, or both."""

    constraints: ClassVar = AT_LEAST_ONE_MEMBER

    seats = _count(1, TOTAL_SEATS_MAX)
    hold_seconds = _count(1, HOLD_SECONDS_MAX, data_key="holdSeconds")

    @validates_schema
    def not_empty(self, data: dict[str, Any], **_: Any) -> None:
        """Something must change."""
        if not data:
            raise ValidationError({"seats": ["Give seats or holdSeconds."]})


def is_printable_name(name: str) -> None:
    """Refuse what people could not call an event."""
    if not is_event_name(name):
        raise ValidationError(f"Must be 1 to {EVENT_NAME_LENGTH_MAX} printable characters.")


class EventSettings(Schema):
    """What an operator may set of an event; null is no limit, or an open end."""

    name = fields.String(validate=is_printable_name)
    total_seats = _count(1, TOTAL_SEATS_MAX, data_key="totalSeats")
    seats_per_reservation_max = _count(1, TOTAL_SEATS_MAX, data_key="seatsPerReservationMax")
    seats_per_partner_max = _count(
        1, TOTAL_SEATS_MAX, data_key="seatsPerPartnerMax", allow_none=True
    )
    open_holds_per_partner_max = _count(0, TOTAL_SEATS_MAX, data_key="openHoldsPerPartnerMax")
    hold_seconds_total_max = _count(1, HOLD_SECONDS_TOTAL_MAX, data_key="holdSecondsTotalMax")
    on_sale_from = Moment(data_key="onSaleFrom", allow_none=True)
    on_sale_until = Moment(data_key="onSaleUntil", allow_none=True)


class EventBody(EventSettings):
    """What POST /events takes."""

    event_id = TrimmedString(data_key="eventId", required=True, validate=is_event_id)
    name = fields.String(required=True, validate=is_printable_name)
    total_seats = _count(1, TOTAL_SEATS_MAX, data_key="totalSeats", required=True)
    is_test = StrictBoolean(data_key="isTest")


class EventChangeBody(EventSettings):
    """What PATCH /events/{eventId} takes: at least one of its members."""

    constraints: ClassVar = AT_LEAST_ONE_MEMBER

    @validates_schema
    def not_empty(self, data: dict[str, Any], **_: Any) -> None:
        """Something must change."""
        if not data:
            raise ValidationError({"name": ["Give at least one setting to change."]})


class KeyBody(Schema):
    """What POST /keys takes."""

    constraints: ClassVar = {
        "if": {"properties": {"scope": {"const": "operator"}}, "required": ["scope"]},
        "then": {"properties": {"partnerId": {"type": "null"}, "partnerName": {"type": "null"}}},
        "else": {"properties": {"partnerId": {"type": "string"}}, "required": ["partnerId"]},
    }

    scope = fields.String(required=True, validate=validate.OneOf(("partner", "operator")))
    partner_id = TrimmedString(data_key="partnerId", load_default=None, validate=is_partner_id)
    partner_name = fields.String(
        data_key="partnerName",
        load_default=None,
        validate=[validate.Length(max=PARTNER_NAME_LENGTH_MAX), printable],
    )
    is_test = StrictBoolean(data_key="isTest", load_default=False)

    @validates_schema
    def partner_where_it_belongs(self, data: dict[str, Any], **_: Any) -> None:
        """A partner's key is for one partner, an operator's for none."""
        if data["scope"] == "partner" and data["partner_id"] is None:
            raise ValidationError({"partnerId": ["Say whose key it is."]})
        for name in ("partner_id", "partner_name"):
            if data["scope"] == "operator" and data[name] is not None:
                key = self.fields[name].data_key
                raise ValidationError({str(key): ["An operator's key is for no partner."]})


class FreezeBody(Schema):
    """What POST /partners/{partnerId}/freeze takes."""

    holds = fields.String(required=True, validate=validate.OneOf(("keep", "release")))
