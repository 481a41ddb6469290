"""Whether the ledger's counters are what its entries make of them, at every version."""

from collections.abc import Iterator

from ticketboss.client.documents import LedgerEntry
from ticketboss.rehearsal.evidence import Evidence

# Written down once more, on purpose: what each seat of an entry does to the available and the
# held seats, and the entry itself to the number of confirmed reservations.
EFFECTS = {
    "reserved": (-1, 0, 1),
    "held": (-1, 1, 0),
    "confirmed": (0, -1, 1),
    "changed": (-1, 0, 0),
    "hold_changed": (-1, 1, 0),
    "cancelled": (1, 0, -1),
    "released": (1, -1, 0),
    "expired": (1, -1, 0),
}
# Which entries may follow the last one of a reservation; None is none.
NEXT_KINDS = {
    None: {"reserved", "held"},
    "reserved": {"changed", "cancelled"},
    "changed": {"changed", "cancelled"},
    "confirmed": {"changed", "cancelled"},
    "held": {"hold_changed", "confirmed", "released", "expired"},
    "hold_changed": {"hold_changed", "confirmed", "released", "expired"},
}

Counters = tuple[int, int, int, int]


def wrong_sums(evidence: Evidence) -> Iterator[str]:
    """Over-selling and lost entries, as the ledger alone shows them."""
    before, after = evidence.before, evidence.after
    held, sold = before.held_seats, before.reservation_count
    counters = (before.total_seats, before.available_seats, held, sold)
    version = before.version
    for entry in evidence.entries:
        if entry.version != version + 1:
            yield f"The ledger goes from version {version} to {entry.version}."
        expected, found = _after(counters, entry), _counters(entry)
        if expected != found:
            yield f"Version {entry.version} has {_shown(found)}, and must have {_shown(expected)}."
        if min(found) < 0 or found[1] + found[2] > found[0]:
            yield f"Over-sold at version {entry.version}: {_shown(found)}."
        version, counters = entry.version, found
    last = (after.total_seats, after.available_seats, after.held_seats, after.reservation_count)
    if (version, counters) != (after.version, last):
        yield (
            f"The event has {_shown(last)} at version {after.version}, its ledger "
            f"{_shown(counters)} at version {version}."
        )


def wrong_lives(evidence: Evidence) -> Iterator[str]:
    """Reservations that end twice, or otherwise as none can, and holds that expire early."""
    for reservation_id, entries in evidence.lives.items():
        last: LedgerEntry | None = None
        for entry in entries:
            # What was there before the drop may go on in any way.
            is_known = last is not None or entry.kind in ("reserved", "held")
            if is_known and entry.kind not in NEXT_KINDS.get(last.kind if last else None, set()):
                yield (
                    f"Reservation {reservation_id} is {entry.kind} at version {entry.version}, "
                    f"though it is {last.kind if last else 'new'}."
                )
            if entry.kind == "expired" and last and last.expires_at and entry.at < last.expires_at:
                yield f"Hold {reservation_id} expired at {entry.at}, before {last.expires_at}."
            last = entry


def _after(counters: Counters, entry: LedgerEntry) -> Counters:
    total, available, held, count = counters
    if entry.kind not in EFFECTS:
        # A change of the event moves its capacity, and availability with it.
        return (entry.total_seats, available + entry.total_seats - total, held, count)
    for_available, for_held, for_count = EFFECTS[entry.kind]
    seats = entry.seats - (entry.seats_before or 0)
    return (total, available + for_available * seats, held + for_held * seats, count + for_count)


def _counters(entry: LedgerEntry) -> Counters:
    return (entry.total_seats, entry.available_seats, entry.held_seats, entry.reservation_count)


def _shown(counters: Counters) -> str:
    total, available, held, count = counters
    return f"{available} of {total} seats available, {held} held, {count} reservations"
