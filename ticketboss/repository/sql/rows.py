"""Rows to domain objects, and back."""

import json
from collections.abc import Sequence
from typing import Any

from ticketboss.domain.events import Event
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.repository.interface import StorageUnavailable


def event(row: Sequence[Any]) -> Event:
    """The event of a row of EVENT_COLUMNS."""
    return Event(*row[:-3], *map(bool, row[-3:]))


def entry(row: Sequence[Any]) -> LedgerEntry:
    """The ledger entry of a row of ENTRY_COLUMNS. Raises StorageUnavailable for a damaged one."""
    try:
        detail = json.loads(row[-1]) if row[-1] else {}
    except (TypeError, ValueError) as error:
        raise StorageUnavailable(f"An entry of the ledger is damaged: {error}") from error
    return LedgerEntry(*row[:-1], detail)  # type: ignore[call-arg] # its length is the columns'


def entry_row(entry: LedgerEntry, commit_id: int) -> tuple[Any, ...]:
    """What INSERT_ENTRY wants to know."""
    detail = json.dumps(entry.detail, ensure_ascii=False) if entry.detail else None
    return (*entry[:-1], detail, commit_id)
