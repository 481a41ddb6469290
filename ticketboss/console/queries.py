"""What the URLs of pages take behind the question mark."""

from marshmallow import Schema, fields, validate

from ticketboss.api.fields import QueryInteger
from ticketboss.domain.reservations import REFERENCE_LENGTH_MAX

WINDOW_MINUTES_MAX = 1_440
CURSOR = validate.Length(max=64)


class NoticeQuery(Schema):
    """What any page may be asked to say: which action was done just now."""

    done = fields.String(load_default="", validate=validate.Length(max=20))


class PagedQuery(NoticeQuery):
    """A page of a list."""

    cursor = fields.String(load_default="", validate=CURSOR)


class EventsQuery(PagedQuery):
    """The page of all events; `event` is the id of one to go to."""

    event = fields.String(load_default="", validate=CURSOR)


class LiveEventsQuery(Schema):
    """What of that page changes."""

    cursor = fields.String(load_default="", validate=CURSOR)


class EventQuery(NoticeQuery):
    """The page of one event; `minutes` is the time that its charts show, 0 for all of it."""

    minutes = QueryInteger(load_default=10, validate=validate.Range(max=WINDOW_MINUTES_MAX))
    audit = fields.String(load_default="", validate=validate.OneOf(("", "yes")))


class HistoryQuery(Schema):
    """The lines of its charts."""

    minutes = QueryInteger(load_default=10, validate=validate.Range(max=WINDOW_MINUTES_MAX))


class LiveEventQuery(Schema):
    """What of that page changes; `after` is the version that it shows."""

    after = QueryInteger(load_default=None, allow_none=True)


class FindQuery(NoticeQuery):
    """The reservation to find: its id or its reference."""

    find = fields.String(load_default="", validate=validate.Length(max=REFERENCE_LENGTH_MAX))
