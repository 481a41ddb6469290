"""All events at a glance."""

from typing import Any

from flask import Blueprint, Response, render_template

from ticketboss.api.context import caller, services
from ticketboss.api.operations import page as page_operation
from ticketboss.api.paging import query
from ticketboss.api.rendering import answer
from ticketboss.api.scopes import needs
from ticketboss.console.pages import HOME, page, see
from ticketboss.console.past import seats_per_minute
from ticketboss.console.queries import EventsQuery, LiveEventsQuery
from ticketboss.console.words import countdown
from ticketboss.domain.events import Event

blueprint = Blueprint("events", __name__)

EVENTS_QUERY, LIVE_EVENTS_QUERY = EventsQuery(), LiveEventsQuery()
EVENTS_ON_PAGE_MAX = 50


@blueprint.get("/")
@needs("operator session")
@page_operation("showEvents")
def show() -> Response:
    """Events in the order of their ids, page by page, or the way to one of them."""
    asked = query(EVENTS_QUERY)
    wanted = asked["event"].strip()
    if wanted and services().repository.event(wanted) is not None:
        return see(f"{HOME}events/{wanted}")
    return page("events.html", wanted=wanted, cursor=asked["cursor"], **_rows(asked["cursor"]))


@blueprint.get("/live")
@needs("operator session")
@page_operation("readLiveEvents", "application/json")
def live() -> Response:
    """What changes on the page of all events."""
    rows = _rows(query(LIVE_EVENTS_QUERY)["cursor"])
    html = render_template("console/parts/event_rows.html", **rows)
    return answer({"now": rows["now"], "parts": {"events": html}}, 200, Cache_Control="no-store")


def _rows(cursor: str) -> dict[str, Any]:
    repository = services().repository
    found = repository.events(cursor, EVENTS_ON_PAGE_MAX + 1, caller().for_test)
    shown, now = found[:EVENTS_ON_PAGE_MAX], repository.now()
    pace = seats_per_minute(repository, shown, now)
    return {
        "now": now,
        "rows": [_row(event, now, pace[event.event_id]) for event in shown],
        "next_cursor": shown[-1].event_id if len(found) > len(shown) else None,
    }


def _row(event: Event, now: int, pace: int) -> dict[str, Any]:
    return {
        "event": event,
        "state": event.sale_state(now),
        "countdown": countdown(event, now),
        "pace": pace,
    }
