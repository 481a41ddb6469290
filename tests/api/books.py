"""A partner's own books: what it believes of its reservations, and what it is told of them."""

from collections.abc import Sequence
from typing import Any

from werkzeug.test import TestResponse

from tests.api.partner import PartnerClient

UNKNOWN_ID = "01980000-0000-7000-8000-000000000000"
Belief = dict[str, Any]


def belief(reservation: dict[str, Any], **changes: Any) -> Belief:
    """What a partner notes of a reservation, with what it has got wrong."""
    return {name: reservation[name] for name in ("reservationId", "seats", "status")} | changes


def unknown(number: int = 0) -> Belief:
    """A belief in a reservation that does not exist."""
    return {"reservationId": f"{UNKNOWN_ID[:-6]}{number:06}", "seats": 1, "status": "confirmed"}


def post_books(
    client: PartnerClient, believed: Sequence[Belief], at: str = "", **members: Any
) -> TestResponse:
    """POST what a partner believes; `members` are further members of the body."""
    body = {"partnerId": client.partner_id, "reservations": believed, **members}
    return client.post(f"{at}/reservations/reconcile", json=body)


def reconciled(
    client: PartnerClient, believed: Sequence[Belief], at: str = "", **members: Any
) -> dict[str, Any]:
    """Where the books differ from the server's."""
    response = post_books(client, believed, at, **members)
    assert response.status_code == 200, response.text
    assert response.headers["Cache-Control"] == "no-store"
    document: dict[str, Any] = response.get_json()
    assert list(document) == ["unknownHere", "unknownThere", "different", "next"]
    return document
