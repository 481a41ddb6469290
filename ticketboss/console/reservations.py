"""Finding a reservation by its id or reference, and cancelling it."""

from flask import Blueprint, Response

from ticketboss.api.context import readable_event, services, submit
from ticketboss.api.operations import page as page_operation
from ticketboss.api.paging import query
from ticketboss.api.problems import Problem
from ticketboss.api.scopes import needs
from ticketboss.console.forms import asked_by, new_once, sent_form
from ticketboss.console.pages import HOME, page, see
from ticketboss.console.queries import FindQuery
from ticketboss.console.words import day_and_time
from ticketboss.domain.commands import Cancel
from ticketboss.domain.reservations import Reservation
from ticketboss.repository.interface import ReservationFilter

blueprint = Blueprint("reservations", __name__)

FIND_QUERY = FindQuery()
# More than one partner may use the same reference.
FOUND_MAX = 50


@blueprint.get("/events/<event_id>/reservations")
@needs("operator session")
@page_operation("findReservation")
def find(event_id: str) -> Response:
    """Reservations with an id or a reference."""
    wanted = query(FIND_QUERY)["find"].strip()
    event = readable_event(event_id)
    found, more = _found(event_id, wanted) if wanted else ([], False)
    return page("reservations.html", event=event, wanted=wanted, found=found, more=more)


@blueprint.get("/events/<event_id>/reservations/<reservation_id>/cancel")
@needs("operator session")
@page_operation("showCancel")
def show_cancel(event_id: str, reservation_id: str) -> Response:
    """Whether to cancel a reservation."""
    event = readable_event(event_id)
    found = services().repository.reservation(event_id, reservation_id)
    if found is None:
        raise Problem("reservation_not_found")
    facts = [
        ("Event", event.name),
        ("Partner", found.partner_id),
        ("Reference", found.reference or "-"),
        ("Seats", str(found.seats)),
        ("Status", found.status),
        ("Made", day_and_time(found.created_at)),
        ("Id", found.reservation_id),
    ]
    return page(
        "confirm.html",
        title="Cancel this reservation?",
        text="Its seats go back on sale at once. That cannot be undone.",
        facts=facts,
        once=new_once(),
        button="Cancel the reservation",
        back=f"{HOME}events/{event_id}/reservations?find={reservation_id}",
    )


@blueprint.post("/events/<event_id>/reservations/<reservation_id>/cancel")
@needs("operator session")
@page_operation("cancelOnPage")
def cancel(event_id: str, reservation_id: str) -> Response:
    """Give a reservation's seats back."""
    asked = asked_by(sent_form())
    submit(Cancel(event_id=event_id, reservation_id=reservation_id, **asked))
    return see(f"{HOME}events/{event_id}/reservations", "cancelled")


def _found(event_id: str, wanted: str) -> tuple[list[Reservation], bool]:
    """What is found, and whether there is more."""
    repository = services().repository
    by_id = repository.reservation(event_id, wanted)
    named = ReservationFilter(reference=wanted)
    page_of_them = repository.reservations_page(event_id, named, 0, FOUND_MAX)
    found = page_of_them.reservations
    if by_id is not None:
        found = [by_id, *(each for each in found if each != by_id)]
    return found, page_of_them.next_after is not None
