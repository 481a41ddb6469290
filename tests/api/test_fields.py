"""The members of a reservation's body: which values are taken, which are refused and how."""

import json
from typing import Any

import pytest

from tests.api.partner import PartnerClient, invalid_fields, problem

SMALLEST = {"partnerId": "abc-corp", "seats": 1}


@pytest.mark.parametrize(
    "partner_id",
    ["a", "Z", "0", "a" * 64, "abc-corp", "acme.co_uk:shop-1", "...", "007"],
)
def test_partner_ids_of_letters_digits_and_signs_are_taken(
    client: PartnerClient, partner_id: str
) -> None:
    assert client.reserve(partner_id=partner_id).get_json()["partnerId"] == partner_id


@pytest.mark.parametrize("partner_id", [" abc", "abc ", "\tabc\r\n", f"  {'a' * 64}  "])
def test_white_space_around_a_partner_id_is_trimmed(client: PartnerClient, partner_id: str) -> None:
    assert client.reserve(partner_id=partner_id).get_json()["partnerId"] == partner_id.strip()


@pytest.mark.parametrize(
    "partner_id",
    ["", "   ", "a" * 65, "a b", "a\nb", "a/b", "a@b", "é", "\u0663", "\uff21", "a\u200b", "\x00",
     "😀", None, 5, True, ["abc"], {"id": "abc"}],
)  # fmt: skip
def test_other_partner_ids_are_refused(client: PartnerClient, partner_id: Any) -> None:
    assert invalid_fields(client.reserve(partner_id=partner_id)) == ["partnerId"]
    assert client.event()["version"] == 0


@pytest.mark.parametrize("seats", [1, 2, 9, 10])
def test_one_to_ten_seats_are_taken(client: PartnerClient, seats: int) -> None:
    assert client.reserve(seats=seats).get_json()["seats"] == seats


@pytest.mark.parametrize(
    "literal",
    ["0", "-1", "-0", "true", "false", '"3"', '""', "3.0", "3.5", "1e0", "0.1", "null", "[3]", "{}",
     "100000001", str(2**31), str(2**63), str(2**64), "-9223372036854775809", "1" + 299 * "0"],
)  # fmt: skip
def test_other_seats_are_refused(client: PartnerClient, literal: str) -> None:
    response = client.post_body(b'{"partnerId":"abc-corp","seats":%s}' % literal.encode())

    assert invalid_fields(response) == ["seats"]
    assert client.event()["version"] == 0


@pytest.mark.parametrize("seats", [11, 12, 500, 501, 100_000_000])
def test_more_seats_than_a_reservation_may_have_are_refused(
    client: PartnerClient, seats: int
) -> None:
    refused = problem(client.reserve(seats=seats), 400, "too_many_seats")

    assert [error["field"] for error in refused["errors"]] == ["seats"]
    assert client.event()["version"] == 0


@pytest.mark.parametrize("name", ["partnerId", "seats"])
def test_missing_members_are_named(client: PartnerClient, name: str) -> None:
    body = {key: value for key, value in SMALLEST.items() if key != name}

    assert invalid_fields(client.post("/reservations", json=body)) == [name]


def test_all_wrong_members_are_named_together(client: PartnerClient) -> None:
    body = {"partnerId": "a b", "seats": "3", "reference": "", "colour": "blue"}

    response = client.post("/reservations", json=body)

    assert invalid_fields(response) == ["colour", "partnerId", "reference", "seats"]


def test_empty_object_misses_both_members(client: PartnerClient) -> None:
    assert invalid_fields(client.post("/reservations", json={})) == ["partnerId", "seats"]


@pytest.mark.parametrize(
    "name",
    ["seat", "Seats", "partner_id", "partnerID", "", "status", "reservationId", "\u0000", "😀"],
)
def test_unknown_members_are_refused_by_name(client: PartnerClient, name: str) -> None:
    response = client.post("/reservations", json={**SMALLEST, name: 1})

    assert invalid_fields(response) == [name]
    assert client.event()["version"] == 0


@pytest.mark.parametrize(
    "reference",
    [
        "PO-1",
        "x" * 100,
        "😀" * 100,
        "  spaces stay  ",
        'quotes " and \\ backslashes',
        "Ünïcödé 漢字 עברית",
        "e\u0301 is not \u00e9",
        "👩\u200d👩\u200d👧",
        "a\u2028b",
        "<script>alert(1)</script>",
        "'; DROP TABLE events; --",
        "0",
    ],
)
def test_reference_is_given_back_exactly(client: PartnerClient, reference: str) -> None:
    made = client.reserve(reference=reference, key="order-1")
    read = client.get(made.headers["Location"])
    replayed = client.reserve(reference=reference, key="order-1")

    assert made.get_json()["reference"] == reference
    assert read.get_json()["reference"] == reference
    assert replayed.data == made.data


def test_escaped_surrogate_pair_is_one_character(client: PartnerClient) -> None:
    body = json.dumps({**SMALLEST, "reference": "😀" * 100}, ensure_ascii=True)

    assert client.post_body(body.encode()).get_json()["reference"] == "😀" * 100


@pytest.mark.parametrize("body", [SMALLEST, {**SMALLEST, "reference": None}])
def test_reference_may_be_left_out(client: PartnerClient, body: dict[str, Any]) -> None:
    response = client.post("/reservations", json=body)

    assert response.get_json()["reference"] is None
    assert client.get(response.headers["Location"]).get_json()["reference"] is None


@pytest.mark.parametrize(
    "reference",
    ["", " ", "\u00a0", "x" * 101, "😀" * 101, "a\nb", "a\tb", "\x00", "a\x7f", "a\u0085b", 5, True,
     1.5, ["PO-1"], {"po": 1}],
)  # fmt: skip
def test_other_references_are_refused(client: PartnerClient, reference: Any) -> None:
    assert invalid_fields(client.reserve(reference=reference)) == ["reference"]
    assert client.event()["version"] == 0
