"""One event during its drop."""

from typing import Any

from flask import Blueprint, Response, render_template

from ticketboss.api.context import (
    admitted_again,
    draining_check,
    readable_event,
    services,
    waiting_places,
)
from ticketboss.api.ledger import audited
from ticketboss.api.operations import page as page_operation
from ticketboss.api.paging import query
from ticketboss.api.problems import Problem
from ticketboss.api.rendering import answer
from ticketboss.api.scopes import needs
from ticketboss.console.figures import partner_rows, server_totals
from ticketboss.console.pages import page
from ticketboss.console.past import POINTS_MAX, points, seats_per_minute
from ticketboss.console.queries import EventQuery, HistoryQuery, LiveEventQuery
from ticketboss.console.words import countdown
from ticketboss.domain.events import Event
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.engine.feed import Waiter

blueprint = Blueprint("event", __name__)

EVENT_QUERY, HISTORY_QUERY, LIVE_QUERY = EventQuery(), HistoryQuery(), LiveEventQuery()
LATEST_ENTRIES_MAX = 15
# Refusals and frozen partners change no version: they are this much late where nothing is sold.
LIVE_WAIT_SECONDS = 5
# Of the table that stands for the chart where there is none.
TABLE_POINTS_MAX = 12
PARTS = ("actions", "summary", "partners", "entries", "server")


@blueprint.get("/events/<event_id>")
@needs("operator session")
@page_operation("showEvent")
def show(event_id: str) -> Response:
    """All about one event; `audit=yes` replays its ledger as well."""
    asked = query(EVENT_QUERY)
    event = readable_event(event_id)
    now = services().repository.now()
    audit = problem = None
    if asked["audit"]:
        try:
            audit = audited(event)
        except Problem as too_large:
            problem = too_large
    shown = points(services().repository, event, _since(asked["minutes"], now), TABLE_POINTS_MAX)
    return page(
        "event.html",
        minutes=asked["minutes"],
        points=shown,
        audit=audit,
        audit_problem=problem,
        **_view(event, now),
    )


@blueprint.get("/events/<event_id>/live")
@needs("operator session")
@page_operation("readLiveEvent", "application/json")
def live(event_id: str) -> Response:
    """What changes on the page, as soon as the event is past the version that it shows."""
    after = query(LIVE_QUERY)["after"]
    event = readable_event(event_id)
    if after is not None and after >= event.version:
        waiter = Waiter(event_id, after)
        if services().feed.wait(waiter, LIVE_WAIT_SECONDS, waiting_places(), draining_check()):
            # The session may have ended meanwhile.
            admitted_again()
            event = readable_event(event_id)
    view = _view(event, services().repository.now())
    totals = view["totals"]
    document = {
        "now": view["now"],
        "version": event.version,
        "point": _point(view["now"], event),
        "totals": {
            "commits": totals.commits,
            "commitSeconds": totals.commit_seconds,
            "batches": totals.batches,
            "batchCommands": totals.batch_commands,
            "conflicts": totals.conflicts,
        },
        "parts": {name: render_template(f"console/parts/{name}.html", **view) for name in PARTS},
    }
    return answer(document, 200, Cache_Control="no-store")


@blueprint.get("/events/<event_id>/history")
@needs("operator session")
@page_operation("readHistory", "application/json")
def history(event_id: str) -> Response:
    """The points of the charts, oldest first; the last one is now."""
    minutes = query(HISTORY_QUERY)["minutes"]
    event = readable_event(event_id)
    repository = services().repository
    now = repository.now()
    since = _since(minutes, now)
    found = [_point(entry.at, entry) for entry in points(repository, event, since, POINTS_MAX)]
    document = {"now": now, "since": since, "points": [*found, _point(now, event)]}
    return answer(document, 200, Cache_Control="no-store")


def _since(minutes: int, now: int) -> int | None:
    return now - minutes * 60_000 if minutes else None


def _point(at: int, place: Event | LedgerEntry) -> list[int]:
    """Time, available, held and reserved seats, reservations, changes."""
    reserved = place.total_seats - place.available_seats - place.held_seats
    return [
        *(at, place.available_seats, place.held_seats, reserved),
        *(place.reservation_count, place.version),
    ]


def _view(event: Event, now: int) -> dict[str, Any]:
    """What the page and its parts show of an event."""
    repository = services().repository
    after = event.version - LATEST_ENTRIES_MAX
    entries = repository.ledger(event.event_id, after, LATEST_ENTRIES_MAX)
    return {
        "event": event,
        "now": now,
        "state": event.sale_state(now),
        "countdown": countdown(event, now),
        "pace": seats_per_minute(repository, [event], now)[event.event_id],
        "entries": entries[::-1],
        "totals": server_totals(),
        **partner_rows(event),
    }
