"""What the server tells, as frozen dataclasses; members that are not known here are left out."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

from ticketboss.client.names import camel_case, in_python

Document = Mapping[str, Any]
Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """One reservation: as a write left it, or as it stands.

    `status` is held, confirmed, cancelled or expired; `expires_at` is None unless it is held.
    `available_seats` is what the event had left after a write, and None after a read;
    `created_version` (the place in lists) is the other way round. `replayed`: an earlier try, or
    an earlier call with the same idempotency key, had made it.
    """

    reservation_id: str
    event_id: str
    partner_id: str
    reference: str | None
    seats: int
    status: str
    created_at: datetime
    version: int
    expires_at: datetime | None = None
    created_version: int | None = None
    available_seats: int | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSummary:
    """An event's counters, its sale state and its settings; a limit of None is no limit.

    `sale_state` is scheduled, on_sale, paused, ended, sold_out or cancelled. `paused` is the
    operator's switch, which may be on in an event that has ended or was cancelled, too.
    """

    event_id: str
    name: str
    total_seats: int
    available_seats: int
    held_seats: int
    reserved_seats: int
    reservation_count: int
    sale_state: str
    version: int
    seats_per_reservation_max: int
    seats_per_partner_max: int | None
    open_holds_per_partner_max: int
    hold_seconds_total_max: int
    on_sale_from: datetime | None
    on_sale_until: datetime | None
    paused: bool
    is_test: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One change of the event. The four counters are those after it.

    `seats` are those of the reservation after the change, or before its end. Of another partner's
    entry `reservation_id`, `partner_id`, `reference` and `expires_at` are None. `event` is given
    by the kinds event_created and event_changed.
    """

    version: int
    kind: str
    at: datetime
    seats: int
    total_seats: int
    available_seats: int
    held_seats: int
    reservation_count: int
    seats_before: int | None = None
    reservation_id: str | None = None
    partner_id: str | None = None
    reference: str | None = None
    expires_at: datetime | None = None
    actor: str | None = None
    event: EventSummary | None = None


def read_as(kind: type[Kind], document: Document, **more: Any) -> Kind:
    """One of the dataclasses from its JSON; `more` are fields that are not in it.

    Raises TypeError or ValueError if the document is not one of that kind.
    """
    given = {
        field.name: in_python(field.name, document[camel_case(field.name)])
        for field in fields(kind)  # type: ignore[arg-type]
        if camel_case(field.name) in document
    }
    return kind(**given | more)


def ledger_entry(document: Document) -> LedgerEntry:
    """One entry of the feed. Raises TypeError or ValueError if the document is none."""
    event = document.get("event")
    return read_as(LedgerEntry, document, event=event and read_as(EventSummary, event))


def entries_after(version: int, document: Document) -> list[LedgerEntry]:
    """A page of the feed. Raises ValueError if a version is missing or there twice."""
    entries = [ledger_entry(each) for each in document["entries"]]
    for expected, entry in enumerate(entries, version + 1):
        if entry.version != expected:
            raise ValueError(f"the feed has version {entry.version} in the place of {expected}")
    return entries
