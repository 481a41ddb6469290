"""Reserve, read and cancel; the URLs without an event mean the default event."""

from typing import Any

from flask import Blueprint, Response

from ticketboss.api.answers import ClaimAnswer, ReservationAnswer
from ticketboss.api.bodies import load
from ticketboss.api.context import (
    asked,
    caller,
    event_or_default,
    readable_event,
    services,
    submit,
)
from ticketboss.api.operations import GROWTH, TOUCH, operation
from ticketboss.api.preconditions import not_modified
from ticketboss.api.problems import Problem
from ticketboss.api.rendering import (
    cancelled_answer,
    changed_answer,
    reservation_answer,
    reserved_answer,
)
from ticketboss.api.schemas import ChangeBody, ReserveBody
from ticketboss.api.scopes import needs
from ticketboss.domain.commands import Cancel, Change, Confirm, Reserve
from ticketboss.engine.ids import new_id

blueprint = Blueprint("reservations", __name__)

RESERVE_BODY = ReserveBody()
OWN_RESERVE_BODY = ReserveBody(partial=("partner_id",))
CHANGE_BODY = ChangeBody()
OF_DEFAULT_EVENT = {"event_id": None}


@blueprint.post("/reservations", defaults=OF_DEFAULT_EVENT)
@blueprint.post("/events/<event_id>/reservations")
@needs("any key")
@operation(
    "reserve",
    (201, ClaimAnswer),
    takes=ReserveBody,
    decided=True,
    headers=("Location", "ETag"),
    refuses=(*GROWTH, "partner_mismatch"),
)
def reserve(event_id: str | None) -> Response:
    """Reserve seats for a partner."""
    return reserved_answer(submit(reserving(event_id)), short_url=event_id is None)


def reserving(event_id: str | None) -> Reserve:
    """What a request for a new reservation asks for. Raises Problem if it is not valid."""
    return Reserve(
        event_id=event_or_default(event_id),
        reservation_id=new_id(),
        **asked(),
        **_reserve_body(),
    )


@blueprint.get("/reservations/<reservation_id>", defaults=OF_DEFAULT_EVENT)
@blueprint.get("/events/<event_id>/reservations/<reservation_id>")
@needs("any key")
@operation(
    "readReservation",
    (200, ReservationAnswer),
    headers=("ETag",),
    refuses=("reservation_not_found",),
)
def show(event_id: str | None, reservation_id: str) -> Response:
    """One reservation, also a cancelled one."""
    event = readable_event(event_or_default(event_id))
    reservation = services().repository.reservation(event.event_id, reservation_id)
    # Another partner's is none: nobody learns which ids there are.
    if reservation is None or caller().partner_id not in (None, reservation.partner_id):
        raise Problem("reservation_not_found")
    return not_modified(str(reservation.version)) or reservation_answer(event.event_id, reservation)


@blueprint.post("/reservations/<reservation_id>/confirm", defaults=OF_DEFAULT_EVENT)
@blueprint.post("/events/<event_id>/reservations/<reservation_id>/confirm")
@needs("any key")
@operation(
    "confirmReservation",
    (200, ClaimAnswer),
    decided=True,
    headers=("ETag",),
    refuses=(*TOUCH, "reservation_ended", "event_cancelled"),
)
def confirm(event_id: str | None, reservation_id: str) -> Response:
    """Make a hold a reservation for good."""
    return changed_answer(submit(Confirm(**_of(event_id, reservation_id))))


@blueprint.patch("/reservations/<reservation_id>", defaults=OF_DEFAULT_EVENT)
@blueprint.patch("/events/<event_id>/reservations/<reservation_id>")
@needs("any key")
@operation(
    "changeReservation",
    (200, ClaimAnswer),
    takes=ChangeBody,
    decided=True,
    headers=("ETag",),
    refuses=(*TOUCH, *GROWTH, "reservation_ended", "not_a_hold"),
)
def change(event_id: str | None, reservation_id: str) -> Response:
    """More or fewer seats, or more time for a hold."""
    return changed_answer(submit(Change(**_of(event_id, reservation_id), **load(CHANGE_BODY))))


@blueprint.delete("/reservations/<reservation_id>", defaults=OF_DEFAULT_EVENT)
@blueprint.delete("/events/<event_id>/reservations/<reservation_id>")
@needs("any key")
@operation(
    "cancelReservation",
    (204, None),
    decided=True,
    refuses=(*TOUCH, "already_cancelled"),
)
def cancel(event_id: str | None, reservation_id: str) -> Response:
    """Give the seats back."""
    return cancelled_answer(submit(Cancel(**_of(event_id, reservation_id))))


def _of(event_id: str | None, reservation_id: str) -> dict[str, Any]:
    """What every command on an existing reservation takes from its request."""
    return {
        "event_id": event_or_default(event_id),
        "reservation_id": reservation_id,
        "partner_id": caller().partner_id,
        **asked(),
    }


def _reserve_body() -> dict[str, Any]:
    """The body of a new reservation; a partner's key has said for whom it is."""
    own = caller().partner_id
    if own is None:
        return load(RESERVE_BODY)
    body = load(OWN_RESERVE_BODY)
    if body.setdefault("partner_id", own) != own:
        raise Problem("partner_mismatch")
    return body
