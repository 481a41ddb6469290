"""Domain objects as JSON answers with their headers."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response

from ticketboss.api.json import encode
from ticketboss.api.problems import VERSION_HEADER
from ticketboss.domain.events import Event
from ticketboss.domain.reservations import Reservation
from ticketboss.engine.answers import Accepted

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def answer(document: dict[str, Any], status: int, **headers: str) -> Response:
    """A JSON answer; header names are given with underscores for hyphens."""
    response = Response(encode(document), status, content_type="application/json")
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response


def rfc3339(milliseconds: int) -> str:
    """A time in milliseconds since 1970 as RFC 3339 in UTC, with milliseconds."""
    moment = EPOCH + timedelta(milliseconds=milliseconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"


def event_etag(event: Event) -> str:
    """The event's entity tag without quotes; it changes with the sale state too."""
    return f"{event.version}-{event.sale_state}"


def event_answer(event: Event) -> Response:
    """The summary of an event."""
    document = {
        "eventId": event.event_id,
        "name": event.name,
        "totalSeats": event.total_seats,
        "availableSeats": event.available_seats,
        "heldSeats": event.held_seats,
        "reservedSeats": event.reserved_seats,
        "reservationCount": event.reservation_count,
        "saleState": event.sale_state,
        "version": event.version,
    }
    return answer(document, 200, ETag=f'"{event_etag(event)}"', Cache_Control="no-cache")


def reservation_answer(event_id: str, reservation: Reservation) -> Response:
    """One reservation as it stands."""
    document = {
        "reservationId": reservation.reservation_id,
        "eventId": event_id,
        "partnerId": reservation.partner_id,
        "reference": reservation.reference,
        "seats": reservation.seats,
        "status": reservation.status,
        "createdAt": rfc3339(reservation.created_at),
        "version": reservation.version,
    }
    return answer(document, 200, ETag=f'"{reservation.version}"', Cache_Control="no-cache")


def reserved_answer(accepted: Accepted, short_url: bool) -> Response:
    """What a new reservation's entry says, and nothing else: a replay gives the same bytes."""
    entry = accepted.entry
    document = {
        "reservationId": entry.reservation_id,
        "eventId": entry.event_id,
        "partnerId": entry.partner_id,
        "reference": entry.detail.get("reference"),
        "seats": entry.seats,
        "status": "confirmed",
        "createdAt": rfc3339(entry.at),
        "version": entry.version,
        "availableSeats": entry.available_seats,
    }
    collection = "/reservations" if short_url else f"/events/{entry.event_id}/reservations"
    response = answer(
        document, 201, Location=f"{collection}/{entry.reservation_id}", ETag=f'"{entry.version}"'
    )
    return written(response, accepted)


def cancelled_answer(accepted: Accepted) -> Response:
    """The empty answer to a cancellation."""
    response = Response(status=204)
    del response.headers["Content-Type"]
    return written(response, accepted)


def written(response: Response, accepted: Accepted) -> Response:
    """Add the headers of every successful write."""
    response.headers[VERSION_HEADER] = str(accepted.entry.version)
    response.headers["Cache-Control"] = "no-store"
    if accepted.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response
