"""The event: what is sold, and the counters that say how much of it is left."""

from dataclasses import dataclass
from typing import Literal

SaleState = Literal["on_sale", "sold_out"]

# Not of dots alone: "." and ".." mean something else in a URL.
EVENT_ID_PATTERN = r"(?=\.*[A-Za-z0-9_:-])[A-Za-z0-9._:-]{1,64}"
EVENT_NAME_LENGTH_MAX = 200
TOTAL_SEATS_MAX = 100_000_000
SEATS_PER_RESERVATION_DEFAULT = 10


def is_event_name(name: str) -> bool:
    """Whether people could call an event that: printable, not blank, not too long."""
    return bool(name.strip()) and name.isprintable() and len(name) <= EVENT_NAME_LENGTH_MAX


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it stands at `version`.

    `available_seats + held_seats + reserved_seats == total_seats`, always.
    """

    event_id: str
    name: str
    total_seats: int
    available_seats: int
    held_seats: int
    reservation_count: int
    version: int
    seats_per_reservation_max: int

    @property
    def reserved_seats(self) -> int:
        """Seats of confirmed reservations."""
        return self.total_seats - self.available_seats - self.held_seats

    @property
    def sale_state(self) -> SaleState:
        """What a partner may expect of a new reservation."""
        return "on_sale" if self.available_seats else "sold_out"
