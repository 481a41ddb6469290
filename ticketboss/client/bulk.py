"""Many reservations in one call."""

from dataclasses import dataclass, fields
from typing import Any

from ticketboss.client.documents import Document, Reservation, read_as
from ticketboss.client.errors import problem
from ticketboss.client.names import camel_case
from ticketboss.client.problems import TicketBossError


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkItem:
    """One wish of a bulk; with `hold_seconds` it is a hold."""

    seats: int
    min_seats: int | None = None
    hold_seconds: int | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkResult:
    """What became of each item, in order: a Reservation, or the exception that says why not.

    `version` and `available_seats` are the event's after the last accepted item.
    """

    outcomes: tuple[Reservation | TicketBossError, ...]
    version: int
    available_seats: int
    replayed: bool = False

    @property
    def accepted(self) -> list[Reservation]:
        """The reservations that were made."""
        return [each for each in self.outcomes if isinstance(each, Reservation)]

    @property
    def refused(self) -> list[TicketBossError]:
        """Why the others were not."""
        return [each for each in self.outcomes if isinstance(each, TicketBossError)]


def item_document(item: BulkItem) -> dict[str, Any]:
    """An item as the request has it, without what was not given."""
    given = {camel_case(field.name): getattr(item, field.name) for field in fields(item)}
    return {name: value for name, value in given.items() if value is not None}


def bulk_result(document: Document, replayed: bool) -> BulkResult:
    """The answer to a bulk. Raises KeyError, TypeError or ValueError if the document is none."""
    outcomes = tuple(
        problem(outcome) if "code" in outcome else read_as(Reservation, outcome)
        for outcome in document["outcomes"]
    )
    return read_as(BulkResult, {**document, "outcomes": outcomes}, replayed=replayed)
