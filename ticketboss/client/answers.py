"""Successful answers, and what they mean.

Each `as_...` raises LookupError, TypeError or ValueError if the answer is not of its kind.
"""

from dataclasses import dataclass
from typing import Any

from ticketboss.client.bulk import BulkResult, bulk_result
from ticketboss.client.documents import EventSummary, Reservation, read_as


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx: its JSON object, empty where there is no body, and whether it is a replay."""

    document: dict[str, Any]
    replayed: bool


def as_event(answer: Answer) -> EventSummary:
    """An event."""
    return read_as(EventSummary, answer.document)


def as_reservation(answer: Answer) -> Reservation:
    """One reservation."""
    return read_as(Reservation, answer.document, replayed=answer.replayed)


def as_page(answer: Answer) -> tuple[list[Reservation], str | None]:
    """A page of reservations, and the cursor of the next one."""
    rows = [read_as(Reservation, row) for row in answer.document["reservations"]]
    return rows, answer.document["next"]


def as_bulk(answer: Answer) -> BulkResult:
    """The outcomes of a bulk."""
    return bulk_result(answer.document, answer.replayed)


def as_nothing(_: Answer) -> None:
    """An answer that tells no more than that it is done."""
