"""What operators do with an event: create it, change its settings, pause and resume its sale."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response

from ticketboss.api.bodies import validated
from ticketboss.api.context import caller, readable_event, submit
from ticketboss.api.operations import page as page_operation
from ticketboss.api.problem_types import PROBLEMS
from ticketboss.api.problems import Problem, problem_of
from ticketboss.api.schemas import EventBody, EventChangeBody
from ticketboss.api.scopes import needs
from ticketboss.console.forms import (
    Field,
    asked_by,
    changed_facts_of,
    changes_of,
    document_of,
    errors_of,
    facts_of,
    new_once,
    sent_form,
)
from ticketboss.console.pages import HOME, page, see
from ticketboss.domain.commands import ChangeEvent, CreateEvent
from ticketboss.domain.events import (
    HOLD_SECONDS_TOTAL_DEFAULT,
    OPEN_HOLDS_PER_PARTNER_DEFAULT,
    SEATS_PER_RESERVATION_DEFAULT,
    Event,
)
from ticketboss.engine.answers import CommandRefused
from ticketboss.formats import snake_case

blueprint = Blueprint("event_actions", __name__)

EVENT_BODY, EVENT_CHANGE_BODY = EventBody(), EventChangeBody()
SETTINGS = (
    Field("name", "Name", is_required=True),
    Field("totalSeats", "Capacity", "number", "Seats that may be sold", is_required=True),
    Field("seatsPerReservationMax", "Seats per reservation", "number", "At most"),
    Field(
        "seatsPerPartnerMax",
        "Seats per partner",
        "number",
        "At most; empty: no limit",
        may_be_null=True,
    ),
    Field("openHoldsPerPartnerMax", "Open holds per partner", "number", "At most"),
    Field("holdSecondsTotalMax", "Longest hold", "number", "In seconds, with its extensions"),
    Field("onSaleFrom", "On sale from", "moment", "In UTC; empty: at once", may_be_null=True),
    Field("onSaleUntil", "On sale until", "moment", "In UTC; empty: no end", may_be_null=True),
)
IDENTITY = Field("eventId", "Id", "text", "Letters, digits and . _ : - for URLs", is_required=True)
IS_TEST = Field("isTest", "A test event, for test keys alone", "flag")
DEFAULTS = {
    "seatsPerReservationMax": str(SEATS_PER_RESERVATION_DEFAULT),
    "openHoldsPerPartnerMax": str(OPEN_HOLDS_PER_PARTNER_DEFAULT),
    "holdSecondsTotalMax": str(HOLD_SECONDS_TOTAL_DEFAULT),
}


@blueprint.get("/new-event")
@needs("operator session")
@page_operation("showNewEvent")
def show_new() -> Response:
    """The form for a new event."""
    return _new_page(DEFAULTS)


@blueprint.post("/new-event")
@needs("operator session")
@page_operation("createEventOnPage")
def create() -> Response:
    """Show what would be created, and once that is confirmed create it."""
    sent = sent_form()
    if "back" in sent:
        return _new_page(sent)
    try:
        body = validated(EVENT_BODY, document_of(_new_fields(), sent))
        body.setdefault("is_test", bool(caller().for_test))
        if "confirmed" not in sent:
            return page(
                "confirm.html",
                title="Create this event?",
                facts=facts_of(_new_fields(), sent),
                sent=sent,
                once=new_once(),
                button="Create the event",
            )
        entry = submit(CreateEvent(**asked_by(sent), **body)).entry
    except (Problem, CommandRefused) as error:
        return _new_page(sent, problem_of(error))
    return see(f"{HOME}events/{entry.event_id}", "created")


@blueprint.get("/events/<event_id>/change")
@needs("operator session")
@page_operation("showChange")
def show_change(event_id: str) -> Response:
    """The form for an event's settings."""
    event = readable_event(event_id)
    return _change_page(event, _texts_of(event))


