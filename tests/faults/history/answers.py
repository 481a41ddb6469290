"""What an answer must say, if it is the answer to a decision."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from tests.faults.history.ledger import claim_document, differences, event_document
from tests.faults.history.moments import Window
from tests.faults.history.record import Document, Operation
from ticketboss.api.problem_types import PROBLEMS
from ticketboss.domain.decisions import Decision
from ticketboss.domain.events import Event
from ticketboss.domain.ledger import EVENT_KINDS, LedgerEntry
from ticketboss.domain.refusals import BulkRefused, Refusal
from ticketboss.domain.reservations import Reservation
from ticketboss.domain.rules.bulk import OUTCOMES
from ticketboss.formats import camel_case, rfc3339

CREATES = frozenset({"reserve", "hold", "fill", "bulk"})
NEXT_EXPIRY = "nextHoldExpiresAt"
ANY_EXPIRY = -1


def wrong_with_success(
    operation: Operation,
    entries: Sequence[LedgerEntry],
    before: Reservation | None,
    event: Event,
) -> str:
    """What is wrong with a success that has made `entries`; empty if nothing is.

    `event` is as they left it, `before` the reservation as they found it.
    """
    status = 201 if operation.kind in CREATES else 204 if operation.kind == "cancel" else 200
    if operation.status != status:
        return f"status {operation.status} not {status}"
    if operation.version != entries[-1].version:
        return f"it says version {operation.version} not {entries[-1].version}"
    if operation.kind == "cancel":
        return "a 204 with a body" if operation.text else ""
    if operation.kind == "bulk":
        return _wrong_with_bulk(operation.document, entries)
    if entries[0].kind in EVENT_KINDS:
        return wrong_with_event(operation.document, event, {event.sale_state(entries[0].at)})
    return differences(claim_document(entries[0], before), operation.document)


def wrong_with_event(document: Document, event: Event, sale_states: set[str]) -> str:
    """What is wrong with an event's document, given the sale states that it may have."""
    rest = {name: value for name, value in document.items() if name != "saleState"}
    wrong = differences(event_document(event), rest)
    if not wrong and document.get("saleState") not in sale_states:
        return f"saleState {document.get('saleState')!r} not one of {sorted(sale_states)}"
    return wrong


def sale_states(event: Event, window: Window) -> set[str]:
    """The sale states that an event may show within a window."""
    turns = (turn for turn in (event.on_sale_from, event.on_sale_until) if turn is not None)
    return {event.sale_state(moment) for moment in window.moments(turns)}


def wrong_with_refusal(operation: Operation, refusal: Refusal, next_expiry: int | None) -> str:
    """What is wrong with a refusal; `next_expiry` is when the next hold ends, if there is one."""
    if operation.code != refusal.code:
        return f"it says {operation.code}, the rules say {refusal.code}"
    status = PROBLEMS[refusal.code].status
    if operation.status != status:
        return f"status {operation.status} not {status}"
    if isinstance(refusal, BulkRefused):
        told = operation.document.get("outcomes", [])
        if len(told) != len(refusal.outcomes):
            return f"{len(told)} outcomes not {len(refusal.outcomes)}"
        pairs = zip(refusal.outcomes, told, strict=True)
        wrongs = [_wrong_with_item(item, document, next_expiry) for item, document in pairs]
        return next(filter(None, wrongs), "")
    return _wrong_with_facts(_members(refusal), operation.document, next_expiry)


def in_words(decision: Decision) -> str:
    """What the rules say, for whoever reads why something else is wrong."""
    if isinstance(decision, tuple):
        return f"it is accepted: {', '.join(entry.kind for entry in decision)}"
    return str(decision)


def _wrong_with_bulk(document: Document, entries: Sequence[LedgerEntry]) -> str:
    expected = entries[0].detail[OUTCOMES]
    told = document.get("outcomes", [])
    if len(told) != len(expected):
        return f"{len(told)} outcomes not {len(expected)}"
    made: Iterator[LedgerEntry] = iter(entries)
    for place, outcome in enumerate(expected):
        if outcome is None:
            wrong = differences(claim_document(next(made), None), told[place])
        else:
            # Its own holds count there, so nothing is known of when the next one ends.
            wrong = _wrong_with_item(outcome, told[place], ANY_EXPIRY)
        if wrong:
            return f"item {place}: {wrong}"
    sums = {
        "accepted": len(entries),
        "refused": len(expected) - len(entries),
        "version": entries[-1].version,
        "availableSeats": entries[-1].available_seats,
    }
    return differences(sums, {name: document.get(name) for name in sums})


def _wrong_with_item(
    expected: Document | None, told: Document | None, next_expiry: int | None
) -> str:
    if expected is None or told is None:
        return "" if expected is told else f"item {told} not {expected}"
    facts = {camel_case(name): _in_json(name, value) for name, value in expected["facts"].items()}
    return _wrong_with_facts({"code": expected["code"]} | facts, told, next_expiry)


def _wrong_with_facts(expected: Document, told: Document, next_expiry: int | None) -> str:
    wrong = differences(
        {name: value for name, value in expected.items() if name != NEXT_EXPIRY},
        {name: told.get(name) for name in expected if name != NEXT_EXPIRY},
    )
    if wrong or NEXT_EXPIRY not in expected or next_expiry == ANY_EXPIRY:
        return wrong
    # Within a batch it may be that of a hold that has ended a moment before: never too late.
    said = told.get(NEXT_EXPIRY)
    latest = None if next_expiry is None else rfc3339(next_expiry)
    if (said is None) != (latest is None) or (said and latest and said > latest):
        return f"{NEXT_EXPIRY} {said} not {latest}"
    return ""


def _members(refusal: Refusal) -> dict[str, Any]:
    return {
        camel_case(fact.name): _in_json(fact.name, getattr(refusal, fact.name))
        for fact in fields(refusal)
    }


def _in_json(name: str, value: Any) -> Any:
    return rfc3339(value) if name.endswith("_at") and value is not None else value
