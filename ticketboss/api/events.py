"""Events: how many seats are left of them, and what operators do with them."""

from typing import Any

from flask import Blueprint, Response, request

from ticketboss.api.answers import EventAnswer, EventPageAnswer, PausedAnswer
from ticketboss.api.bodies import load
from ticketboss.api.context import (
    asked,
    caller,
    event_or_default,
    operator,
    readable_event,
    services,
    submit,
)
from ticketboss.api.operations import operation
from ticketboss.api.paging import page_answer, query
from ticketboss.api.preconditions import not_modified
from ticketboss.api.problems import Problem
from ticketboss.api.queries import EventQuery, PageQuery
from ticketboss.api.rendering import (
    answer,
    event_answer,
    event_document,
    event_etag,
    written,
)
from ticketboss.api.schemas import EventBody, EventChangeBody
from ticketboss.api.scopes import needs
from ticketboss.domain.commands import ChangeEvent, CreateEvent
from ticketboss.domain.events import Event
from ticketboss.domain.ledger import event_after
from ticketboss.engine.answers import Accepted
from ticketboss.engine.pausing import pause_all

blueprint = Blueprint("events", __name__)

EVENT_BODY = EventBody()
EVENT_CHANGE_BODY = EventChangeBody()
EVENT_QUERY = EventQuery()


@blueprint.get("/", defaults={"event_id": None})
@blueprint.get("/reservations", defaults={"event_id": None})
@blueprint.get("/events/<event_id>")
@needs("any key")
@operation(
    "readEvent",
    (200, EventAnswer),
    query=EventQuery,
    headers=("ETag",),
    refuses=("version_not_found",),
)
def summary(event_id: str | None) -> Response:
    """The event's counters, sale state and settings."""
    event = readable_event(event_or_default(event_id))
    # Most requests have no query: they need not be validated.
    version = query(EVENT_QUERY)["at"] if request.query_string else None
    if version is not None:
        return _event_at(event, version)
    now = services().repository.now()
    return not_modified(event_etag(event, now)) or event_answer(event, now)


@blueprint.get("/events")
@needs("operator key")
@operation("listEvents", (200, EventPageAnswer), query=PageQuery, headers=("Link",))
def list_events() -> Response:
    """All events that the caller's key may see, in the order of their ids."""
    repository, for_test = services().repository, caller().for_test
    now = repository.now()
    return page_answer(
        "events",
        lambda cursor, limit: repository.events(cursor or "", limit, for_test),
        lambda event: event.event_id,
        lambda event: event_document(event, now),
    )


@blueprint.post("/events")
@needs("operator key")
@operation(
    "createEvent",
    (201, EventAnswer),
    takes=EventBody,
    decided=True,
    headers=("Location", "ETag"),
    refuses=("event_exists", "invalid_sale_window"),
)
def create() -> Response:
    """Put an event on sale."""
    body = load(EVENT_BODY)
    body.setdefault("is_test", bool(caller().for_test))
    accepted = submit(CreateEvent(**_asked_by_operator(), **body))
    return _written_event(accepted, 201, Location=f"/events/{accepted.entry.event_id}")


@blueprint.post("/events/pause")
@needs("operator key")
@operation("pauseAllEvents", (200, PausedAnswer))
def pause_every_event() -> Response:
    """Pause all events that the caller's key may touch."""
    parts = services()
    outcome = pause_all(parts.repository, parts.committer, operator(), caller().for_test)
    document = {
        "paused": outcome.paused,
        "werePaused": outcome.were_paused,
        "notPaused": outcome.not_paused,
    }
    return answer(document, 200, Cache_Control="no-store")


@blueprint.patch("/events/<event_id>")
@needs("operator key")
@operation(
    "changeEvent",
    (200, EventAnswer),
    takes=EventChangeBody,
    decided=True,
    headers=("ETag",),
    refuses=("event_cancelled", "capacity_in_use", "invalid_sale_window"),
)
def change(event_id: str) -> Response:
    """Change settings; those that are not given stay as they are."""
    return _changed(event_id, load(EVENT_CHANGE_BODY))


@blueprint.post("/events/<event_id>/pause")
@needs("operator key")
@operation(
    "pauseEvent", (200, EventAnswer), decided=True, headers=("ETag",), refuses=("event_cancelled",)
)
def pause(event_id: str) -> Response:
    """Stop new reservations and holds; what exists can be confirmed and cancelled."""
    return _changed(event_id, {"paused": True})


@blueprint.post("/events/<event_id>/resume")
@needs("operator key")
@operation(
    "resumeEvent", (200, EventAnswer), decided=True, headers=("ETag",), refuses=("event_cancelled",)
)
def resume(event_id: str) -> Response:
    """Go on selling after a pause."""
    return _changed(event_id, {"paused": False})


@blueprint.post("/events/<event_id>/cancel")
@needs("operator key")
@operation(
    "cancelEvent", (200, EventAnswer), decided=True, headers=("ETag",), refuses=("event_cancelled",)
)
def cancel(event_id: str) -> Response:
    """End an event for good; its reservations are cancelled batch by batch."""
    return _changed(event_id, {"cancelled": True})


def _event_at(event: Event, version: int) -> Response:
    """The event as the entry of that version left it; it stays so for ever."""
    entries = services().repository.event_at(event.event_id, version)
    if entries is None:
        raise Problem("version_not_found", current_version=event.version)
    entry, settings = entries
    then = event_after(settings)._replace(
        version=version,
        available_seats=entry.available_seats,
        held_seats=entry.held_seats,
        reservation_count=entry.reservation_count,
    )
    return not_modified(event_etag(then, entry.at)) or event_answer(then, entry.at)


def _asked_by_operator() -> dict[str, Any]:
    return asked() | {"actor": operator()}


def _changed(event_id: str, settings: dict[str, Any]) -> Response:
    command = ChangeEvent(event_id=event_id, settings=settings, **_asked_by_operator())
    return _written_event(submit(command), 200)


def _written_event(accepted: Accepted, status: int, **headers: str) -> Response:
    """The event as the write left it, from its entry alone: a replay gives the same bytes."""
    entry = accepted.entry
    if accepted.version is None:
        event, at = event_after(entry), entry.at
    else:
        # Nothing had to change: the newest entry may be of any kind, and old.
        event, at = readable_event(entry.event_id), services().repository.now()
    etag = f'"{event_etag(event, at)}"'
    return written(answer(event_document(event, at), status, ETag=etag, **headers), accepted)
