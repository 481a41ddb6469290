"""Lists that come in pages, and the way from one page to the next."""

import re
from typing import Any

from werkzeug.test import TestResponse

from tests.api.partner import PartnerClient

NEXT = re.compile(r'<([^<>]+)>; rel="next"')
PAGES_MAX = 200


def next_url(response: TestResponse) -> str | None:
    """Where the next page is; the body and the header must agree on it."""
    cursor, link = response.get_json()["next"], response.headers.get("Link")
    if link is None:
        assert cursor is None
        return None
    found = NEXT.fullmatch(link)
    assert found is not None, link
    assert cursor.replace(":", "%3A") in found[1]
    return found[1]


def pages_of_reservations(client: PartnerClient, url: str) -> list[list[dict[str, Any]]]:
    """The reservations on each page from one on, by the links."""
    found: list[list[dict[str, Any]]] = []
    following: str | None = url
    while following is not None:
        assert len(found) < PAGES_MAX
        response = client.get(following)
        assert response.status_code == 200, response.text
        assert response.headers["Cache-Control"] == "no-store"
        found.append(response.get_json()["reservations"])
        following = next_url(response)
    return found


def listed(client: PartnerClient, url: str) -> list[dict[str, Any]]:
    """All reservations of a list, from all its pages."""
    return [row for page in pages_of_reservations(client, url) for row in page]
