"""The ledger: every change of an event, in version order, without a gap."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ticketboss.domain.events import Event
from ticketboss.domain.reservations import Reservation

Kind = Literal["event_created", "reserved", "cancelled"]

SYSTEM_ACTOR = "system"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One change of one event.

    The four counters are those after the change. `at` is milliseconds since 1970, UTC; it may
    go back when a clock does, the order is `version`. `detail` holds what only this kind needs.
    """

    event_id: str
    version: int
    kind: Kind
    actor: str
    reservation_id: str | None
    partner_id: str | None
    seats: int
    total_seats: int
    available_seats: int
    held_seats: int
    reservation_count: int
    at: int
    idempotency_key: str | None = None
    request_hash: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)


def partner_actor(partner_id: str) -> str:
    """The ledger's name for a partner that asks for a change."""
    return f"partner:{partner_id}"


def advance(event: Event, kind: Kind, seats: int) -> Event:
    """The event after one more entry: its counters moved and its version raised by one.

    The only place where counters are computed: deciding and replaying both come here.
    """
    match kind:
        case "reserved":
            seats_taken, reservations_added = seats, 1
        case "cancelled":
            seats_taken, reservations_added = -seats, -1
        case _:
            raise ValueError(f"A ledger entry of kind {kind!r} does not follow another one.")
    return replace(
        event,
        available_seats=event.available_seats - seats_taken,
        reservation_count=event.reservation_count + reservations_added,
        version=event.version + 1,
    )


def created_event(entry: LedgerEntry) -> Event:
    """The event as its first entry made it."""
    return Event(
        event_id=entry.event_id,
        name=entry.detail["name"],
        total_seats=entry.total_seats,
        available_seats=entry.total_seats,
        held_seats=0,
        reservation_count=0,
        version=entry.version,
        seats_per_reservation_max=entry.detail["seats_per_reservation_max"],
    )


@dataclass(slots=True)
class EventState:
    """An event with as much of its surroundings as the commands at hand need.

    `keys` are the entries already written under the idempotency keys in question, by actor
    and key. `partner_seats` counts the seats of each partner's live reservations.
    """

    event: Event | None = None
    reservations: dict[str, Reservation] = field(default_factory=dict)
    keys: dict[tuple[str, str], LedgerEntry] = field(default_factory=dict)
    partner_seats: dict[str, int] = field(default_factory=dict)

    def apply(self, entry: LedgerEntry) -> None:
        """Move on by one entry."""
        if self.event is None:
            self.event = created_event(entry)
        else:
            self.event = advance(self.event, entry.kind, entry.seats)
        if entry.reservation_id is not None and entry.partner_id is not None:
            self._apply_to_reservation(entry, entry.reservation_id, entry.partner_id)
        if entry.idempotency_key is not None:
            self.keys[entry.actor, entry.idempotency_key] = entry

    def _apply_to_reservation(
        self, entry: LedgerEntry, reservation_id: str, partner_id: str
    ) -> None:
        seats_taken = self.partner_seats.get(partner_id, 0)
        if entry.kind == "reserved":
            self.reservations[reservation_id] = reserved(entry, reservation_id, partner_id)
            self.partner_seats[partner_id] = seats_taken + entry.seats
        else:
            self.reservations[reservation_id] = replace(
                self.reservations[reservation_id], status="cancelled", version=entry.version
            )
            self.partner_seats[partner_id] = seats_taken - entry.seats


def reserved(entry: LedgerEntry, reservation_id: str, partner_id: str) -> Reservation:
    """The reservation that an entry of kind `reserved` made."""
    return Reservation(
        reservation_id=reservation_id,
        partner_id=partner_id,
        reference=entry.detail.get("reference"),
        seats=entry.seats,
        status="confirmed",
        created_at=entry.at,
        created_version=entry.version,
        version=entry.version,
    )


def replay(entries: Iterable[LedgerEntry]) -> EventState:
    """Rebuild an event from its ledger alone, from entry 0 on."""
    state = EventState()
    for entry in entries:
        state.apply(entry)
    return state
