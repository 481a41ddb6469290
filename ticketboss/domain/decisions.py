"""What `decide` answers, and how an accepted command becomes a ledger entry."""

from dataclasses import dataclass
from typing import Any

from ticketboss.domain.commands import SYSTEM_ACTOR, Command
from ticketboss.domain.events import Event
from ticketboss.domain.ledger import Kind, LedgerEntry, advance
from ticketboss.domain.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Replay:
    """The key was used for this very request before: `entry` is what it did."""

    entry: LedgerEntry


@dataclass(frozen=True, slots=True)
class Unchanged:
    """All is already as asked; the ledger entry `version` made it so."""

    version: int


Decision = tuple[LedgerEntry, ...] | Replay | Unchanged | Refusal


def next_entry(
    event: Event,
    kind: Kind,
    command: Command | None,
    now: int,
    *,
    reservation_id: str | None = None,
    partner_id: str | None = None,
    seats: int = 0,
    detail: dict[str, Any],
    actor: str | None = None,
) -> LedgerEntry:
    """The entry that follows `event`; without a command it is the system's own."""
    after = advance(event, kind, seats, detail)
    key = None if command is None else command.idempotency_key
    return LedgerEntry(
        event_id=event.event_id,
        version=after.version,
        kind=kind,
        actor=actor or SYSTEM_ACTOR,
        reservation_id=reservation_id,
        partner_id=partner_id,
        seats=seats,
        total_seats=after.total_seats,
        available_seats=after.available_seats,
        held_seats=after.held_seats,
        reservation_count=after.reservation_count,
        at=now,
        idempotency_key=key,
        request_hash=command.request_hash() if command and key else None,
        detail=detail,
    )
