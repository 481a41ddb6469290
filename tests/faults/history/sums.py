"""No seat is lost or made: the ledger added up by its words alone, without the domain's help."""

from collections.abc import Iterator, Sequence

from tests.faults.history.record import Document
from tests.faults.history.violations import Violation

ENDS = {"cancelled": False, "released": True, "expired": True}


class Sums:
    """The seats of each live reservation, and in `ended` the entry that ended each other one."""

    def __init__(self) -> None:
        self._seats: dict[str, int] = {}
        self._held: set[str] = set()
        self._taken = 0
        self._held_seats = 0
        self._ended: dict[str, Document] = {}

    def violations(self, ledger: Sequence[Document]) -> Iterator[Violation]:
        """What does not add up; after the first wrong sum the others would be wrong as well."""
        for version, entry in enumerate(ledger):
            if entry["version"] != version:
                why = f"behind version {version - 1} comes version {entry['version']}"
                yield Violation("gapless", why, entries=(entry,))
                return
            wrong = self._move(entry)
            earlier = self._ended.get(entry["reservationId"] or "")
            wrong = wrong or self._wrong_counters(entry)
            if wrong:
                shown = (entry,) if earlier in (None, entry) else (earlier, entry)
                yield Violation("sums", wrong, entries=tuple(filter(None, shown)))
                return

    def _move(self, entry: Document) -> str:
        """Move the seats of one entry; gives what is impossible about it."""
        id_, kind, seats = entry["reservationId"], entry["kind"], entry["seats"]
        if kind.startswith("event_"):
            return ""
        if kind in ("reserved", "held"):
            if id_ in self._seats or id_ in self._ended:
                return f"reservation {id_} is made a second time"
            self._set(id_, seats, is_held=kind == "held")
            return ""
        if id_ not in self._seats:
            return f"reservation {id_} is {kind}, but it is not live: its seats come back twice"
        before = entry["seatsBefore"] if entry["seatsBefore"] is not None else seats
        if before != self._seats[id_]:
            return f"reservation {id_} had {self._seats[id_]} seats, not {before}"
        if kind in ENDS:
            if ENDS[kind] != (id_ in self._held):
                return f"reservation {id_} is {kind} and was not of that kind"
            self._set(id_, 0, is_held=False)
            del self._seats[id_]
            self._ended[id_] = entry
        else:
            self._set(id_, seats, is_held=kind == "hold_changed")
        return ""

    def _set(self, id_: str, seats: int, *, is_held: bool) -> None:
        before = self._seats.get(id_, 0)
        self._taken += seats - before
        if id_ in self._held:
            self._held_seats -= before
            self._held.discard(id_)
        if is_held:
            self._held_seats += seats
            self._held.add(id_)
        self._seats[id_] = seats

    def _wrong_counters(self, entry: Document) -> str:
        total, available = entry["totalSeats"], entry["availableSeats"]
        if self._taken + available != total:
            return f"{self._taken} seats are promised and {available} left, of {total}"
        if available < 0:
            return f"{-available} seats too many are promised"
        counted = (entry["heldSeats"], entry["reservationCount"])
        expected = (self._held_seats, len(self._seats) - len(self._held))
        return "" if counted == expected else f"held and count are {counted} not {expected}"
