"""Ledger entries as they come over HTTP, and the documents that follow from entries.

Written from the README's contract, not from the server's rendering: both must say the same.
"""

from typing import Any

from tests.faults.history.record import Document
from ticketboss.domain.events import SETTING_NAMES, Event
from ticketboss.domain.ledger import STATUS_AFTER, LedgerEntry
from ticketboss.domain.reservations import Reservation
from ticketboss.formats import camel_case, parse_rfc3339, rfc3339

SHOWN_SETTINGS = tuple(name for name in SETTING_NAMES if name != "cancelled")
SECRETS = ("actor", "reservationId", "partnerId", "reference", "expiresAt")


def entry_from(document: Document, event_id: str) -> LedgerEntry:
    """An entry as an operator sees it, without its key and what a bulk has said of its items."""
    detail: Document = {}
    if document["seatsBefore"] is not None:
        detail["seats_before"] = document["seatsBefore"]
    if document["reference"] is not None:
        detail["reference"] = document["reference"]
    if document["expiresAt"] is not None:
        detail["expires_at"] = parse_rfc3339(document["expiresAt"])
    if "event" in document:
        detail |= _settings_from(document["event"])
        if document["version"]:
            detail["total_seats"] = document["event"]["totalSeats"]
    return LedgerEntry(
        event_id=event_id,
        version=document["version"],
        kind=document["kind"],
        actor=document["actor"],
        reservation_id=document["reservationId"],
        partner_id=document["partnerId"],
        seats=document["seats"],
        total_seats=document["totalSeats"],
        available_seats=document["availableSeats"],
        held_seats=document["heldSeats"],
        reservation_count=document["reservationCount"],
        at=parse_rfc3339(document["at"]),
        idempotency_key=None,
        request_hash=None,
        detail=detail,
    )


def facts_of(entry: LedgerEntry) -> dict[str, Any]:
    """What two entries must have in common to be the same change, as far as HTTP shows it."""
    hidden = ("event_id", "idempotency_key", "request_hash", "detail")
    facts = {name: getattr(entry, name) for name in entry._fields if name not in hidden}
    shown = ("reference", "expires_at", "seats_before", *SETTING_NAMES)
    facts |= {f"detail.{name}": entry.detail.get(name) for name in shown}
    if entry.kind == "event_changed":
        facts["detail.total_seats"] = entry.detail["total_seats"]
    return facts


def differences(expected: dict[str, Any], found: dict[str, Any]) -> str:
    """Where two sets of facts differ, in words; empty where they do not."""
    names = [name for name in expected | found if expected.get(name) != found.get(name)]
    return ", ".join(f"{name} {found.get(name)!r} not {expected.get(name)!r}" for name in names)


def claim_document(entry: LedgerEntry, before: Reservation | None) -> Document:
    """What a write says of its reservation; `before` is how it stood before the entry."""
    document = {
        "reservationId": entry.reservation_id,
        "eventId": entry.event_id,
        "partnerId": entry.partner_id,
        "reference": before.reference if before else entry.detail.get("reference"),
        "seats": entry.seats,
        "status": STATUS_AFTER[entry.kind],
        "createdAt": rfc3339(before.created_at if before else entry.at),
        "version": entry.version,
        "availableSeats": entry.available_seats,
    }
    if "expires_at" in entry.detail:
        document["expiresAt"] = rfc3339(entry.detail["expires_at"])
    return document


def reservation_document(event_id: str, reservation: Reservation) -> Document:
    """A reservation as a read shows it."""
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


def event_document(event: Event) -> Document:
    """An event as a read shows it, but for the sale state, which depends on the time."""
    document: Document = {
        "eventId": event.event_id,
        "totalSeats": event.total_seats,
        "availableSeats": event.available_seats,
        "heldSeats": event.held_seats,
        "reservedSeats": event.total_seats - event.available_seats - event.held_seats,
        "reservationCount": event.reservation_count,
        "version": event.version,
    }
    for name in SHOWN_SETTINGS:
        value = getattr(event, name)
        is_moment = name.startswith("on_sale") and value is not None
        document[camel_case(name)] = rfc3339(value) if is_moment else value
    return document


def seen_by(document: Document, partner_id: str | None) -> Document:
    """A ledger entry of an operator's as a partner may see it."""
    if partner_id is None:
        return document
    hidden = ("actor",) if document["partnerId"] == partner_id else SECRETS
    return {name: value for name, value in document.items() if name not in hidden}


def _settings_from(event: Document) -> Document:
    settings: Document = {name: event[camel_case(name)] for name in SHOWN_SETTINGS}
    for name in ("on_sale_from", "on_sale_until"):
        if settings[name] is not None:
            settings[name] = parse_rfc3339(settings[name])
    return settings | {"cancelled": event["saleState"] == "cancelled"}
