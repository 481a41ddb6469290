"""Numbers, times and states as people read them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ticketboss.domain.events import Event, SaleState
from ticketboss.domain.ledger import Kind
from ticketboss.formats import rfc3339

STATES: dict[SaleState, str] = {
    "scheduled": "Scheduled",
    "on_sale": "On sale",
    "paused": "Paused",
    "ended": "Ended",
    "sold_out": "Sold out",
    "cancelled": "Cancelled",
}
KINDS: dict[Kind, str] = {
    "event_created": "Event created",
    "event_changed": "Settings changed",
    "reserved": "Reserved",
    "held": "Held",
    "confirmed": "Confirmed",
    "changed": "Changed",
    "hold_changed": "Hold changed",
    "cancelled": "Cancelled",
    "released": "Released",
    "expired": "Expired",
}
SECONDS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


class Labelled(Protocol):
    """A field of a form: its name in the API, and what people read beside it."""

    @property
    def name(self) -> str: ...

    @property
    def label(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Countdown:
    """What happens next to a sale, and when (milliseconds since 1970, UTC)."""

    words: str
    at: int


def countdown(event: Event, now: int) -> Countdown | None:
    """The opening or the end of a sale, whichever is next; None where neither is to come."""
    if event.cancelled:
        return None
    if event.on_sale_from is not None and now < event.on_sale_from:
        return Countdown("opens in", event.on_sale_from)
    if event.on_sale_until is not None and now < event.on_sale_until:
        return Countdown("ends in", event.on_sale_until)
    return None


def number(value: float) -> str:
    """A whole number with commas between thousands."""
    return f"{value:,.0f}"


def percent(part: float, whole: float) -> str:
    """A share with one decimal."""
    return f"{100 * part / whole:.1f} %" if whole else "-"


def mean(total: float, count: float) -> str:
    """A mean with one decimal."""
    return f"{total / count:,.1f}" if count else "-"


def milliseconds(seconds: float, count: float) -> str:
    """A mean of seconds, in milliseconds."""
    return f"{1_000 * seconds / count:,.2f} ms" if count else "-"


def duration(left_ms: int) -> str:
    """The two largest units of a duration: `2 h 5 min`."""
    left = max(0, left_ms // 1_000)
    parts: list[str] = []
    for unit, seconds in SECONDS:
        count, left = divmod(left, seconds)
        if count or parts or unit == "s":
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])


def day_and_time(at: int | None) -> str:
    """A time to the second, in UTC."""
    if at is None:
        return "-"
    return rfc3339(at)[:19].replace("T", " ") + " UTC"


def clock_time(at: int) -> str:
    """The time of day to the millisecond, in UTC."""
    return rfc3339(at)[11:23]


def in_labels(fields: Sequence[Labelled], told: str) -> str:
    """What the API says, with the labels of a form for the names of members."""
    for field in fields:
        told = re.sub(rf"\b{field.name}\b", f"“{field.label}”", told)
    return told
