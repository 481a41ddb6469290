"""The shapes of queries: what stands behind the question mark of a URL."""

from marshmallow import Schema, fields, validate

from ticketboss.api.fields import QueryInteger, is_partner_id
from ticketboss.api.schemas import STATUSES
from ticketboss.domain.reservations import REFERENCE_LENGTH_MAX
from ticketboss.engine.feed import FEED_WAIT_SECONDS_MAX

PAGE_ITEMS_MAX = 100


class NoQuery(Schema):
    """A query with nothing in it, for what would be misunderstood with a filter."""


class LimitQuery(Schema):
    """How long a page may be."""

    limit = QueryInteger(
        load_default=PAGE_ITEMS_MAX, validate=validate.Range(min=1, max=PAGE_ITEMS_MAX)
    )


class PageQuery(LimitQuery):
    """What every list takes in its query; `cursor` is the `next` of the page before."""

    cursor = fields.String(load_default=None, validate=validate.Length(min=1, max=64))


class ReservationsQuery(LimitQuery):
    """What the list of an event's reservations takes; its cursor is a version of the event."""

    cursor = QueryInteger(load_default=0)
    status = fields.String(load_default=None, validate=validate.OneOf(STATUSES))
    reference = fields.String(
        load_default=None, validate=validate.Length(min=1, max=REFERENCE_LENGTH_MAX)
    )
    partner_id = fields.String(data_key="partnerId", load_default=None, validate=is_partner_id)


class LedgerQuery(LimitQuery):
    """What the feed takes; `wait` is in seconds."""

    after = QueryInteger(load_default=-1)
    wait = QueryInteger(load_default=0, validate=validate.Range(max=FEED_WAIT_SECONDS_MAX))


class EventQuery(Schema):
    """What the summary of an event takes: the version to show it at."""

    at = QueryInteger(load_default=None)
