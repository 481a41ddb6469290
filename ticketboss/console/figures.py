"""What the workers have counted, and how an event's partners stand."""

from dataclasses import dataclass
from typing import Any

from flask import current_app

from ticketboss.api.context import METRICS, services
from ticketboss.domain.events import Event
from ticketboss.metric_totals import Totals
from ticketboss.metrics import Metrics
from ticketboss.refusal_counts import OTHERS

PARTNERS_SHOWN_MAX = 50


@dataclass(frozen=True, slots=True)
class PartnerRow:
    """One partner of an event; refusals since the server was started."""

    partner_id: str
    seats: int
    open_holds: int
    refusals: int


def server_totals() -> Totals:
    """The sums of all workers."""
    return _counts().totals()


def partner_rows(event: Event) -> dict[str, Any]:
    """Partners with the most seats first, those with the most refusals among equals."""
    refusals = _counts().refusals()
    totals = services().repository.totals(event.event_id)
    standing = totals[1] if totals else {}
    refused = {
        partner_id: count
        for (event_id, partner_id), count in refusals.items()
        if event_id == event.event_id
    }
    rows = [
        PartnerRow(
            partner_id,
            standing[partner_id].seats_taken if partner_id in standing else 0,
            standing[partner_id].open_holds if partner_id in standing else 0,
            refused.get(partner_id, 0),
        )
        for partner_id in standing.keys() | refused.keys()
    ]
    rows.sort(key=lambda row: (-row.seats, -row.refusals, row.partner_id))
    shown = rows[:PARTNERS_SHOWN_MAX]
    return {
        "partners": shown,
        "frozen": services().repository.access.frozen([row.partner_id for row in shown]),
        "partners_left_out": max(0, len(rows) - PARTNERS_SHOWN_MAX),
        "seats_taken": event.total_seats - event.available_seats,
        # Of partners that were too many to be counted one by one.
        "refusals_of_others": refusals.get(OTHERS, 0),
    }


def _counts() -> Metrics:
    counts: Metrics = current_app.extensions[METRICS]
    return counts
