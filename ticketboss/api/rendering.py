"""Domain objects as JSON answers with their headers."""

from typing import Any

from flask import Response

from ticketboss.api.finished import FinishedResponse
from ticketboss.api.json import encode
from ticketboss.api.problems import VERSION_HEADER
from ticketboss.domain.events import Event
from ticketboss.domain.ledger import EVENT_KINDS, STATUS_AFTER, LedgerEntry, event_after
from ticketboss.domain.reservations import Reservation
from ticketboss.engine.answers import Accepted
from ticketboss.formats import moment, rfc3339


def answer(document: dict[str, Any], status: int, **headers: str) -> Response:
    """A JSON answer; header names are given with underscores for hyphens."""
    body = encode(document)
    lines = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    lines += [(name.replace("_", "-"), value) for name, value in headers.items()]
    return FinishedResponse(body, status, lines)


def event_etag(event: Event, now: int) -> str:
    """The event's entity tag without quotes; it changes with the sale state too."""
    return f"{event.version}-{event.sale_state(now)}"


def event_answer(event: Event, now: int) -> Response:
    """An event as it stands."""
    etag = f'"{event_etag(event, now)}"'
    return answer(event_document(event, now), 200, ETag=etag, Cache_Control="no-store")


def event_document(event: Event, now: int) -> dict[str, Any]:
    """An event's counters, its sale state at `now` (milliseconds since 1970) and its settings."""
    return {
        "eventId": event.event_id,
        "name": event.name,
        "totalSeats": event.total_seats,
        "availableSeats": event.available_seats,
        "heldSeats": event.held_seats,
        "reservedSeats": event.reserved_seats,
        "reservationCount": event.reservation_count,
        "saleState": event.sale_state(now),
        "version": event.version,
        "seatsPerReservationMax": event.seats_per_reservation_max,
        "seatsPerPartnerMax": event.seats_per_partner_max,
        "openHoldsPerPartnerMax": event.open_holds_per_partner_max,
        "holdSecondsTotalMax": event.hold_seconds_total_max,
        "onSaleFrom": moment(event.on_sale_from),
        "onSaleUntil": moment(event.on_sale_until),
        "paused": event.paused,
        "isTest": event.is_test,
    }


def reservation_answer(event_id: str, reservation: Reservation) -> Response:
    """One reservation as it stands."""
    document = reservation_document(event_id, reservation)
    return answer(document, 200, ETag=f'"{reservation.version}"', Cache_Control="no-store")


def reservation_document(event_id: str, reservation: Reservation) -> dict[str, Any]:
    """A reservation as it stands; `createdVersion` is its place in the order of lists."""
    document = {
        "reservationId": reservation.reservation_id,
        "eventId": event_id,
        "partnerId": reservation.partner_id,
        "reference": reservation.reference,
        "seats": reservation.seats,
        "status": reservation.status,
        "createdAt": rfc3339(reservation.created_at),
        "version": reservation.version,
        "createdVersion": reservation.created_version,
    }
    if reservation.expires_at is not None:
        document["expiresAt"] = rfc3339(reservation.expires_at)
    return document


def claim_document(entry: LedgerEntry) -> dict[str, Any]:
    """A reservation as its entry left it, from the entry alone: a replay gives the same bytes."""
    document = {
        "reservationId": entry.reservation_id,
        "eventId": entry.event_id,
        "partnerId": entry.partner_id,
        "reference": entry.detail.get("reference"),
        "seats": entry.seats,
        "status": STATUS_AFTER[entry.kind],
        "createdAt": rfc3339(entry.detail.get("created_at", entry.at)),
    }
    if "expires_at" in entry.detail:
        document["expiresAt"] = rfc3339(entry.detail["expires_at"])
    return document | {"version": entry.version, "availableSeats": entry.available_seats}


def entry_document(entry: LedgerEntry, partner_id: str | None) -> dict[str, Any]:
    """One ledger entry for a partner, or with None for an operator.

    Other partners' entries have the same numbers, so that there is no gap, but tell nothing of
    who and which.
    """
    document: dict[str, Any] = {
        "version": entry.version,
        "kind": entry.kind,
        "at": rfc3339(entry.at),
        "seats": entry.seats,
        "seatsBefore": entry.detail.get("seats_before"),
        "totalSeats": entry.total_seats,
        "availableSeats": entry.available_seats,
        "heldSeats": entry.held_seats,
        "reservationCount": entry.reservation_count,
    }
    if partner_id is None:
        document["actor"] = entry.actor
    if partner_id is None or entry.partner_id == partner_id:
        document["reservationId"] = entry.reservation_id
        document["partnerId"] = entry.partner_id
        document["reference"] = entry.detail.get("reference")
        document["expiresAt"] = moment(entry.detail.get("expires_at"))
    if entry.kind in EVENT_KINDS:
        document["event"] = event_document(event_after(entry), entry.at)
    return document


def reserved_answer(accepted: Accepted, short_url: bool) -> Response:
    """The answer to a new reservation or hold."""
    entry = accepted.entry
    collection = "/reservations" if short_url else f"/events/{entry.event_id}/reservations"
    response = answer(
        claim_document(entry),
        201,
        Location=f"{collection}/{entry.reservation_id}",
        ETag=f'"{entry.version}"',
    )
    return written(response, accepted)


def changed_answer(accepted: Accepted) -> Response:
    """The answer to a confirmation or a change of a reservation."""
    entry = accepted.entry
    return written(answer(claim_document(entry), 200, ETag=f'"{entry.version}"'), accepted)


def cancelled_answer(accepted: Accepted) -> Response:
    """The answer to a cancellation."""
    return written(empty_answer(), accepted)


def empty_answer() -> Response:
    """The answer to what leaves nothing to be told."""
    return FinishedResponse(b"", 204, [("Cache-Control", "no-store")])


def written(response: Response, accepted: Accepted) -> Response:
    """Add the headers of every successful write."""
    version = accepted.entry.version if accepted.version is None else accepted.version
    response.headers[VERSION_HEADER] = str(version)
    response.headers["Cache-Control"] = "no-store"
    if accepted.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response
