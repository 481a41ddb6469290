"""The ledger: every change of an event, in version order, without a gap."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from ticketboss.domain.events import SETTING_NAMES, Event
from ticketboss.domain.reservations import PartnerTotals, Reservation, Status

Kind = Literal[
    "event_created",
    "event_changed",
    "reserved",
    "held",
    "confirmed",
    "changed",
    "hold_changed",
    "cancelled",
    "released",
    "expired",
]

# What each seat of an entry does to available seats and held seats, and the entry itself to the
# number of confirmed reservations.
EFFECTS: dict[Kind, tuple[int, int, int]] = {
    "reserved": (-1, 0, 1),
    "held": (-1, 1, 0),
    "confirmed": (0, -1, 1),
    "changed": (-1, 0, 0),
    "hold_changed": (-1, 1, 0),
    "cancelled": (1, 0, -1),
    "released": (1, -1, 0),
    "expired": (1, -1, 0),
}
STATUS_AFTER: dict[Kind, Status] = {
    "reserved": "confirmed",
    "held": "held",
    "confirmed": "confirmed",
    "changed": "confirmed",
    "hold_changed": "held",
    "cancelled": "cancelled",
    "released": "cancelled",
    "expired": "expired",
}
EVENT_KINDS: frozenset[Kind] = frozenset({"event_created", "event_changed"})
OPEN_HOLDS: dict[Kind, int] = {"held": 1, "confirmed": -1, "released": -1, "expired": -1}


class LedgerEntry(NamedTuple):
    """One change of one event.

    `seats` are those of the reservation after the change, or before its end. The four counters
    are those of the event after the change. `at` is milliseconds since 1970, UTC; it may go back
    when a clock does, the order is `version`. `detail` holds what only some kinds need.
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
    idempotency_key: str | None
    request_hash: str | None
    detail: dict[str, Any]

    @property
    def makes_reservation(self) -> bool:
        """Whether its reservation did not exist before it."""
        return self.kind in ("reserved", "held")


def advance(event: Event, kind: Kind, seats: int, detail: dict[str, Any]) -> Event:
    """The event after one more entry: its counters moved and its version raised by one.

    The only place where counters are computed: deciding and replaying both come here.
    """
    if kind == "event_changed":
        total_seats = detail["total_seats"]
        return event._replace(
            total_seats=total_seats,
            available_seats=event.available_seats + total_seats - event.total_seats,
            version=event.version + 1,
            **{name: detail[name] for name in SETTING_NAMES},
        )
    available, held, count = EFFECTS[kind]
    seats_moved = seats - detail.get("seats_before", 0)
    return event._replace(
        available_seats=event.available_seats + available * seats_moved,
        held_seats=event.held_seats + held * seats_moved,
        reservation_count=event.reservation_count + count,
        version=event.version + 1,
    )


def event_after(entry: LedgerEntry) -> Event:
    """The event as an entry of one of EVENT_KINDS left it: these hold all its settings."""
    return Event(
        event_id=entry.event_id,
        total_seats=entry.total_seats,
        available_seats=entry.available_seats,
        held_seats=entry.held_seats,
        reservation_count=entry.reservation_count,
        version=entry.version,
        **{name: entry.detail[name] for name in SETTING_NAMES if name in entry.detail},
    )


@dataclass(slots=True)
class EventState:
    """An event with as much of its surroundings as the commands at hand need.

    `keys` are the entries already written under the idempotency keys in question, by actor
    and key. `partners` are the totals of the partners in question, `frozen` those of them that
    may change nothing. `due` are claims that must end before anything else is decided, the
    oldest first, with the kind of entry that ends them; there may be more than these.
    """

    event: Event | None = None
    reservations: dict[str, Reservation] = field(default_factory=dict)
    keys: dict[tuple[str, str], LedgerEntry] = field(default_factory=dict)
    partners: dict[str, PartnerTotals] = field(default_factory=dict)
    frozen: frozenset[str] = frozenset()
    due: list[str] = field(default_factory=list)
    next_hold_expires_at: int | None = None

    def apply(self, entry: LedgerEntry) -> None:
        """Move on by one entry."""
        if self.event is None:
            self.event = event_after(entry)
        else:
            self.event = advance(self.event, entry.kind, entry.seats, entry.detail)
        if entry.reservation_id is not None and entry.partner_id is not None:
            self._apply_to_reservation(entry, entry.reservation_id, entry.partner_id)
        if entry.idempotency_key is not None:
            self.keys[entry.actor, entry.idempotency_key] = entry
        expires_at = entry.detail.get("expires_at")
        if expires_at is not None:
            self.next_hold_expires_at = min(self.next_hold_expires_at or expires_at, expires_at)

    def _apply_to_reservation(
        self, entry: LedgerEntry, reservation_id: str, partner_id: str
    ) -> None:
        before = self.partners.get(partner_id, PartnerTotals())
        seats_moved = entry.seats - entry.detail.get("seats_before", 0)
        self.partners[partner_id] = PartnerTotals(
            before.seats_taken - EFFECTS[entry.kind][0] * seats_moved,
            before.open_holds + OPEN_HOLDS.get(entry.kind, 0),
        )
        self.reservations[reservation_id] = reservation_after(
            self.reservations.get(reservation_id), entry, reservation_id, partner_id
        )


def reservation_after(
    before: Reservation | None, entry: LedgerEntry, reservation_id: str, partner_id: str
) -> Reservation:
    """The reservation as an entry leaves it; `before` is None for a new one."""
    return Reservation(
        reservation_id=reservation_id,
        partner_id=partner_id,
        reference=entry.detail.get("reference") if before is None else before.reference,
        seats=entry.seats,
        status=STATUS_AFTER[entry.kind],
        created_at=entry.at if before is None else before.created_at,
        created_version=entry.version if before is None else before.created_version,
        version=entry.version,
        expires_at=entry.detail.get("expires_at"),
    )


def replay(entries: Iterable[LedgerEntry]) -> EventState:
    """Rebuild an event from its ledger alone, from entry 0 on."""
    state = EventState()
    for entry in entries:
        state.apply(entry)
    return state
