"""Many new reservations in one request."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response

from ticketboss.api.answers import BulkAnswer
from ticketboss.api.bodies import load, takes_large_body
from ticketboss.api.context import asked, event_or_default, own_partner, services, submit
from ticketboss.api.operations import NOT_ON_SALE, operation
from ticketboss.api.problems import refused_item
from ticketboss.api.rendering import answer, claim_document, written
from ticketboss.api.schemas import BulkBody
from ticketboss.api.scopes import needs
from ticketboss.domain.commands import Reserve, ReserveMany
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.domain.rules.bulk import OUTCOMES
from ticketboss.engine.answers import Accepted
from ticketboss.engine.ids import new_id
from ticketboss.repository.interface import OutcomeUnknown, StorageUnavailable

blueprint = Blueprint("bulk", __name__)

BULK_BODY = BulkBody()


@blueprint.post("/reservations/bulk", defaults={"event_id": None})
@blueprint.post("/events/<event_id>/reservations/bulk")
@needs("any key")
@operation(
    "reserveMany",
    (201, BulkAnswer),
    takes=BulkBody,
    decided=True,
    headers=("Location",),
    refuses=("bulk_refused", "partner_mismatch", *NOT_ON_SALE),
)
@takes_large_body
def reserve_many(event_id: str | None) -> Response:
    """Reserve or hold many times at once: all or nothing, or each item by itself."""
    body = load(BULK_BODY)
    common: dict[str, Any] = {
        "event_id": event_or_default(event_id),
        "partner_id": own_partner(body["partner_id"], is_needed=True),
    }
    by = asked()
    items = tuple(
        Reserve(reservation_id=new_id(), actor=by["actor"], **common, **item)
        for item in body["items"]
    )
    return _answer(submit(ReserveMany(items=items, atomic=body["atomic"], **common, **by)))


def _answer(accepted: Accepted) -> Response:
    """All outcomes in order, from the ledger alone: a replay gives the same bytes."""
    first = accepted.entry
    outcomes = first.detail[OUTCOMES]
    count = outcomes.count(None)
    entries = _entries(accepted, count)
    made = iter(entries)
    document = {
        "outcomes": [
            refused_item(outcome) if outcome else claim_document(next(made)) for outcome in outcomes
        ],
        "accepted": count,
        "refused": len(outcomes) - count,
        "version": entries[-1].version,
        "availableSeats": entries[-1].available_seats,
    }
    # The page of the list that has these reservations and no others.
    page = urlencode({"cursor": first.version - 1, "limit": count})
    location = f"/events/{first.event_id}/reservations?{page}"
    response = answer(document, 201, Location=location)
    return written(response, replace(accepted, version=entries[-1].version))


def _entries(accepted: Accepted, count: int) -> Sequence[LedgerEntry]:
    """The entries of a bulk, of which only a repeated one must be read."""
    if accepted.entries:
        return accepted.entries
    first = accepted.entry
    try:
        return services().repository.ledger(first.event_id, first.version - 1, count)
    except StorageUnavailable as error:
        # The bulk had its effect: nobody may be told that it had none.
        raise OutcomeUnknown(*error.args) from error
