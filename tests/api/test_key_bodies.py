"""What POST /keys takes, and what it refuses field by field."""

from typing import Any

import pytest

from tests.api.keyed import Keyed
from tests.api.partner import PartnerClient, invalid_fields, problem

OF_PARTNER = {"scope": "partner", "partnerId": "abc-corp"}
OF_OPERATOR = {"scope": "operator"}

INVALID: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["scope"]),
    ({"partnerId": "abc-corp"}, ["scope"]),
    *[
        ({**OF_PARTNER, "scope": scope}, ["scope"])
        for scope in (None, "", "admin", "Partner", " partner", 1, True, ["partner"])
    ],
    ({"scope": "partner"}, ["partnerId"]),
    *[
        ({"scope": "partner", "partnerId": partner_id}, ["partnerId"])
        for partner_id in (None, "", " ", "a b", "a/b", "ä", "a" * 65, "a\n b", 7, True, ["a"])
    ],
    *[
        ({**OF_PARTNER, "partnerName": name}, ["partnerName"])
        for name in ("", " ", "a" * 201, "a\nb", "a\x00b", 7, True, ["a"])
    ],
    *[
        ({**OF_OPERATOR, "isTest": is_test}, ["isTest"])
        for is_test in (None, 0, 1, "true", "", [True])
    ],
    ({**OF_OPERATOR, "partnerId": "abc-corp"}, ["partnerId"]),
    ({**OF_OPERATOR, "partnerName": "Abc"}, ["partnerName"]),
    ({**OF_PARTNER, "key": "tb_live_mine"}, ["key"]),
    ({**OF_PARTNER, "partner_id": "abc-corp"}, ["partner_id"]),
    ({"scope": "other", "partnerId": "", "isTest": 1}, ["isTest", "partnerId", "scope"]),
]
VALID: list[tuple[dict[str, Any], str | None]] = [
    (OF_OPERATOR, None),
    ({**OF_OPERATOR, "partnerId": None, "partnerName": None}, None),
    (OF_PARTNER, "abc-corp"),
    ({**OF_PARTNER, "partnerName": None, "isTest": False}, "abc-corp"),
    ({"scope": "partner", "partnerId": "  abc-corp\t"}, "abc-corp"),
    ({"scope": "partner", "partnerId": "a" * 64}, "a" * 64),
    ({"scope": "partner", "partnerId": "."}, "."),
    ({**OF_PARTNER, "partnerName": "ü" * 200}, "abc-corp"),
]


@pytest.fixture
def operator(keyed: Keyed) -> PartnerClient:
    return keyed.operator()


@pytest.mark.parametrize(("body", "fields"), INVALID)
def test_invalid_body_makes_no_key(
    operator: PartnerClient, body: dict[str, Any], fields: list[str]
) -> None:
    before = operator.get("/keys").data, operator.get("/admin-log").data

    response = operator.post("/keys", json=body)

    assert invalid_fields(response) == fields
    assert (operator.get("/keys").data, operator.get("/admin-log").data) == before


@pytest.mark.parametrize(("body", "partner_id"), VALID)
def test_valid_body_makes_a_key(
    operator: PartnerClient, body: dict[str, Any], partner_id: str | None
) -> None:
    response = operator.post("/keys", json=body)

    assert response.status_code == 201
    document = response.get_json()
    assert (document["scope"], document["partnerId"]) == (body["scope"], partner_id)
    assert document["isTest"] is False


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"operator"', b'{"scope":"operator","scope":"operator"}', b"\xff"],
)
def test_body_that_is_no_json_object_makes_no_key(operator: PartnerClient, body: bytes) -> None:
    response = operator.post("/keys", data=body, content_type="application/json")

    problem(response, 400, "invalid_json")
    assert len(operator.get("/keys").get_json()["keys"]) == 1


def test_body_of_another_type_makes_no_key(operator: PartnerClient) -> None:
    response = operator.post("/keys", data={"scope": "operator"})

    problem(response, 415, "unsupported_media_type")
