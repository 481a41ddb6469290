"""The export of reservations, taken and taken apart."""

import csv
import io

from tests.api.partner import PartnerClient

EVENT = "/events/node-meetup-2025"
EXPORT = f"{EVENT}/reservations.csv"
HEADINGS = [
    "reservationId",
    "partnerId",
    "reference",
    "seats",
    "status",
    "createdAt",
    "expiresAt",
    "version",
    "createdVersion",
]


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of an export by their headings, after a look at its form (RFC 4180)."""
    assert text.endswith("\r\n")
    assert text.count("\n") == text.count("\r") == text.count("\r\n")
    lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert lines[0] == HEADINGS
    assert {len(line) for line in lines} == {len(HEADINGS)}
    return [dict(zip(HEADINGS, line, strict=True)) for line in lines[1:]]


def exported(client: PartnerClient, url: str = EXPORT) -> list[dict[str, str]]:
    """All rows of an event's export."""
    response = client.get(url)
    assert response.status_code == 200, response.text
    return rows_of(response.get_data(as_text=True))
