"""Which Idempotency-Key headers are understood, and which are refused."""

import pytest

from tests.api.partner import PartnerClient, problem

VISIBLE_BUT_NOT_BARE = {'"', ","}
VISIBLE = "".join(chr(code) for code in range(0x21, 0x7F))


@pytest.mark.parametrize(
    "header",
    [
        "k",
        "k" * 255,
        f'"{"k" * 255}"',
        '"a,b"',
        r'"a\"b\\c"',
        "a;b=c",
        "018f0000-0000-7000-8000-000000000000",
        "".join(sign for sign in VISIBLE if sign not in VISIBLE_BUT_NOT_BARE),
    ],
    ids=[
        "shortest",
        "longest",
        "longest quoted",
        "quoted comma",
        "escapes",
        "signs",
        "uuid",
        "all visible",
    ],
)
def test_one_to_255_visible_characters_are_a_key(client: PartnerClient, header: str) -> None:
    first = client.reserve(key=header)
    second = client.reserve(key=header)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("header", ["k", "k" * 255, "a;b", "x" * 40])
def test_quotes_are_not_part_of_the_key(client: PartnerClient, header: str) -> None:
    bare, quoted = client.reserve(key=header), client.reserve(key=f'"{header}"')

    assert quoted.data == bare.data
    assert quoted.headers["Idempotent-Replayed"] == "true"


def test_keys_are_case_sensitive(client: PartnerClient) -> None:
    client.reserve(key="order-a")

    assert "Idempotent-Replayed" not in client.reserve(key="order-A").headers


@pytest.mark.parametrize(
    "header",
    [
        "",
        '""',
        "k" * 256,
        f'"{"k" * 256}"',
        "a b",
        "a\tb",
        "\x7f",
        "é",
        '"é"',
        '"a',
        '"a b"',
        "a,b",
        "a, b",
        '"a","b"',
        '"a", "b"',
        '"a"b"',
        r'"a\b"',
    ],
)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_anything_else_is_refused_and_has_no_effect(
    client: PartnerClient, header: str, method: str
) -> None:
    reservation_id = client.reserved_id()

    if method == "POST":
        response = client.reserve(key=header)
    else:
        response = client.cancel(reservation_id, key=header)

    refused = problem(response, 400, "invalid_header")
    assert "Idempotency-Key" in refused["detail"]
    assert client.event()["version"] == 1


def test_reading_needs_no_valid_key(client: PartnerClient) -> None:
    assert client.get("/", headers={"Idempotency-Key": "a b"}).status_code == 200
