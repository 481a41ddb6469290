"""The export for spreadsheets: all rows, page by page."""

from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.conftest import CLOCK_START, Clock, CreateEventOf
from tests.api.exports import EVENT, EXPORT, HEADINGS, exported, rows_of
from tests.api.keyed import Keyed
from tests.api.pages import listed
from tests.api.partner import PARTNER_ID, PartnerClient, problem
from ticketboss.api.reservation_lists import CSV_PAGE_ROWS
from ticketboss.domain.commands import Reserve, ReserveMany
from ticketboss.engine.ids import new_id
from ticketboss.services import Services


def as_cells(reservation: dict[str, Any]) -> dict[str, str]:
    """A reservation of the list as the export has it."""
    values = {name: reservation.get(name) for name in HEADINGS}
    return {name: "" if value is None else str(value) for name, value in values.items()}


def make_rows(services: Services, count: int, event_id: str) -> None:
    """Reservations of one seat, made at one go."""
    common: dict[str, Any] = {"event_id": event_id, "partner_id": PARTNER_ID}
    items = tuple(Reserve(reservation_id=new_id(), seats=1, **common) for _ in range(count))
    services.committer.submit(ReserveMany(items=items, **common))


def test_export_is_a_download_named_after_the_event(client: PartnerClient) -> None:
    response = client.get(EXPORT)

    assert response.content_type == "text/csv"
    assert response.headers["Content-Disposition"] == 'attachment; filename="node-meetup-2025.csv"'
    assert response.headers["Cache-Control"] == "no-store"
    assert response.text == ",".join(f'"{heading}"' for heading in HEADINGS) + "\r\n"


def test_all_cells_are_quoted(client: PartnerClient, clock: Clock) -> None:
    client.reserve()

    _, row, _ = client.get(EXPORT).text.split("\r\n")
    assert row.endswith('","abc-corp","","1","confirmed","' + CLOCK_START + '","","1","1"')


def test_export_has_what_the_list_has(client: PartnerClient, clock: Clock) -> None:
    client.reserve(2, reference="PO-1")
    client.hold(1, seconds=10)
    client.cancel(client.reserve(3, "rival").get_json()["reservationId"])
    clock.move(10)
    client.hold(1, seconds=60)

    found = exported(client)

    assert found == [as_cells(row) for row in listed(client, f"{EVENT}/reservations")]
    assert [row["status"] for row in found] == ["confirmed", "expired", "cancelled", "held"]
    assert found[3]["expiresAt"] == "2027-01-15T08:01:10.000Z"


@pytest.mark.parametrize(
    "count",
    [CSV_PAGE_ROWS - 1, CSV_PAGE_ROWS, CSV_PAGE_ROWS + 1, 2 * CSV_PAGE_ROWS, 2_345],
)
def test_all_rows_are_exported_over_however_many_pages(
    client: PartnerClient, services: Services, create_event: CreateEventOf, count: int
) -> None:
    at = create_event("big", seats=count)
    make_rows(services, count, "big")

    found = exported(client, f"{at}/reservations.csv")

    assert [row["createdVersion"] for row in found] == [str(n) for n in range(1, count + 1)]
    assert len({row["reservationId"] for row in found}) == count


def test_first_lines_are_out_before_the_last_page_is_read(
    app: Flask, client: PartnerClient, services: Services, create_event: CreateEventOf
) -> None:
    create_event("big", seats=2 * CSV_PAGE_ROWS)
    make_rows(services, CSV_PAGE_ROWS + 1, "big")
    # Not ours, which reads all of an answer to look at it.
    response = FlaskClient(app).get("/events/big/reservations.csv")
    chunks = iter(response.response)

    begun = [cast(bytes, next(chunks)) for _ in range(2)]
    late = client.reserved_id(at="/events/big")
    rest = [cast(bytes, chunk) for chunk in chunks]
    response.close()

    assert late.encode() not in b"".join(begun)
    found = rows_of(b"".join(begun + rest).decode())
    assert [row["reservationId"] for row in found][CSV_PAGE_ROWS + 1 :] == [late]


def test_export_is_for_operators_alone(keyed: Keyed, create_event: CreateEventOf) -> None:
    rehearsal = create_event("rehearsal", seats=5, is_test=True)
    partner = keyed.partner()
    reservation_id = partner.reserved_id()

    problem(partner.get(EXPORT), 403, "wrong_scope")
    problem(keyed.nobody().get(EXPORT), 401, "key_required")
    problem(keyed.operator(is_test=True).get(EXPORT), 403, "test_key")
    problem(keyed.operator().get(f"{rehearsal}/reservations.csv"), 403, "test_key")
    problem(keyed.operator().get("/events/unknown/reservations.csv"), 404, "event_not_found")
    assert [row["reservationId"] for row in exported(keyed.operator())] == [reservation_id]


def test_head_of_an_export_has_no_body(client: PartnerClient) -> None:
    client.reserve()

    head = client.head(EXPORT)

    assert head.data == b""
    assert head.headers["Content-Disposition"].endswith('"node-meetup-2025.csv"')
