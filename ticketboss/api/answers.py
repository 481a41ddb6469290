"""The shapes of answers, for the OpenAPI document; `rendering` makes the answers themselves."""

from typing import Any, get_args

from marshmallow import INCLUDE, Schema, fields, validate

from ticketboss.domain.events import SaleState
from ticketboss.domain.ledger import Kind
from ticketboss.domain.reservations import Status
from ticketboss.formats import camel_case


class Answer(Schema):
    """Members are in camelCase, and there may be more of them one day: clients ignore those."""

    class Meta:
        unknown = INCLUDE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Name the member as JSON does."""
        field_obj.data_key = camel_case(field_name)


def one_of(literal: Any, **options: Any) -> fields.String:
    """A string that is one of a Literal's."""
    return fields.String(required=True, validate=validate.OneOf(get_args(literal)), **options)


def text(**options: Any) -> fields.String:
    """A string."""
    return fields.String(**{"required": True, **options})


def number(min_: int = 0, **options: Any) -> fields.Integer:
    """An integer that is not less than `min_`."""
    return fields.Integer(**{"required": True, "validate": validate.Range(min=min_), **options})


def flag() -> fields.Boolean:
    """true or false."""
    return fields.Boolean(required=True)


def moment(**options: Any) -> fields.DateTime:
    """A time as RFC 3339."""
    return fields.DateTime(**{"required": True, **options})


def list_of(inner: type[Schema]) -> fields.List[Any]:
    """A list of such answers."""
    return fields.List(fields.Nested(inner), required=True)


class EventAnswer(Answer):
    """An event's counters, sale state and settings."""

    event_id = text()
    name = text()
    total_seats = number(1)
    available_seats = number()
    held_seats = number()
    reserved_seats = number()
    reservation_count = number()
    sale_state = one_of(SaleState)
    version = number()
    seats_per_reservation_max = number(1)
    seats_per_partner_max = number(1, allow_none=True)
    open_holds_per_partner_max = number()
    hold_seconds_total_max = number(1)
    on_sale_from = moment(allow_none=True)
    on_sale_until = moment(allow_none=True)
    paused = flag()
    is_test = flag()


class ReservationAnswer(Answer):
    """A reservation as it stands; `expiresAt` is there while it is held."""

    reservation_id = text()
    event_id = text()
    partner_id = text()
    reference = text(allow_none=True)
    seats = number(1)
    status = one_of(Status)
    created_at = moment()
    expires_at = moment(required=False)
    version = number(1)
    created_version = number(1)


class ClaimAnswer(Answer):
    """A reservation as a write left it, and the seats that were left then."""

    reservation_id = text()
    event_id = text()
    partner_id = text()
    reference = text(allow_none=True)
    seats = number(1)
    status = one_of(Status)
    created_at = moment()
    expires_at = moment(required=False)
    version = number(1)
    available_seats = number()


class RefusedItem(Answer):
    """Why one item of a bulk was refused; it has the facts of that code's problem as well."""

    code = text()
    error = text()
    detail = text()
    retryable = flag()


class Outcome(Answer):
    """A ClaimAnswer where the item was accepted, else a RefusedItem."""

    any_of = (ClaimAnswer, RefusedItem)


class BulkAnswer(Answer):
    """What became of each item, in the order of the items."""

    outcomes = list_of(Outcome)
    accepted = number(1)
    refused = number()
    version = number(1)
    available_seats = number()


class ReservationPageAnswer(Answer):
    """One page of reservations; `next` is the cursor of the next one."""

    reservations = list_of(ReservationAnswer)
    next = text(allow_none=True)


class ReconcileAnswer(Answer):
    """Where the partner's books and ours differ; `next` is the `after` to go on with."""

    unknown_here = fields.List(fields.String(), required=True)
    unknown_there = list_of(ReservationAnswer)
    different = list_of(ReservationAnswer)
    next = number(allow_none=True)


class EntryAnswer(Answer):
    """One entry of the ledger; another partner's has no ids."""

    version = number()
    kind = one_of(Kind)
    at = moment()
    seats = number()
    seats_before = number(1, allow_none=True)
    total_seats = number(1)
    available_seats = number()
    held_seats = number()
    reservation_count = number()
    actor = text(required=False)
    reservation_id = text(required=False, allow_none=True)
    partner_id = text(required=False, allow_none=True)
    reference = text(required=False, allow_none=True)
    expires_at = moment(required=False, allow_none=True)
    event = fields.Nested(EventAnswer)


class LedgerAnswer(Answer):
    """Entries in version order; `next` is the `after` to go on with."""

    entries = list_of(EntryAnswer)
    next = number(-1)


class AuditAnswer(Answer):
    """The replay of a ledger; without `differences` all is well."""

    event_id = text()
    version = number()
    entries = number(1)
    differences = fields.List(fields.String(), required=True)


class EventPageAnswer(Answer):
    """One page of events; `next` is the cursor of the next one."""

    events = list_of(EventAnswer)
    next = text(allow_none=True)


class PausedAnswer(Answer):
    """Which events are paused now, which were before, and which could not be."""

    paused = fields.List(fields.String(), required=True)
    were_paused = fields.List(fields.String(), required=True)
    not_paused = fields.List(fields.String(), required=True)


class StatusAnswer(Answer):
    """How this worker is."""

    status = text()


class DocumentAnswer(Answer):
    """An OpenAPI 3.1 document."""

    openapi = text()
    info = fields.Dict(required=True)
    paths = fields.Dict(required=True)
    components = fields.Dict(required=True)
