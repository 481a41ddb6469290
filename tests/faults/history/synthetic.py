"""Histories made without a server: the rules decide, the server's own rendering tells.

Each decision has its moment; its call and its answer lie before and behind that, so that requests
overlap. Answers may be lost, and requests may be lost before they were decided.
"""

from dataclasses import fields, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.faults.history.record import Document, Ending, History, Operation
from tests.faults.history.requests import SETTINGS, command_of
from ticketboss.api.json import encode
from ticketboss.api.problem_types import PROBLEMS
from ticketboss.api.problems import refused_item
from ticketboss.api.rendering import (
    claim_document,
    entry_document,
    event_document,
    reservation_document,
)
from ticketboss.domain.commands import Command, CreateEvent, Reserve, ReserveMany
from ticketboss.domain.decide import decide, decide_due
from ticketboss.domain.decisions import Decision, Replay, Unchanged
from ticketboss.domain.events import Event
from ticketboss.domain.ledger import EVENT_KINDS, EventState, LedgerEntry, event_after
from ticketboss.domain.refusals import Refusal
from ticketboss.domain.rules.bulk import OUTCOMES

EVENT = "e"
PATH = f"/events/{EVENT}"
START_AT = 1_790_000_000_000
STEP_MS = 100
SEATS = 12
CREATES = ("reserve", "hold", "fill", "bulk")


