"""Taking seats: new reservations, new holds, and more seats for those that exist."""

from typing import Any

from ticketboss.domain.commands import Change, Reserve, partner_actor
from ticketboss.domain.decisions import Decision, Unchanged, next_entry
from ticketboss.domain.events import Event
from ticketboss.domain.ledger import EventState
from ticketboss.domain.refusals import (
    EventCancelled,
    HoldTooLong,
    NotAHold,
    NotEnoughSeats,
    PartnerLimitReached,
    Refusal,
    SaleClosed,
    SaleNotOpen,
    SalePaused,
    TooManySeats,
)
from ticketboss.domain.reservations import PartnerTotals, Reservation
from ticketboss.domain.rules.endings import ended, lasting_detail, refusal_to_touch

MILLISECONDS = 1_000


def reserve(state: EventState, event: Event, command: Reserve, now: int) -> Decision:
    """A new reservation, or a new hold."""
    if command.seats > event.seats_per_reservation_max:
        return TooManySeats(command.seats, event.seats_per_reservation_max)
    hold_seconds = command.hold_seconds
    if hold_seconds is not None and hold_seconds > event.hold_seconds_total_max:
        return HoldTooLong(event.hold_seconds_total_max)
    seats = _seats_to_give(state, event, command)
    refusal = (
        refusal_to_sell(state, event, command.partner_id, command.actor, now)
        or _beyond_partner(state, event, command.partner_id, seats, hold_seconds is not None)
        or _beyond_event(state, event, seats, command.seats)
    )
    if refusal is not None:
        return refusal
    detail: dict[str, Any] = {}
    if command.reference is not None:
        detail["reference"] = command.reference
    if hold_seconds is not None:
        detail["expires_at"] = now + hold_seconds * MILLISECONDS
    return (
        next_entry(
            event,
            "reserved" if hold_seconds is None else "held",
            command,
            now,
            reservation_id=command.reservation_id,
            partner_id=command.partner_id,
            seats=seats,
            detail=detail,
            actor=command.actor or partner_actor(command.partner_id),
        ),
    )


def refusal_to_sell(
    state: EventState, event: Event, partner_id: str, actor: str | None, now: int
) -> Refusal | None:
    """Why this partner gets no seats of the event now, however few it asks for."""
    return refusal_to_touch(state, partner_id, actor) or _not_on_sale(event, now)


def change(
    state: EventState, event: Event, reservation: Reservation, command: Change, now: int
) -> Decision:
    """More or fewer seats, or more time for a hold, in one entry."""
    refusal = refusal_to_touch(state, reservation.partner_id, command.actor)
    refusal = refusal or ended(reservation, now)
    if refusal is not None:
        return refusal
    seats = reservation.seats if command.seats is None else command.seats
    expires_at = _expiry_after(event, reservation, command, now)
    if isinstance(expires_at, Refusal):
        return expires_at
    # With a key it is written all the same: a late retry must find it and change nothing either.
    if (seats, expires_at) == (reservation.seats, reservation.expires_at) and not (
        command.idempotency_key
    ):
        return Unchanged(reservation.version)
    if event.cancelled and command.hold_seconds is not None:
        return EventCancelled()
    if seats > reservation.seats:
        refusal = _growth_refused(state, event, reservation, seats, now)
        if refusal is not None:
            return refusal
    detail = lasting_detail(reservation) | {"seats_before": reservation.seats}
    if expires_at is not None:
        detail["expires_at"] = expires_at
    return (
        next_entry(
            event,
            "changed" if expires_at is None else "hold_changed",
            command,
            now,
            reservation_id=reservation.reservation_id,
            partner_id=reservation.partner_id,
            seats=seats,
            detail=detail,
            actor=command.actor or partner_actor(reservation.partner_id),
        ),
    )


def _expiry_after(
    event: Event, reservation: Reservation, command: Change, now: int
) -> int | Refusal | None:
    if command.hold_seconds is None:
        return reservation.expires_at
    if reservation.expires_at is None:
        return NotAHold()
    expires_at = now + command.hold_seconds * MILLISECONDS
    if expires_at > reservation.created_at + event.hold_seconds_total_max * MILLISECONDS:
        return HoldTooLong(event.hold_seconds_total_max)
    return expires_at


def _growth_refused(
    state: EventState, event: Event, reservation: Reservation, seats: int, now: int
) -> Refusal | None:
    if seats > event.seats_per_reservation_max:
        return TooManySeats(seats, event.seats_per_reservation_max)
    more = seats - reservation.seats
    return (
        _not_on_sale(event, now)
        or _beyond_partner(state, event, reservation.partner_id, more, opens_hold=False)
        or _beyond_event(state, event, more, more)
    )


def _not_on_sale(event: Event, now: int) -> Refusal | None:
    match event.sale_state(now):
        case "cancelled":
            return EventCancelled()
        case "ended":
            return SaleClosed()
        case "paused":
            return SalePaused()
        case "scheduled":
            opens_at = now if event.on_sale_from is None else event.on_sale_from
            return SaleNotOpen(opens_at, opens_at - now)
        case _:
            return None


def _beyond_partner(
    state: EventState, event: Event, partner_id: str, seats: int, opens_hold: bool
) -> Refusal | None:
    totals = state.partners.get(partner_id, PartnerTotals())
    seats_max = event.seats_per_partner_max
    if seats_max is not None and totals.seats_taken + seats > seats_max:
        return PartnerLimitReached("seats_per_partner", seats_max, totals.seats_taken)
    if opens_hold and totals.open_holds >= event.open_holds_per_partner_max:
        return PartnerLimitReached(
            "open_holds_per_partner", event.open_holds_per_partner_max, totals.open_holds
        )
    return None


def _seats_to_give(state: EventState, event: Event, command: Reserve) -> int:
    """All seats, or with `min_seats` as many as there are and as the partner may still have."""
    if command.min_seats is None:
        return command.seats
    possible = min(command.seats, event.available_seats)
    if event.seats_per_partner_max is not None:
        taken = state.partners.get(command.partner_id, PartnerTotals()).seats_taken
        possible = min(possible, event.seats_per_partner_max - taken)
    return max(command.min_seats, possible)


def _beyond_event(
    state: EventState, event: Event, seats: int, requested_seats: int
) -> Refusal | None:
    if seats <= event.available_seats:
        return None
    next_hold_expires_at = state.next_hold_expires_at if event.held_seats else None
    return NotEnoughSeats(
        requested_seats, event.available_seats, event.held_seats, next_hold_expires_at
    )
