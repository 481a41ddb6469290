"""What moving a whole database elsewhere expects of both sides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ticketboss.domain.events import Event
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.domain.reservations import PartnerTotals, Reservation

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; by the columns of its `key` its rows are told apart and put in order."""

    name: str
    key: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, in the order that rows have them in."""
        return self.key + self.others


class History(Protocol):
    """What a replay of the ledger reads."""

    def event(self, event_id: str) -> Event | None:
        """One event, or None."""
        ...

    def events(self, after_event_id: str, limit: int, is_test: bool | None = None) -> list[Event]:
        """Events in the order of their ids, from the first one after `after_event_id`.

        With `is_test` only the test events, or only the others.
        """
        ...

    def reservations(self, event_id: str, reservation_ids: Sequence[str]) -> list[Reservation]:
        """Those of the named reservations that exist, in no particular order."""
        ...

    def reservations_created(self, event_id: str, up_to_version: int) -> int:
        """How many reservations were made by entries up to that version."""
        ...

    def ledger(self, event_id: str, after_version: int, limit: int) -> list[LedgerEntry]:
        """Ledger entries in version order, from the first one after `after_version`."""
        ...

    def totals(self, event_id: str) -> tuple[Event, dict[str, PartnerTotals]] | None:
        """An event and the totals of each of its partners, as of the same moment."""
        ...


class Transfer(Protocol):
    """All of a database within one transaction, which keeps all other writers out."""

    @property
    def tables(self) -> Sequence[Table]:
        """All tables but that of the schema's version, those first that others refer to."""
        ...

    @property
    def history(self) -> History:
        """What the transaction sees, as a replay reads it."""
        ...

    def count(self, table: Table) -> int:
        """How many rows a table has."""
        ...

    def pages(self, table: Table) -> Iterator[list[Row]]:
        """All rows of a table in the order of its key, page by page; no page is empty."""
        ...

    def load(self, table: Table, rows: Sequence[Row]) -> None:
        """Add rows to a table."""
        ...