class Author:
    """Writes a history, one request after the other."""

    def __init__(self) -> None:
        self.state = EventState()
        self.operations: list[Operation] = []
        self.ids: list[str] = []
        self._entries: list[LedgerEntry] = []
        self._at = START_AT
        create = CreateEvent(event_id=EVENT, name="E", total_seats=SEATS)
        self._apply(decide(self.state, create, self._at))

    @property
    def event(self) -> Event:
        """The event as it stands."""
        assert self.state.event is not None
        return self.state.event

    def ask(
        self,
        kind: str,
        method: str,
        path: str,
        body: Document | None = None,
        by: str | None = "ada",
        overlap: tuple[int, int] = (0, 0),
        fate: str = "answered",
        key: str | None = None,
        if_match: str | None = None,
    ) -> Operation:
        """A request, called and answered so many steps around its moment, if that is its fate."""
        before, behind = (steps * STEP_MS + 1 for steps in overlap)
        self._at += STEP_MS
        operation = Operation(
            number=len(self.operations),
            client="c",
            kind=kind,
            actor=f"partner:{by}" if by else "operator:1",
            partner_id=by,
            method=method,
            path=path,
            called_ns=(self._at - before) * 1_000_000,
            called_at=self._at - before,
            body=body,
            key=key,
            if_match=if_match,
        )
        self.operations.append(operation)
        document: Document = {}
        if fate != "lost":
            document = self._decided(operation) if method != "GET" else self._read(operation)
        if fate != "answered":
            operation.status, operation.version, operation.replayed = None, None, False
            return operation
        operation.answered_at = self._at + behind
        operation.answered_ns = operation.answered_at * 1_000_000
        operation.text = encode(document).decode() if document else ""
        return operation

    def carry_out_again(self, operation: Operation) -> None:
        """What no server may do: have the effect of a request once more."""
        self._at += STEP_MS
        made_id = f"r{len(self._entries)}"
        command = command_of(operation, EVENT, [made_id])
        assert command is not None
        again = replace(_with_ids(command, made_id), idempotency_key=None)
        self._apply(decide(self.state, again, self._at))

    def history(self) -> History:
        """All of it, in the order of the calls."""
        self.operations.sort(key=lambda operation: operation.called_ns)
        rows = [reservation_document(EVENT, each) for each in self.state.reservations.values()]
        ending = Ending(event_document(self.event, self._at), self.ledger(), rows)
        return History(EVENT, "synthetic", self.operations, ending)

    def ledger(self, partner_id: str | None = None) -> list[Document]:
        """The entries as somebody sees them."""
        return [entry_document(entry, partner_id) for entry in self._entries]

    def _apply(self, decision: Decision) -> None:
        assert isinstance(decision, tuple)
        for entry in decision:
            self.state.apply(entry)
            self._entries.append(entry)

    def _decided(self, operation: Operation) -> Document:
        self._end_due()
        made_id = f"r{len(self._entries)}"
        command = command_of(operation, EVENT, [made_id])
        assert command is not None
        decision = decide(self.state, _with_ids(command, made_id), self._at)
        if isinstance(decision, tuple):
            self._apply(decision)
            self.ids += [
                entry.reservation_id or "" for entry in decision if entry.makes_reservation
            ]
        operation.version = self.event.version
        if isinstance(decision, Refusal):
            operation.status = PROBLEMS[decision.code].status
            return _refusal(decision)
        operation.status = 201 if operation.kind in CREATES else 200
        if operation.kind == "cancel":
            operation.status = 204
        return self._told(operation, decision)

    def _told(self, operation: Operation, decision: Decision) -> Document:
        """The body of a success."""
        if isinstance(decision, Unchanged):
            if operation.kind in ("change_event", *SETTINGS):
                return event_document(self.event, self._at)
            return claim_document(self._entries[decision.version])
        operation.replayed = isinstance(decision, Replay)
        first = decision.entry if isinstance(decision, Replay) else decision[0]  # type: ignore[index]
        entries = [first]
        if operation.kind == "bulk":
            count = first.detail[OUTCOMES].count(None)
            entries = self._entries[first.version : first.version + count]
        operation.version = entries[-1].version
        if operation.kind == "bulk":
            return _bulk(entries)
        if operation.kind == "cancel":
            return {}
        if first.kind in EVENT_KINDS:
            return event_document(event_after(first), first.at)
        return claim_document(first)

    def _end_due(self) -> None:
        for reservation in list(self.state.reservations.values()):
            if reservation.is_due(self._at):
                entry = decide_due(self.state, reservation.reservation_id, self._at)
                assert entry is not None
                self._apply((entry,))
        live = [each.expires_at for each in self.state.reservations.values() if each.expires_at]
        self.state.next_hold_expires_at = min(live, default=None)

    def _read(self, operation: Operation) -> Document:
        operation.status = 200
        if operation.kind == "read_event":
            return event_document(self.event, self._at)
        if operation.kind == "read_ledger":
            query = dict(parse_qsl(urlsplit(operation.path).query))
            begin, limit = int(query["after"]) + 1, int(query["limit"])
            entries = self.ledger(operation.partner_id)[begin : begin + limit]
            return {"entries": entries, "next": entries[-1]["version"] if entries else begin - 1}
        if operation.kind == "list":
            own = [
                reservation_document(EVENT, each)
                for each in self.state.reservations.values()
                if operation.partner_id in (None, each.partner_id)
            ]
            return {"reservations": own, "next": None}
        reservation = self.state.reservations.get(operation.reservation_id)
        if reservation is None or operation.partner_id not in (None, reservation.partner_id):
            operation.status = 404
            return {"code": "reservation_not_found"}
        return reservation_document(EVENT, reservation)


def _with_ids(command: Command, made_id: str) -> Command:
    if not isinstance(command, ReserveMany):
        return command
    items: tuple[Reserve, ...] = tuple(
        replace(item, reservation_id=f"{made_id}-{place}")
        for place, item in enumerate(command.items)
    )
    return replace(command, items=items)


def _refusal(refusal: Refusal) -> Document:
    facts: dict[str, Any] = {fact.name: getattr(refusal, fact.name) for fact in fields(refusal)}
    if "outcomes" in facts:
        told = [outcome and refused_item(outcome) for outcome in facts["outcomes"]]
        return {"code": refusal.code, "outcomes": told}
    # The same words that an item of a bulk is refused with.
    item = refused_item({"code": refusal.code, "facts": facts})
    return {name: value for name, value in item.items() if name not in ("error", "detail")}


def _bulk(entries: list[LedgerEntry]) -> Document:
    made = iter(entries)
    outcomes = [
        refused_item(outcome) if outcome else claim_document(next(made))
        for outcome in entries[0].detail[OUTCOMES]
    ]
    return {
        "outcomes": outcomes,
        "accepted": len(entries),
        "refused": len(outcomes) - len(entries),
        "version": entries[-1].version,
        "availableSeats": entries[-1].available_seats,
    }
