"""The summary of an event: how many seats are left."""

from flask import Blueprint, Response

from ticketboss.api.context import event_or_default, services
from ticketboss.api.preconditions import not_modified
from ticketboss.api.problems import Problem
from ticketboss.api.rendering import event_answer, event_etag

blueprint = Blueprint("events", __name__)


@blueprint.get("/", defaults={"event_id": None})
@blueprint.get("/reservations", defaults={"event_id": None})
@blueprint.get("/events/<event_id>")
def summary(event_id: str | None) -> Response:
    """The event's counters and sale state."""
    repository = services().repository
    event = repository.event(event_or_default(event_id))
    if event is None:
        raise Problem("event_not_found")
    now = repository.now()
    return not_modified(event_etag(event, now)) or event_answer(event, now)