@blueprint.post("/events/<event_id>/change")
@needs("operator session")
@page_operation("changeEventOnPage")
def change(event_id: str) -> Response:
    """Show what would change, and once that is confirmed change it."""
    event, sent = readable_event(event_id), sent_form()
    if "back" in sent:
        return _change_page(event, sent)
    edited = changes_of(SETTINGS, sent)
    if not edited:
        return see(f"{HOME}events/{event_id}", "unchanged")
    try:
        settings = validated(EVENT_CHANGE_BODY, edited)
        if "confirmed" not in sent:
            return page(
                "confirm.html",
                title=f"Change {event.name}?",
                facts=changed_facts_of(SETTINGS, sent),
                sent=sent,
                once=new_once(),
                button="Change the settings",
            )
        submit(ChangeEvent(event_id=event_id, settings=settings, **asked_by(sent)))
    except (Problem, CommandRefused) as error:
        return _change_page(event, sent, problem_of(error))
    return see(f"{HOME}events/{event_id}", "changed")


@blueprint.get("/events/<event_id>/pause")
@needs("operator session")
@page_operation("showPause")
def show_pause(event_id: str) -> Response:
    """Whether to pause the sale."""
    event = readable_event(event_id)
    return page(
        "confirm.html",
        title=f"Pause the sale of {event.name}?",
        text="Nothing new is reserved or held until it is resumed. What exists can be confirmed "
        "and cancelled.",
        once=new_once(),
        button="Pause the sale",
        back=f"{HOME}events/{event_id}",
    )


@blueprint.post("/events/<event_id>/pause")
@needs("operator session")
@page_operation("pauseEventOnPage")
def pause(event_id: str) -> Response:
    """Pause the sale."""
    return _set_paused(event_id, paused=True)


@blueprint.get("/events/<event_id>/resume")
@needs("operator session")
@page_operation("showResume")
def show_resume(event_id: str) -> Response:
    """Whether to resume the sale."""
    event = readable_event(event_id)
    return page(
        "confirm.html",
        title=f"Resume the sale of {event.name}?",
        text="Partners can reserve and hold again within its on-sale window.",
        once=new_once(),
        button="Resume the sale",
        back=f"{HOME}events/{event_id}",
    )


@blueprint.post("/events/<event_id>/resume")
@needs("operator session")
@page_operation("resumeEventOnPage")
def resume(event_id: str) -> Response:
    """Resume the sale."""
    return _set_paused(event_id, paused=False)


def _set_paused(event_id: str, paused: bool) -> Response:
    asked = asked_by(sent_form())
    submit(ChangeEvent(event_id=event_id, settings={"paused": paused}, **asked))
    return see(f"{HOME}events/{event_id}", "paused" if paused else "resumed")


def _new_fields() -> tuple[Field, ...]:
    # Whoever has a key makes events of its kind, and no others.
    return (
        (IDENTITY, *SETTINGS) if caller().for_test is not None else (IDENTITY, *SETTINGS, IS_TEST)
    )


def _texts_of(event: Event) -> dict[str, str]:
    """What stands in the fields, and that it stood there at first."""
    texts = {f.name: f.text(getattr(event, snake_case(f.name))) for f in SETTINGS}
    return texts | {f"was_{name}": text for name, text in texts.items()}


def _new_page(values: Mapping[str, str], problem: Problem | None = None) -> Response:
    return _form_page(
        problem,
        title="New event",
        fields=_new_fields(),
        values=values,
        button="Go on",
        back=HOME,
    )


def _change_page(
    event: Event, values: Mapping[str, str], problem: Problem | None = None
) -> Response:
    kept = {name: text for name, text in values.items() if name.startswith("was_")}
    return _form_page(
        problem,
        title=f"Settings of {event.name}",
        fields=SETTINGS,
        values=values,
        kept=kept,
        button="Go on",
        back=f"{HOME}events/{event.event_id}",
    )


def _form_page(problem: Problem | None, **values: Any) -> Response:
    if problem is None:
        return page("form.html", errors={}, **values)
    kind = PROBLEMS[problem.code]
    return page(
        "form.html",
        kind.status,
        kind=kind,
        problem=problem,
        errors=errors_of(problem),
        **values,
    )
