"""The document's JSON Schemas accept what the server accepts, and refuse what it refuses."""

import json
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask

from ticketboss.api import schemas
from ticketboss.formats import rfc3339

BODIES = {
    kind.__name__: kind()
    for kind in (
        *(schemas.ReserveBody, schemas.BulkBody, schemas.ReconcileBody, schemas.ChangeBody),
        *(schemas.EventBody, schemas.EventChangeBody, schemas.KeyBody, schemas.FreezeBody),
    )
}
RESERVE = {"partnerId": "abc-corp", "seats": 2}
EVENT = {"eventId": "e", "name": "E", "totalSeats": 1}
BELIEVED = {"reservationId": "r", "seats": 1, "status": "held"}
BOOKS = [BELIEVED | {"reservationId": f"r{number}"} for number in range(1_001)]
KEY = "tb_live_" + "aB3_-" * 8 + "xyz"
INVALID_ITEMS: list[Any] = [[], [{}], None]
# Each with its schema; whether it is accepted is found out from both sides.
VALUES: list[tuple[str, dict[str, Any]]] = [
    *(("ReserveBody", RESERVE | {"seats": seats}) for seats in (1, 0, -1, True, "3", 3.5, None)),
    *(("ReserveBody", RESERVE | {"seats": seats}) for seats in (100_000_000, 100_000_001, 10**30)),
    *(("ReserveBody", RESERVE | {"partnerId": text}) for text in ("", " ", " a\n", "a b", "ü")),
    *(("ReserveBody", RESERVE | {"partnerId": text}) for text in ("a" * 64, "a" * 65, 1, None)),
    *(("ReserveBody", RESERVE | {"partnerId": f"{s}a{s}"}) for s in "\x1c\x85\xa0\u2003\u3000"),
    *(("ReserveBody", RESERVE | {"partnerId": f"{s}a"}) for s in "\u200b\ufeff\x00"),
    *(("ReserveBody", RESERVE | {"reference": t}) for t in ("x", "", " ", "\u3000", " x ", None)),
    *(("ReserveBody", RESERVE | {"reference": t}) for t in ("a\nb", "a\x85", "x\n", "x" * 101)),
    *(("ReserveBody", RESERVE | {"minSeats": seats}) for seats in (1, 2, 0, None, "1", False)),
    *(("ReserveBody", RESERVE | {"holdSeconds": s}) for s in (1, 3_600, 3_601, 0, None)),
    *(("ReserveBody", RESERVE | {"reference": t}) for t in (KEY, f"a {KEY} b", KEY[:50])),
    *(("ReserveBody", RESERVE | {"partnerId": t}) for t in (KEY, f" {KEY} ", f"a.{KEY}", KEY[:50])),
    *(("EventBody", EVENT | {"eventId": t}) for t in (KEY, f"{KEY}x", KEY[:50])),
    *(("EventBody", EVENT | {"name": t}) for t in (KEY, f"a {KEY} b", KEY[:50])),
    ("KeyBody", {"scope": "partner", "partnerId": "a", "partnerName": KEY}),
    *(
        ("ReconcileBody", {"partnerId": "a", "reservations": [BELIEVED | {"reservationId": t}]})
        for t in (KEY, f"a\n{KEY}", KEY[:50])
    ),
    ("ReserveBody", RESERVE | {"unknown": 1}),
    ("ReserveBody", {}),
    *(("ChangeBody", body) for body in ({}, {"seats": 1}, {"holdSeconds": 5}, {"seats": None})),
    *(("BulkBody", RESERVE | {"items": n}) for n in INVALID_ITEMS),
    *(("BulkBody", {"partnerId": "a", "items": [{"seats": 1}] * n}) for n in (1, 100, 101)),
    *(("BulkBody", {"partnerId": "a", "items": [{"seats": 1}], "atomic": a}) for a in (True, 1)),
    ("BulkBody", {"partnerId": "a", "items": [{"seats": 1, "partnerId": "a"}]}),
    ("ReconcileBody", {"partnerId": "a", "reservations": []}),
    *(
        ("ReconcileBody", {"partnerId": "a", "reservations": BOOKS[:n]})
        for n in (999, 1_000, 1_001)
    ),
    ("ReconcileBody", {"partnerId": "a", "reservations": [BELIEVED] * 2}),
    ("ReconcileBody", {"partnerId": "a", "reservations": [BELIEVED | {"status": "gone"}]}),
    *(("EventBody", EVENT | {"eventId": text}) for text in (" e ", ".", "..", "...a", "a/b", "")),
    *(("EventBody", EVENT | {"name": text}) for text in ("", " ", "\n", "x" * 200, "x" * 201)),
    *(("EventBody", EVENT | {"onSaleFrom": t}) for t in (None, "2026-12-01T12:00:00Z", "soon", 1)),
    *(("EventBody", EVENT | {"onSaleFrom": f"2026-12-01{t}"}) for t in ("", "T12:00:00", "T12Z")),
    *(("EventBody", EVENT | {"seatsPerPartnerMax": n}) for n in (None, 1, 0)),
    *(("EventBody", EVENT | {"seatsPerReservationMax": n}) for n in (None, 1)),
    *(("EventChangeBody", body) for body in ({}, {"name": "E"}, {"eventId": "e"})),
    *(("KeyBody", {"scope": s}) for s in ("operator", "partner", "other", None)),
    *(("KeyBody", {"scope": s, "partnerId": "a"}) for s in ("operator", "partner")),
    *(("KeyBody", {"scope": s, "partnerId": None}) for s in ("operator", "partner")),
    ("KeyBody", {"scope": "operator", "partnerName": "A"}),
    ("KeyBody", {}),
    *(("FreezeBody", {"holds": holds}) for holds in ("keep", "release", "drop", None)),
]


@pytest.mark.parametrize(("schema", "value"), VALUES)
def test_document_and_server_agree(app: Flask, schema: str, value: dict[str, Any]) -> None:
    document = app.test_client().get("/openapi.json").get_json()
    described = {**document["components"]["schemas"][schema], "components": document["components"]}
    valid = jsonschema_rs.Draft202012Validator(described, validate_formats=True).is_valid(value)

    assert (BODIES[schema].validate(json.loads(json.dumps(value))) == {}) == valid


@pytest.mark.parametrize(
    ("year", "milliseconds"), [("0001", -62_135_596_800_000), ("0772", -37_800_000_000_000)]
)
def test_years_have_four_digits(year: str, milliseconds: int) -> None:
    assert rfc3339(milliseconds).startswith(f"{year}-")
