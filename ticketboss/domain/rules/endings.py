"""The ends of a hold (confirm, release, expire) and of a reservation (cancel)."""

from typing import Any

from ticketboss.domain.commands import Cancel, Confirm, partner_actor
from ticketboss.domain.decisions import Decision, Unchanged, next_entry
from ticketboss.domain.events import Event
from ticketboss.domain.ledger import EventState, Kind, LedgerEntry
from ticketboss.domain.refusals import (
    AlreadyCancelled,
    EventCancelled,
    HoldExpired,
    PartnerFrozen,
    Refusal,
    ReservationEnded,
)
from ticketboss.domain.reservations import Reservation


def confirm(
    state: EventState, event: Event, reservation: Reservation, command: Confirm, now: int
) -> Decision:
    """A hold becomes a reservation; of the event only its cancellation stops that."""
    refusal = refusal_to_touch(state, reservation.partner_id, command.actor)
    refusal = refusal or ended(reservation, now)
    if refusal is not None:
        return refusal
    if reservation.status == "confirmed":
        return Unchanged(reservation.version)
    if event.cancelled:
        return EventCancelled()
    return (_ending(event, "confirmed", reservation, command, now),)


def cancel(
    state: EventState, event: Event, reservation: Reservation, command: Cancel, now: int
) -> Decision:
    """The seats come back, once."""
    refusal = refusal_to_touch(state, reservation.partner_id, command.actor)
    if refusal is not None:
        return refusal
    if reservation.status == "expired" or reservation.is_due(now):
        return HoldExpired()
    if not reservation.is_live:
        return AlreadyCancelled()
    kind: Kind = "released" if reservation.status == "held" else "cancelled"
    return (_ending(event, kind, reservation, command, now),)


def due(event: Event, reservation: Reservation, now: int) -> LedgerEntry:
    """The end that the system brings to a claim: its time, its event or its partner is over."""
    if reservation.is_due(now):
        return _ending(event, "expired", reservation, None, now)
    kind: Kind = "released" if reservation.status == "held" else "cancelled"
    return _ending(event, kind, reservation, None, now)


def ended(reservation: Reservation, now: int) -> Refusal | None:
    """Why this reservation can no longer be confirmed or changed, or None if it can."""
    if reservation.status == "expired" or reservation.is_due(now):
        return HoldExpired()
    return ReservationEnded() if reservation.status == "cancelled" else None


def refusal_to_touch(state: EventState, partner_id: str, actor: str | None) -> Refusal | None:
    """A frozen partner changes nothing; an operator may still act on what it has."""
    own = actor in (None, partner_actor(partner_id))
    return PartnerFrozen() if own and partner_id in state.frozen else None


def lasting_detail(reservation: Reservation) -> dict[str, Any]:
    """What every later entry repeats, so that an answer can be rendered from its entry alone."""
    detail: dict[str, Any] = {"created_at": reservation.created_at}
    if reservation.reference is not None:
        detail["reference"] = reservation.reference
    return detail


def _ending(
    event: Event,
    kind: Kind,
    reservation: Reservation,
    command: Confirm | Cancel | None,
    now: int,
) -> LedgerEntry:
    actor = None
    if command is not None:
        actor = command.actor or partner_actor(reservation.partner_id)
    return next_entry(
        event,
        kind,
        command,
        now,
        reservation_id=reservation.reservation_id,
        partner_id=reservation.partner_id,
        seats=reservation.seats,
        detail=lasting_detail(reservation),
        actor=actor,
    )
