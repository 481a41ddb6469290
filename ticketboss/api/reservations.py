"""Reserve, read and cancel; the URLs without an event mean the default event."""

from flask import Blueprint, Response

from ticketboss.api.bodies import load
from ticketboss.api.context import event_or_default, services, submit
from ticketboss.api.ids import new_reservation_id
from ticketboss.api.preconditions import expected_versions, idempotency_key, not_modified
from ticketboss.api.problems import Problem
from ticketboss.api.rendering import cancelled_answer, reservation_answer, reserved_answer
from ticketboss.api.schemas import ReserveBody
from ticketboss.domain.commands import Cancel, Reserve

blueprint = Blueprint("reservations", __name__)

RESERVE_BODY = ReserveBody()
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


@blueprint.delete("/reservations/<reservation_id>", defaults=OF_DEFAULT_EVENT)
@blueprint.delete("/events/<event_id>/reservations/<reservation_id>")
def cancel(event_id: str | None, reservation_id: str) -> Response:
    """Give the seats back."""
    command = Cancel(
        event_id=event_or_default(event_id),
        reservation_id=reservation_id,
        idempotency_key=idempotency_key(),
        expected_versions=expected_versions(),
    )
    return cancelled_answer(submit(command))
