"""Many new reservations of one partner at once: all or nothing, or each by itself."""

from dataclasses import fields, replace
from typing import Any

from ticketboss.domain.commands import ReserveMany
from ticketboss.domain.decisions import Decision
from ticketboss.domain.events import Event
from ticketboss.domain.ledger import EventState, LedgerEntry
from ticketboss.domain.refusals import BulkRefused, NotEnoughSeats, Refusal
from ticketboss.domain.rules import growth

# Of the first entry's detail: for each item None where it was accepted, else why it was not.
OUTCOMES = "bulk"


def reserve_many(state: EventState, event: Event, command: ReserveMany, now: int) -> Decision:
    """Decide each item on what the ones before it leave, so no limit is evaded by splitting.

    What concerns the bulk as a whole refuses it as it would refuse a single item. The key and all
    outcomes stand in the first entry: a retry is answered from there.
    """
    refusal = growth.refusal_to_sell(state, event, command.partner_id, command.actor, now)
    if refusal is not None:
        return refusal
    scratch = EventState(
        event=event,
        partners=dict(state.partners),
        frozen=state.frozen,
        next_hold_expires_at=state.next_hold_expires_at,
    )
    entries: list[LedgerEntry] = []
    refusals: list[Refusal | None] = []
    for item in command.items:
        decision = growth.reserve(scratch, scratch.event or event, item, now)
        if isinstance(decision, tuple):
            scratch.apply(decision[0])
            entries.append(decision[0])
            refusals.append(None)
        elif isinstance(decision, Refusal):
            refusals.append(decision)
    if not entries or (command.atomic and len(entries) < len(refusals)):
        return BulkRefused(tuple(_why(_without_its_holds(each, state)) for each in refusals))
    first = entries[0]._replace(
        idempotency_key=command.idempotency_key,
        request_hash=command.request_hash() if command.idempotency_key else None,
        detail=entries[0].detail | {OUTCOMES: [_why(each) for each in refusals]},
    )
    return (first, *entries[1:])


def _without_its_holds(refusal: Refusal | None, state: EventState) -> Refusal | None:
    """The refusal without the bulk's own holds, which nobody will ever see expire."""
    if state.event is None or not isinstance(refusal, NotEnoughSeats):
        return refusal
    held_seats = state.event.held_seats
    expires_at = state.next_hold_expires_at if held_seats else None
    return replace(refusal, held_seats=held_seats, next_hold_expires_at=expires_at)


def _why(refusal: Refusal | None) -> dict[str, Any] | None:
    if refusal is None:
        return None
    facts = {fact.name: getattr(refusal, fact.name) for fact in fields(refusal)}
    return {"code": refusal.code, "facts": facts}
