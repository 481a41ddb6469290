"""The ledger of an event: a feed of all changes, and its proof."""

import time
from typing import Any

from flask import Blueprint, Response

from ticketboss.api.answers import AuditAnswer, LedgerAnswer
from ticketboss.api.context import (
    admitted_again,
    caller,
    draining_check,
    readable_event,
    services,
    waiting_places,
)
from ticketboss.api.operations import operation
from ticketboss.api.paging import NO_QUERY, query
from ticketboss.api.problems import Problem
from ticketboss.api.queries import LedgerQuery, NoQuery
from ticketboss.api.rendering import answer, entry_document
from ticketboss.api.scopes import needs
from ticketboss.domain.events import Event
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.engine.feed import Waiter
from ticketboss.engine.verifier import Verification, Verifier

blueprint = Blueprint("ledger", __name__)

LEDGER_QUERY = LedgerQuery()
AUDIT_ENTRIES_MAX = 200_000


@blueprint.get("/events/<event_id>/ledger")
@needs("any key")
@operation("followLedger", (200, LedgerAnswer), query=LedgerQuery)
def feed(event_id: str) -> Response:
    """Entries after a version, without a gap; waits for the next one if asked to."""
    asked = query(LEDGER_QUERY)
    event = readable_event(event_id)
    after = asked["after"]
    entries = _entries(event_id, after, asked["limit"])
    partner_id = caller().partner_id
    if not entries and after >= event.version and asked["wait"]:
        waiter = Waiter(event_id, after, partner_id)
        if services().feed.wait(waiter, asked["wait"], waiting_places(), draining_check()):
            # The key may have been revoked meanwhile.
            admitted_again()
            entries = _entries(event_id, after, asked["limit"])
    document = {
        "entries": [entry_document(entry, partner_id) for entry in entries],
        "next": entries[-1].version if entries else after,
    }
    return answer(document, 200, Cache_Control="no-store")


@blueprint.get("/events/<event_id>/audit")
@needs("operator key")
@operation("auditEvent", (200, AuditAnswer), query=NoQuery, refuses=("audit_too_large",))
def audit(event_id: str) -> Response:
    """The replay of the ledger, compared with the counters and reservations."""
    query(NO_QUERY)
    found = audited(readable_event(event_id))
    document: dict[str, Any] = {
        "eventId": event_id,
        "version": found.version,
        "entries": found.entries,
        "differences": found.differences,
    }
    return answer(document, 200, Cache_Control="no-store")


def audited(event: Event) -> Verification:
    """The replay of an event's ledger. Raises Problem if that is too long to be waited for."""
    # The first entry is that of version 0.
    entries = event.version + 1
    if entries > AUDIT_ENTRIES_MAX:
        raise Problem("audit_too_large", entries=entries, entries_max=AUDIT_ENTRIES_MAX)
    repository = services().repository
    found = Verifier(repository, event.event_id, pause=lambda: time.sleep(0)).verify()
    if found is None:
        raise Problem("event_not_found")
    return found


def _entries(event_id: str, after: int, limit: int) -> list[LedgerEntry]:
    return services().repository.ledger(event_id, after, limit)
