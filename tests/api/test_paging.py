"""The four lists of operators: their pages, their cursors, their limits."""

from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from tests.api.conftest import CreateEventOf
from tests.api.keyed import Keyed
from tests.api.pages import PAGES_MAX, next_url
from tests.api.partner import PartnerClient, invalid_fields

# URL, member with the items, member of an item that the order goes by.
LISTS = {
    "events": ("/events", "events", "eventId"),
    "keys": ("/keys", "keys", "keyId"),
    "partners": ("/partners", "partners", "partnerId"),
    "admin log": ("/admin-log", "lines", "logId"),
}

Fill = Callable[[int], PartnerClient]


@pytest.fixture
def fill(keyed: Keyed, create_event: CreateEventOf) -> Fill:
    """Sees to at least so many items in each list; gives an operator who may read them."""

    def fill_lists(count: int) -> PartnerClient:
        client = keyed.operator()
        for number in range(count):
            create_event(f"event:{number:03}", seats=5)
            keyed.issue(f"partner:{number:03}")
        return client

    return fill_lists


def ids_of(response: TestResponse, name: str) -> list[str]:
    """The ids on one page."""
    assert response.status_code == 200, response.text
    _, items, id_name = LISTS[name]
    return [item[id_name] for item in response.get_json()[items]]


def pages(client: PartnerClient, name: str, url: str) -> list[list[str]]:
    """The ids of all pages from one on."""
    found: list[list[str]] = []
    following: str | None = url
    while following is not None:
        assert len(found) < PAGES_MAX
        response = client.get(following)
        assert response.headers["Cache-Control"] == "no-store"
        found.append(ids_of(response, name))
        following = next_url(response)
    return found


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("name", LISTS)
def test_links_lead_through_the_whole_list(fill: Fill, name: str, limit: int) -> None:
    client, url = fill(6), LISTS[name][0]
    whole = ids_of(client.get(url), name)

    found = pages(client, name, f"{url}?limit={limit}")

    assert [item for page in found for item in page] == whole
    assert {len(page) for page in found[:-1]} <= {limit}
    assert 1 <= len(found[-1]) <= limit
    assert whole == sorted(set(whole), reverse=name == "admin log")


@pytest.mark.parametrize("name", LISTS)
def test_page_has_a_hundred_items_unless_fewer_are_asked_for(fill: Fill, name: str) -> None:
    client, url = fill(101), LISTS[name][0]

    first = client.get(url)

    assert len(ids_of(first, name)) == 100
    assert first.headers["Link"].startswith(f"<{url}?cursor=")
    assert sum(len(page) for page in pages(client, name, url)) >= 101
    assert ids_of(client.get(f"{url}?limit=100"), name) == ids_of(first, name)


@pytest.mark.parametrize("name", LISTS)
def test_page_that_is_just_full_is_the_last_one(fill: Fill, name: str) -> None:
    client, url = fill(3), LISTS[name][0]
    count = len(ids_of(client.get(url), name))

    response = client.get(f"{url}?limit={count}")

    assert len(ids_of(response, name)) == count
    assert next_url(response) is None


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("slash", ["", "/"])
def test_link_keeps_the_form_of_the_url(fill: Fill, name: str, slash: str) -> None:
    url = f"{LISTS[name][0]}{slash}"

    response = fill(3).get(f"{url}?limit=1")

    assert response.headers["Link"].startswith(f"<{url}?limit=1&cursor=")


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "limit",
    [
        "0",
        "101",
        "-1",
        "",
        "%20",
        "abc",
        "1.5",
        "+5",
        "%205",
        "1e2",
        "0x10",
        "1_0",
        "%D9%A3",
        "9" * 30,
    ],
)
def test_limit_beyond_its_edges_is_refused(keyed: Keyed, name: str, limit: str) -> None:
    response = keyed.operator().get(f"{LISTS[name][0]}?limit={limit}")

    assert invalid_fields(response) == ["limit"]


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("offset=1", ["offset"]),
        ("Limit=1", ["Limit"]),
        ("limit=1&page=2", ["page"]),
        ("x", ["x"]),
        ("limit=1&limit=1", ["limit"]),
        ("limit=1&limit=2", ["limit"]),
        ("cursor=a&cursor=b", ["cursor"]),
        ("cursor=", ["cursor"]),
        ("cursor=" + "a" * 65, ["cursor"]),
        ("limit=0&cursor=&sort=name", ["cursor", "limit", "sort"]),
    ],
)
def test_query_that_is_not_understood_is_refused(
    keyed: Keyed, name: str, query: str, fields: list[str]
) -> None:
    response = keyed.operator().get(f"{LISTS[name][0]}?{query}")

    assert invalid_fields(response) == fields


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "cursor", ["a" * 64, "%00", "%FF", "%F0%9F%98%80", "'%20OR%201=1", "%25", "-1", "null"]
)
def test_any_cursor_is_only_a_place_in_the_order(fill: Fill, name: str, cursor: str) -> None:
    client, url = fill(3), LISTS[name][0]
    whole = ids_of(client.get(url), name)

    found = ids_of(client.get(f"{url}?cursor={cursor}"), name)

    assert found == whole[len(whole) - len(found) :]


@pytest.mark.parametrize("name", LISTS)
def test_cursor_behind_the_end_gives_an_empty_page(fill: Fill, name: str) -> None:
    client = fill(3)
    behind = "!" if name == "admin log" else "~"

    response = client.get(f"{LISTS[name][0]}?cursor={behind}")

    assert ids_of(response, name) == []
    assert next_url(response) is None


def test_lines_that_are_written_meanwhile_move_no_page(fill: Fill, keyed: Keyed) -> None:
    client = fill(4)
    whole = ids_of(client.get("/admin-log"), "admin log")
    first = client.get("/admin-log?limit=2")
    keyed.issue("abc-corp")

    following = next_url(first)

    assert following is not None
    found = [ids_of(first, "admin log"), *pages(client, "admin log", following)]
    assert [line for page in found for line in page] == whole


def test_keys_that_are_made_meanwhile_come_at_the_end(fill: Fill, keyed: Keyed) -> None:
    client = fill(4)
    first = client.get("/keys?limit=2")
    made = keyed.issue("aa-first").key.key_id

    following = next_url(first)

    assert following is not None
    assert pages(client, "keys", following)[-1][-1] == made


@pytest.mark.parametrize("name", LISTS)
def test_head_of_a_list_has_the_headers_of_its_get(fill: Fill, name: str) -> None:
    client, url = fill(3), f"{LISTS[name][0]}?limit=1"

    got, head = client.get(url), client.head(url)

    assert head.data == b""
    for header in ("Link", "Content-Type", "Content-Length", "Cache-Control"):
        assert head.headers[header] == got.headers[header]
