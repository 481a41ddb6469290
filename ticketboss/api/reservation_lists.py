"""Many reservations at once: lists, the comparison with a partner's own books, CSV."""

import csv
import io
import re
import time
from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, Response

from ticketboss.api.answers import ReconcileAnswer, ReservationPageAnswer
from ticketboss.api.bodies import load, takes_large_body
from ticketboss.api.context import event_or_default, own_partner, readable_event, services
from ticketboss.api.operations import CSV, operation
from ticketboss.api.paging import NO_QUERY, page_of_reservations, query
from ticketboss.api.queries import NoQuery, ReservationsQuery
from ticketboss.api.rendering import answer, reservation_document
from ticketboss.api.schemas import VERSION_MAX, ReconcileBody
from ticketboss.api.scopes import needs
from ticketboss.domain.reservations import Reservation
from ticketboss.repository.interface import Repository, ReservationFilter

blueprint = Blueprint("reservation_lists", __name__)

RESERVATIONS_QUERY = ReservationsQuery()
RECONCILE_BODY = ReconcileBody()
RECONCILED_ROWS_MAX = 1_000
CSV_PAGE_ROWS = 1_000
CSV_COLUMNS = (
    *("reservationId", "partnerId", "reference", "seats", "status", "createdAt"),
    *("expiresAt", "version", "createdVersion"),
)
# White space, and the characters that format others and are not seen themselves.
INVISIBLE = (
    r"\s\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001345f"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
# Where a formula may begin (OWASP, CSV injection): at the beginning of a cell, and wherever a
# spreadsheet that splits at something else than commas would begin one.
FORMULA_BEGINNING = re.compile(rf"""(^|[;,\t"'\u2028\u2029])(?=[{INVISIBLE}]*[=+\-@＝＋－＠])""")


@blueprint.get("/events/<event_id>/reservations")
@needs("any key")
@operation(
    "listReservations",
    (200, ReservationPageAnswer),
    query=ReservationsQuery,
    headers=("Link",),
    refuses=("partner_mismatch",),
)
def list_reservations(event_id: str) -> Response:
    """Reservations in the order in which they were made; a partner's key shows its own alone."""
    asked = query(RESERVATIONS_QUERY)
    event = readable_event(event_id)
    wanted = ReservationFilter(
        own_partner(asked["partner_id"]), asked["reference"], asked["status"]
    )
    page = services().repository.reservations_page(
        event.event_id, wanted, asked["cursor"], asked["limit"]
    )
    return page_of_reservations(event.event_id, page)


@blueprint.post("/reservations/reconcile", defaults={"event_id": None})
@blueprint.post("/events/<event_id>/reservations/reconcile")
@needs("any key")
@operation("reconcile", (200, ReconcileAnswer), takes=ReconcileBody, refuses=("partner_mismatch",))
@takes_large_body
def reconcile(event_id: str | None) -> Response:
    """Where a partner's books and ours differ; changes nothing."""
    event = readable_event(event_or_default(event_id))
    body = load(RECONCILE_BODY)
    partner_id = own_partner(body["partner_id"], is_needed=True)
    believed = {item["reservation_id"]: item for item in body["reservations"]}
    repository = services().repository
    ours = {
        found.reservation_id: found
        for found in repository.reservations(event.event_id, list(believed))
        if found.partner_id == partner_id
    }
    page = repository.reservations_page(
        event.event_id, ReservationFilter(partner_id), body["after"], RECONCILED_ROWS_MAX
    )
    missing = [
        row
        for row in page.reservations
        if row.is_live
        and row.created_version <= body["up_to"]
        and row.reservation_id not in believed
    ]
    # In the order of the books: a database gives what it finds in any order.
    different = [
        ours[id_] for id_, theirs in believed.items() if id_ in ours and _differs(ours[id_], theirs)
    ]
    document = {
        "unknownHere": [id_ for id_ in believed if id_ not in ours],
        "unknownThere": _documents(event.event_id, missing),
        "different": _documents(event.event_id, different),
        "next": _next_after(page.next_after, body["up_to"]),
    }
    return answer(document, 200, Cache_Control="no-store")


@blueprint.get("/events/<event_id>/reservations.csv")
@needs("operator key")
@operation("exportReservations", (200, CSV), query=NoQuery, headers=("Content-Disposition",))
def export(event_id: str) -> Response:
    """All reservations as CSV (RFC 4180), for a spreadsheet."""
    query(NO_QUERY)
    event = readable_event(event_id)
    response = Response(_csv(services().repository, event.event_id), content_type="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{event.event_id}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _next_after(next_after: int | None, up_to: int) -> int | None:
    if next_after is None:
        return None if up_to == VERSION_MAX else up_to
    return min(next_after, up_to)


def _documents(event_id: str, reservations: Sequence[Reservation]) -> list[dict[str, Any]]:
    return [reservation_document(event_id, reservation) for reservation in reservations]


def _differs(ours: Reservation, theirs: dict[str, Any]) -> bool:
    return (theirs["seats"], theirs["status"]) != (ours.seats, ours.status)


def _csv(repository: Repository, event_id: str) -> Iterator[str]:
    yield _lines([CSV_COLUMNS])
    after: int | None = 0
    while after is not None:
        page = repository.reservations_page(event_id, ReservationFilter(), after, CSV_PAGE_ROWS)
        rows = _documents(event_id, page.reservations)
        yield _lines([_harmless(row.get(name)) for name in CSV_COLUMNS] for row in rows)
        after = page.next_after
        # Others have their turn between two pages, whatever the client's speed.
        time.sleep(0)


def _lines(rows: Any) -> str:
    lines = io.StringIO()
    csv.writer(lines, quoting=csv.QUOTE_ALL).writerows(rows)
    return lines.getvalue()


def _harmless(value: Any) -> Any:
    """The value with an apostrophe before whatever a spreadsheet might take for a formula."""
    return FORMULA_BEGINNING.sub(r"\1'", value) if isinstance(value, str) else value
