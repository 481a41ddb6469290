"""The event: what is sold, its settings, and the counters that say how much of it is left."""

from typing import Any, Literal, NamedTuple

from ticketboss.domain.api_keys import API_KEY_PATTERN, has_api_key

SaleState = Literal["scheduled", "on_sale", "paused", "ended", "sold_out", "cancelled"]

# Not of dots alone: "." and ".." mean something else in a URL. No API key in the wrong place.
EVENT_ID_PATTERN = rf"(?!.*{API_KEY_PATTERN})(?=\.*[A-Za-z0-9_:-])[A-Za-z0-9._:-]{{1,64}}"
EVENT_NAME_LENGTH_MAX = 200
TOTAL_SEATS_MAX = 100_000_000
SEATS_PER_RESERVATION_DEFAULT = 10
OPEN_HOLDS_PER_PARTNER_DEFAULT = 1_000
HOLD_SECONDS_TOTAL_DEFAULT = 3_600
HOLD_SECONDS_TOTAL_MAX = 86_400

# What an operator sets, beside `total_seats`, which every ledger entry has in a column.
SETTING_NAMES = (
    "name",
    "is_test",
    "seats_per_reservation_max",
    "seats_per_partner_max",
    "open_holds_per_partner_max",
    "hold_seconds_total_max",
    "on_sale_from",
    "on_sale_until",
    "paused",
    "cancelled",
)


def is_event_name(name: str) -> bool:
    """Whether people could call an event that: printable, not blank, not too long, no API key."""
    if not name.strip() or not name.isprintable() or len(name) > EVENT_NAME_LENGTH_MAX:
        return False
    return not has_api_key(name)


class Event(NamedTuple):
    """One event as it stands at `version`.

    `available_seats + held_seats + reserved_seats == total_seats`, always. It is on sale in
    [`on_sale_from`, `on_sale_until`), in milliseconds since 1970, UTC; None leaves that end open.
    `seats_per_partner_max` None is no limit. `hold_seconds_total_max` bounds a hold together
    with its extensions.
    """

    event_id: str
    name: str
    total_seats: int
    available_seats: int
    held_seats: int
    reservation_count: int
    version: int
    seats_per_reservation_max: int
    seats_per_partner_max: int | None = None
    open_holds_per_partner_max: int = OPEN_HOLDS_PER_PARTNER_DEFAULT
    hold_seconds_total_max: int = HOLD_SECONDS_TOTAL_DEFAULT
    on_sale_from: int | None = None
    on_sale_until: int | None = None
    is_test: bool = False
    paused: bool = False
    cancelled: bool = False

    @property
    def reserved_seats(self) -> int:
        """Seats of confirmed reservations."""
        return self.total_seats - self.available_seats - self.held_seats

    def sale_state(self, now: int) -> SaleState:
        """What a partner may expect of a new reservation at `now` (milliseconds since 1970)."""
        if self.cancelled:
            return "cancelled"
        if self.on_sale_until is not None and now >= self.on_sale_until:
            return "ended"
        if self.paused:
            return "paused"
        if self.on_sale_from is not None and now < self.on_sale_from:
            return "scheduled"
        return "on_sale" if self.available_seats else "sold_out"

    def settings(self) -> dict[str, Any]:
        """All of SETTING_NAMES with their values."""
        return {name: getattr(self, name) for name in SETTING_NAMES}
