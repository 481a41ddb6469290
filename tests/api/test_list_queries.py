"""Queries of lists and of the ledger that are not understood, and the edges of those that are."""

import pytest

from tests.api.partner import PartnerClient, invalid_fields

LIST = "/events/node-meetup-2025/reservations"
FEED = "/events/node-meetup-2025/ledger"
SUMMARY = "/events/node-meetup-2025"
EXPORT = f"{SUMMARY}/reservations.csv"
AUDIT = f"{SUMMARY}/audit"
NOT_NUMBERS = ["-1", "", "%20", "abc", "1.5", "+5", "%205", "1e2", "0x10", "1_0", "%D9%A3", "null"]
DIGITS_MAX = 18


@pytest.mark.parametrize("limit", ["0", "101", *NOT_NUMBERS, "9" * 30])
@pytest.mark.parametrize("url", [LIST, FEED])
def test_limit_beyond_its_edges_is_refused(client: PartnerClient, url: str, limit: str) -> None:
    assert invalid_fields(client.get(f"{url}?limit={limit}")) == ["limit"]


@pytest.mark.parametrize("limit", ["1", "100", "007"])
@pytest.mark.parametrize("url", [LIST, FEED])
def test_limit_at_its_edges_is_taken(client: PartnerClient, url: str, limit: str) -> None:
    assert client.get(f"{url}?limit={limit}").status_code == 200


@pytest.mark.parametrize("version", [*NOT_NUMBERS, "9" * (DIGITS_MAX + 1)])
@pytest.mark.parametrize(
    ("url", "name"), [(LIST, "cursor"), (FEED, "after"), (SUMMARY, "at"), ("/", "at")]
)
def test_version_that_is_no_plain_number_is_refused(
    client: PartnerClient, url: str, name: str, version: str
) -> None:
    assert invalid_fields(client.get(f"{url}?{name}={version}")) == [name]


def test_version_of_any_size_that_is_a_number_is_understood(client: PartnerClient) -> None:
    largest = "9" * DIGITS_MAX
    client.reserve()

    assert client.get(f"{LIST}?cursor={largest}").get_json()["reservations"] == []
    document = client.get(f"{FEED}?after={largest}").get_json()
    assert document == {"entries": [], "next": int(largest)}
    assert client.get(f"{SUMMARY}?at={largest}").status_code == 404


@pytest.mark.parametrize(
    ("url", "query", "fields"),
    [
        (LIST, "offset=1", ["offset"]),
        (LIST, "Status=held", ["Status"]),
        (LIST, "partner_id=abc-corp", ["partner_id"]),
        (LIST, "after=1", ["after"]),
        (LIST, "x", ["x"]),
        (LIST, "limit=1&limit=1", ["limit"]),
        (LIST, "reference=a&reference=b", ["reference"]),
        (LIST, "status=held&status=held", ["status"]),
        (LIST, "status=Held", ["status"]),
        (LIST, "status=", ["status"]),
        (LIST, "status=held,confirmed", ["status"]),
        (LIST, "reference=", ["reference"]),
        (LIST, "reference=" + "a" * 101, ["reference"]),
        (LIST, "partnerId=", ["partnerId"]),
        (LIST, "partnerId=a%20b", ["partnerId"]),
        (LIST, "partnerId=" + "a" * 65, ["partnerId"]),
        (LIST, "cursor=1&cursor=2", ["cursor"]),
        (LIST, "limit=0&cursor=x&status=x&sort=name", ["cursor", "limit", "sort", "status"]),
        (FEED, "cursor=1", ["cursor"]),
        (FEED, "After=1", ["After"]),
        (FEED, "after=1&after=1", ["after"]),
        (FEED, "wait=1&wait=0", ["wait"]),
        (FEED, "wait=26", ["wait"]),
        (FEED, "wait=0.5", ["wait"]),
        (FEED, "wait=true", ["wait"]),
        (FEED, "wait=-1", ["wait"]),
        (FEED, "since=1&wait=99&limit=101", ["limit", "since", "wait"]),
        (SUMMARY, "version=1", ["version"]),
        (SUMMARY, "at=0&at=1", ["at"]),
        ("/reservations", "status=held", ["status"]),
        (EXPORT, "status=held", ["status"]),
        (EXPORT, "limit=1", ["limit"]),
        (AUDIT, "at=1", ["at"]),
    ],
)
def test_query_that_is_not_understood_is_refused(
    client: PartnerClient, url: str, query: str, fields: list[str]
) -> None:
    assert invalid_fields(client.get(f"{url}?{query}")) == fields


@pytest.mark.parametrize("url", [f"{LIST}?limit=1", f"{FEED}?limit=1", f"{SUMMARY}?at=1"])
def test_head_has_the_headers_of_its_get(client: PartnerClient, url: str) -> None:
    client.reserve()
    client.reserve()

    got, head = client.get(url), client.head(url)

    assert head.status_code == got.status_code == 200
    assert head.data == b""
    for name in ("Link", "ETag", "Content-Type", "Content-Length", "Cache-Control"):
        assert head.headers.get(name) == got.headers.get(name)
