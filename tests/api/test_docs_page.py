"""/docs in a real browser, with the Content-Security-Policy that the server sends."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from playwright.sync_api import Browser

from tests.server import Server
from tests.watched import Watched, watched_page
from ticketboss.api.problem_types import PROBLEMS


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    with watched_page(browser) as noting:
        yield noting


def test_page_shows_every_operation_and_asks_nobody_else(live: Server, watched: Watched) -> None:
    paths = requests.get(f"{live.url}/openapi.json", timeout=10).json()["paths"]

    watched.page.goto(f"{live.url}/docs")
    watched.page.wait_for_selector(".opblock")

    assert watched.page.locator(".opblock").count() == sum(map(len, paths.values()))
    assert watched.complaints == []
    assert [url for url in watched.urls if not url.startswith(f"{live.url}/")] == []
    assert watched.page.evaluate("document.querySelector('.opblock').clientWidth") > 800


def test_requests_can_be_tried_out(live: Server, watched: Watched) -> None:
    watched.page.goto(f"{live.url}/docs#/reservations/reserveOfDefaultEvent")
    reserve = watched.page.locator("#operations-reservations-reserveOfDefaultEvent")
    reserve.locator(".try-out__btn").click()
    reserve.locator("button.execute").click()

    status = reserve.locator(".live-responses-table tbody .response-col_status").first
    status.wait_for()

    assert status.inner_text().startswith("201")
    assert watched.complaints == []


def test_page_shows_examples_of_a_query_and_sends_none_of_them(
    live: Server, watched: Watched
) -> None:
    watched.page.goto(f"{live.url}/docs")
    rows = watched.page.locator("#operations-reservation_lists-listReservations")
    rows.locator(".opblock-summary-control").click()
    rows.locator(".try-out__btn").click()

    assert "4711" in rows.locator(".parameters-container").inner_text()
    with watched.page.expect_request(lambda request: "/reservations" in request.url) as asked:
        rows.locator("button.execute").click()

    sent = urlsplit(asked.value.url)
    # The id of the event must be given, and these two have defaults.
    assert sent.path == "/events/node-meetup-2025/reservations"
    assert parse_qs(sent.query) == {"limit": ["100"], "cursor": ["0"]}


def test_page_shows_examples_of_headers_and_sends_none_of_them(
    live: Server, watched: Watched
) -> None:
    watched.page.goto(f"{live.url}/docs#/reservations/reserveOfDefaultEvent")
    reserve = watched.page.locator("#operations-reservations-reserveOfDefaultEvent")
    reserve.locator(".try-out__btn").click()

    assert "order-4711" in reserve.inner_text()
    with watched.page.expect_request(lambda request: request.method == "POST") as asked:
        reserve.locator("button.execute").click()

    assert {"idempotency-key", "if-match"}.isdisjoint(asked.value.all_headers())


def test_policy_stops_a_script_inside_the_page(live: Server, watched: Watched) -> None:
    watched.page.goto(f"{live.url}/docs")

    watched.page.evaluate(
        "document.body.appendChild(document.createElement('script')).text = 'window.ran = true'"
    )

    assert watched.page.evaluate("window.ran") is None
    assert any("Content Security Policy" in complaint for complaint in watched.complaints)


def test_problem_page_is_shown_without_complaint(live: Server, watched: Watched) -> None:
    watched.page.goto(f"{live.url}/problems/not_enough_seats")

    assert watched.page.locator("h1").inner_text() == PROBLEMS["not_enough_seats"].title
    assert watched.complaints == []
