"""The pages while a drop runs: they follow it, and say when they cannot."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.drop import Drop
from tests.console.operator import SHOW, DropServer, sign_in
from tests.server import Server
from tests.watched import Watched, watched_page

WAIT_MS_MAX = 30_000
EVENT = f"/console/events/{SHOW}"


@pytest.fixture(autouse=True)
def _patience() -> None:
    # The machine may be busy.
    expect.set_options(timeout=WAIT_MS_MAX)


def number_of(page: Page, name: str) -> int:
    """One of the large figures of an event."""
    return int(
        page.locator(f"dl.figures div:has-text('{name}') dd").first.inner_text().replace(",", "")
    )


def wait_until_more(page: Page, name: str, than: int) -> None:
    """Return when a large figure is larger, without anybody's loading the page again."""
    script = """([name, than]) => [...document.querySelectorAll("dl.figures div")].some(
        (div) => div.querySelector("dt").textContent === name
            && Number(div.querySelector("dd").textContent.replaceAll(",", "")) > than)"""
    page.wait_for_function(script, arg=[name, than], timeout=WAIT_MS_MAX)


def test_event_follows_the_drop(operator: Watched, server: DropServer, drop: Drop) -> None:
    page = operator.page
    page.goto(f"{server.url}{EVENT}")
    expect(page.locator("#connection")).to_have_text("Live")
    before = number_of(page, "Reserved")
    newest = int(page.locator("#part-entries tbody td:last-child").first.inner_text())

    for _ in range(3):
        wait_until_more(page, "Reserved", before)
        before = number_of(page, "Reserved")

    assert int(page.locator("#part-entries tbody td:last-child").first.inner_text()) > newest
    expect(page.locator("#part-partners tbody tr")).to_have_count(4)
    assert page.locator("canvas").count() == 2
    assert page.locator("#part-server td[data-now=commits]").inner_text() != "-"
    assert operator.complaints == []
    assert [url for url in operator.urls if not url.startswith(f"{server.url}/console/")] == []


def test_charts_are_drawn(operator: Watched, server: DropServer, drop: Drop) -> None:
    page = operator.page
    page.goto(f"{server.url}{EVENT}")
    wait_until_more(page, "Reserved", number_of(page, "Reserved"))

    for chart in ("#chart-seats", "#chart-rates"):
        colours = page.evaluate(
            """(chart) => {
                const canvas = document.querySelector(`${chart} canvas`);
                const { data } = canvas.getContext("2d").getImageData(
                    0, 0, canvas.width, canvas.height);
                const seen = new Set();
                for (let place = 0; place < data.length; place += 4) {
                    if (data[place + 3] === 255) {
                        seen.add(data.slice(place, place + 3).join());
                    }
                }
                return [...seen];
            }""",
            chart,
        )
        # The colour of "reserved" in the light: reservations are in both charts.
        assert "29,78,216" in colours


@pytest.mark.parametrize(
    ("minutes", "first", "begins"),
    [(1, 0, 540_000), (1, 550_000, 550_000), (0, 100, 100)],
    ids=["window", "younger event", "all of it"],
)
def test_chart_begins_with_its_window_or_with_the_event(
    operator: Watched, server: DropServer, minutes: int, first: int, begins: int
) -> None:
    operator.page.goto(f"{server.url}{EVENT}")
    found = operator.page.evaluate(
        """async ([minutes, first]) => {
            const { Charts } = await import("/console/static/charts.js");
            const charts = new Charts(minutes);
            charts.points = [[first]];
            charts.now = 600000;
            return charts.begins();
        }""",
        [minutes, first],
    )

    assert found == begins


def test_list_follows_the_drop(operator: Watched, server: DropServer, drop: Drop) -> None:
    row = operator.page.get_by_role("row", name="The Show")
    before = row.inner_text()

    expect(row).not_to_have_text(before)

    pace = operator.page.locator("#part-events tr", has_text="The Show").locator("td").last
    expect(pace).not_to_have_text("0")
    assert operator.complaints == []


def test_page_asks_at_most_once_a_second(operator: Watched, server: DropServer, drop: Drop) -> None:
    operator.page.goto(f"{server.url}{EVENT}")
    expect(operator.page.locator("#connection")).to_have_text("Live")
    operator.urls.clear()
    began = time.monotonic()

    operator.page.wait_for_timeout(4_000)

    seconds = time.monotonic() - began
    asked = [url for url in operator.urls if "/live" in url]
    assert 2 <= len(asked) <= seconds + 1


def test_focus_stays_where_it_is(operator: Watched, server: DropServer, drop: Drop) -> None:
    page = operator.page
    page.goto(f"{server.url}{EVENT}")
    expect(page.locator("#part-partners tbody tr")).to_have_count(4)
    link = page.locator("#part-partners a").first
    link.focus()

    for _ in range(2):
        wait_until_more(page, "Reserved", number_of(page, "Reserved"))

    assert page.evaluate("document.activeElement.textContent") == "Freeze"


def test_sale_opens_on_the_page_by_itself(operator: Watched, server: DropServer) -> None:
    now = server.get("/events")["events"][0]
    assert now
    opens = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 4))
    server.post("/events", eventId="opening", name="Opening", totalSeats=5, onSaleFrom=opens)
    page = operator.page
    page.goto(f"{server.url}/console/events/opening")
    expect(page.locator(".sale")).to_contain_text("Scheduled")
    expect(page.locator(".countdown")).to_contain_text("opens in")

    expect(page.locator(".sale")).to_have_text("On sale")
    assert operator.complaints == []


def test_lost_connection_is_said_and_so_is_that_it_is_back(
    browser: Browser, tmp_path: Path
) -> None:
    with Server(tmp_path) as server, watched_page(browser) as watched:
        page = watched.page
        page.goto(f"{server.url}/console/events/node-meetup-2025")
        connection = page.locator("#connection")
        expect(connection).to_have_text("Live")

        server.destroy()
        expect(connection).to_contain_text("Connection lost at")
        said = connection.inner_text()
        watched.urls.clear()
        server.start()
        server.wait_until_ready()

        expect(connection).to_contain_text("Live again")
        # At once, though nothing happens at the event: it did not wait for the next version.
        assert watched.urls[0].endswith("/live")
        since = re.findall(r"lost at ([\d:]+ UTC)", f"{said} {connection.inner_text()}")
        assert len(since) == 2
        assert since[0] == since[1]


def test_revoked_key_ends_the_session_of_an_open_page(watched: Watched, server: DropServer) -> None:
    own = server.post("/keys", scope="operator")
    page = watched.page
    page.goto(f"{server.url}/console/")
    page.get_by_label("API key of an operator").fill(own["key"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#connection")).to_have_text("Live")

    server.operate("keys", "revoke", own["keyId"])

    expect(page.locator("#connection")).to_contain_text("You are signed out")
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_without_javascript_pages_can_be_read_and_acted_on(
    browser: Browser, server: DropServer, drop: Drop
) -> None:
    with watched_page(browser, java_script_enabled=False) as watched:
        page = watched.page
        sign_in(page, server, EVENT)

        assert "load the page again" in page.locator("#connection").inner_text()
        assert page.locator("#part-entries tbody tr").count() >= 1
        page.locator("details summary").click()
        assert page.locator("details tbody tr").count() >= 2
        page.get_by_role("link", name="Find a reservation").click()
        page.get_by_label("Its id, or the partner's reference").fill("unknown")
        page.get_by_role("button", name="Find").click()
        expect(page.locator("main")).to_contain_text("no reservation with this id")
