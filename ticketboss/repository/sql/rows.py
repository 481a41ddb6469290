"""Rows to domain objects, and back."""

import json
from collections.abc import Sequence
from typing import Any

from ticketboss.domain.events import Event
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.domain.reservations import PartnerTotals, Reservation


def event(row: Sequence[Any]) -> Event:
    """The event of a row of EVENT_COLUMNS."""
    return Event(*row[:-3], *map(bool, row[-3:]))


def entry(row: Sequence[Any]) -> LedgerEntry:
    """The ledger entry of a row of ENTRY_COLUMNS."""
    detail = json.loads(row[-1]) if row[-1] else {}
    return LedgerEntry(*row[:-1], detail)  # type: ignore[call-arg] # its length is the columns'


def entry_row(entry: LedgerEntry, commit_id: int) -> dict[str, Any]:
    """What INSERT_ENTRY wants to know."""
    detail = json.dumps(entry.detail, ensure_ascii=False) if entry.detail else None
    return columns(entry) | {"detail": detail, "commit_id": commit_id}


def columns(row: Event | Reservation | LedgerEntry | PartnerTotals) -> dict[str, Any]:
    """The fields by name; dataclasses.asdict() copies deeply, which costs more than the INSERT."""
    return {name: getattr(row, name) for name in row.__slots__}
