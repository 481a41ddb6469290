"""Reserve, read and cancel; the URLs without an event mean the default event."""

from typing import Any

from flask import Blueprint, Response

from ticketboss.api.bodies import load
from ticketboss.api.context import event_or_default, services, submit
from ticketboss.api.ids import new_reservation_id
from ticketboss.api.preconditions import expected_versions, idempotency_key, not_modified
from ticketboss.api.problems import Problem
from ticketboss.api.rendering import (
    cancelled_answer,
    changed_answer,
    reservation_answer,
    reserved_answer,
)
from ticketboss.api.schemas import ChangeBody, ReserveBody
from ticketboss.domain.commands import Cancel, Change, Confirm, Reserve

blueprint = Blueprint("reservations", __name__)

RESERVE_BODY = ReserveBody()
CHANGE_BODY = ChangeBody()
OF_DEFAULT_EVENT = {"event_id": None}


@blueprint.post("/reservations", defaults=OF_DEFAULT_EVENT)
@blueprint.post("/events/<event_id>/reservations")
def reserve(event_id: str | None) -> Response:
    """Reserve seats for a partner."""
    command = Reserve(
        event_id=event_or_default(event_id),
        reservation_id=new_reservation_id(),
        idempotency_key=idempotency_key(),
        expected_versions=expected_versions(),
        **load(RESERVE_BODY),
    )
    return reserved_answer(submit(command), short_url=event_id is None)


@blueprint.get("/reservations/<reservation_id>", defaults=OF_DEFAULT_EVENT)
@blueprint.get("/events/<event_id>/reservations/<reservation_id>")
def show(event_id: str | None, reservation_id: str) -> Response:
    """One reservation, also a cancelled one."""
    known_event_id = event_or_default(event_id)
    repository = services().repository
    reservation = repository.reservation(known_event_id, reservation_id)
    if reservation is None:
        known = repository.event(known_event_id) is not None
        raise Problem("reservation_not_found" if known else "event_not_found")
    return not_modified(str(reservation.version)) or reservation_answer(known_event_id, reservation)


@blueprint.post("/reservations/<reservation_id>/confirm", defaults=OF_DEFAULT_EVENT)
@blueprint.post("/events/<event_id>/reservations/<reservation_id>/confirm")
def confirm(event_id: str | None, reservation_id: str) -> Response:
    """Make a hold a reservation for good."""
    return changed_answer(submit(Confirm(**_of(event_id, reservation_id))))


@blueprint.patch("/reservations/<reservation_id>", defaults=OF_DEFAULT_EVENT)
@blueprint.patch("/events/<event_id>/reservations/<reservation_id>")
def change(event_id: str | None, reservation_id: str) -> Response:
    """More or fewer seats, or more time for a hold."""
    return changed_answer(submit(Change(**_of(event_id, reservation_id), **load(CHANGE_BODY))))


@blueprint.delete("/reservations/<reservation_id>", defaults=OF_DEFAULT_EVENT)
@blueprint.delete("/events/<event_id>/reservations/<reservation_id>")
def cancel(event_id: str | None, reservation_id: str) -> Response:
    """Give the seats back."""
    return cancelled_answer(submit(Cancel(**_of(event_id, reservation_id))))


def _of(event_id: str | None, reservation_id: str) -> dict[str, Any]:
    """What every command on an existing reservation takes from its request."""
    return {
        "event_id": event_or_default(event_id),
        "reservation_id": reservation_id,
        "idempotency_key": idempotency_key(),
        "expected_versions": expected_versions(),
    }
