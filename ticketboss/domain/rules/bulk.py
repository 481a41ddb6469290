"""Many new reservations of one partner at once: all or nothing, or each by itself."""

from dataclasses import fields, replace
from typing import Any

from ticketboss.domain.commands import ReserveMany
from ticketboss.domain.decisions import Decision
from ticketboss.domain.events import Event
from ticketboss.domain.ledger import EventState, LedgerEntry
from ticketboss.domain.refusals import BulkRefused, Refusal
from ticketboss.domain.rules import growth

# Of the first entry's detail: for each item None where it was accepted, else why it was not.
OUTCOMES = "bulk"


def reserve_many(state: EventState, event: Event, command: ReserveMany, now: int) -> Decision:
    """Decide each item on what the ones before it leave, so no limit is evaded by splitting.

    The key and all outcomes stand in the first entry: a retry is answered from there.
    """
    scratch = EventState(
        event=event,
        partners=dict(state.partners),
        frozen=state.frozen,
        next_hold_expires_at=state.next_hold_expires_at,
    )
    entries: list[LedgerEntry] = []
    outcomes: list[dict[str, Any] | None] = []
    for item in command.items:
        decision = growth.reserve(scratch, scratch.event or event, item, now)
        if isinstance(decision, tuple):
            scratch.apply(decision[0])
            entries.append(decision[0])
            outcomes.append(None)
        elif isinstance(decision, Refusal):
            outcomes.append(_why(decision))
    if not entries or (command.atomic and len(entries) < len(outcomes)):
        return BulkRefused(tuple(outcomes))
    first = replace(
        entries[0],
        idempotency_key=command.idempotency_key,
        request_hash=command.request_hash() if command.idempotency_key else None,
        detail=entries[0].detail | {OUTCOMES: outcomes},
    )
    return (first, *entries[1:])


def _why(refusal: Refusal) -> dict[str, Any]:
    facts = {fact.name: getattr(refusal, fact.name) for fact in fields(refusal)}
    return {"code": refusal.code, "facts": facts}
