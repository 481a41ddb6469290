"""What Prometheus scrapes."""

from flask import Blueprint, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST

from ticketboss.api.context import METRICS, services
from ticketboss.api.operations import PLAIN_TEXT, operation
from ticketboss.api.scopes import needs
from ticketboss.metrics import Metrics, gauge
from ticketboss.repository.interface import Repository

blueprint = Blueprint("metrics", __name__)

# Each event is a time series of its own, so only so many are shown: the first by their ids.
METRICS_EVENTS_MAX = 1_000


@blueprint.get("/metrics")
@needs("live operator key or loopback")
@operation("readMetrics", (200, PLAIN_TEXT))
def show() -> Response:
    """The counts of all workers, and how things stand now."""
    parts = services()
    counts: Metrics = current_app.extensions[METRICS]
    seats = _available_seats(parts.repository)
    facts = [
        gauge("ticketboss_available_seats", "Seats left of each event", seats, "event"),
        gauge(
            "ticketboss_log_bytes",
            "Size of the write-ahead log",
            {"sqlite": parts.repository.log_bytes()},
            "storage",
        ),
    ]
    response = Response(counts.exposition(facts), content_type=CONTENT_TYPE_LATEST)
    response.headers["Cache-Control"] = "no-store"
    return response


def _available_seats(repository: Repository) -> dict[str, float]:
    events = repository.events("", METRICS_EVENTS_MAX)
    return {event.event_id: event.available_seats for event in events}
