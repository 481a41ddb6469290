"""The pages for everybody: axe-core finds nothing, from a phone to a wall, and by keyboard."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.drop import Drop
from tests.console.operator import SHOW, DropServer, sign_in, tab_to
from tests.watched import Watched, watched_page
from ticketboss.domain.events import TOTAL_SEATS_MAX

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text()
EVENT = f"/console/events/{SHOW}"
PAGES = (
    *("/console/", "/console/?event=unknown", EVENT, f"{EVENT}?audit=yes", f"{EVENT}/change"),
    *(f"{EVENT}/pause", f"{EVENT}/reservations?find=PO-1", "/console/new-event"),
    *("/console/partners", "/console/partners/abc-corp/freeze", "/console/keys"),
    *("/console/new-key", "/console/events/none", "/console/?done=paused"),
)
LIVE_PAGES = ("/console/", EVENT)
Scheme = Literal["light", "dark"]
PHONE, DESK, WALL = (360, 740), (1280, 900), (3840, 2160)
Scene = tuple[str, tuple[int, int], Scheme]
SCENES: list[Scene] = [
    *((url, PHONE, "dark") for url in PAGES),
    *((url, DESK, "light") for url in PAGES),
    *((url, PHONE, "light") for url in LIVE_PAGES),
    *((url, DESK, "dark") for url in LIVE_PAGES),
    *((url, WALL, "light") for url in LIVE_PAGES),
]


@pytest.fixture(scope="module")
def signed_in(browser: Browser, server: DropServer) -> Iterator[Watched]:
    """One page for all of them: it need not sign in each time."""
    with watched_page(browser) as watched:
        sign_in(watched.page, server)
        yield watched


def violations(page: Page) -> list[str]:
    """What axe-core finds, with all of its rules and best practices."""
    page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate("axe.run().then((result) => result.violations)")
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return wider


@pytest.mark.parametrize(("url", "size", "scheme"), SCENES)
def test_axe_finds_nothing_and_nothing_sticks_out(
    signed_in: Watched,
    server: DropServer,
    drop: Drop,
    url: str,
    size: tuple[int, int],
    scheme: Scheme,
) -> None:
    page, (width, height) = signed_in.page, size
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)

    page.goto(f"{server.url}{url}")
    if page.locator("#connection").count():
        expect(page.locator("#connection")).to_have_text("Live")

    assert violations(page) == []
    assert overflow(page) == 0
    expected = ["status of 404"] if url.endswith("none") else []
    assert len(signed_in.complaints) == len(expected)
    signed_in.complaints.clear()


@pytest.mark.parametrize("width", [360, 1280])
def test_long_names_and_large_numbers_stick_out_nowhere(
    signed_in: Watched, server: DropServer, width: int
) -> None:
    page, event_id = signed_in.page, f"{'e' * 60}{width}"
    server.post("/events", eventId=event_id, name="N" * 200, totalSeats=TOTAL_SEATS_MAX)
    url = f"{server.url}/console/events/{event_id}"
    page.set_viewport_size({"width": width, "height": 740})

    for each in (url, f"{url}/reservations?find={'r' * 60}", f"{url}/change", f"{url}/pause"):
        page.goto(each)
        assert overflow(page) == 0, each
    page.goto(f"{server.url}/console/?event={event_id}")
    assert overflow(page) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_at_the_sign_in(
    browser: Browser, server: DropServer, scheme: Scheme
) -> None:
    with watched_page(browser, color_scheme=scheme, viewport={"width": 360, "height": 740}) as w:
        w.page.goto(f"{server.url}/console/")
        assert violations(w.page) == []
        w.page.get_by_label("API key of an operator").fill("wrong")
        w.page.get_by_role("button", name="Sign in").click()
        expect(w.page.get_by_role("alert")).to_contain_text("API key not valid")
        assert violations(w.page) == []
        assert overflow(w.page) == 0


def test_axe_would_find_a_fault(operator: Watched) -> None:
    operator.page.evaluate("document.querySelector('#event').labels[0].remove()")

    assert any(found.startswith("label:") for found in violations(operator.page))


def test_sale_is_paused_and_resumed_with_the_keyboard_alone(
    operator: Watched, server: DropServer
) -> None:
    page = operator.page
    tab_to(page, "The Show")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{EVENT}")
    for action, state in (("Pause the sale", True), ("Resume the sale", False)):
        tab_to(page, action)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text(action)
        tab_to(page, action)
        page.keyboard.press("Enter")
        expect(page.locator("main > [role=status]")).to_be_visible()
        assert server.get(f"/events/{SHOW}")["paused"] == state
    assert operator.complaints == []


def test_event_is_created_with_the_keyboard_alone(operator: Watched, server: DropServer) -> None:
    page = operator.page
    page.goto(f"{server.url}/console/new-event")
    for label, text in (("Id", "typed"), ("Name", "Typed by hand"), ("Capacity", "50")):
        tab_to(page, label)
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Create this event?")
    tab_to(page, "Create the event")
    page.keyboard.press("Enter")

    expect(page.locator("main > [role=status]")).to_have_text("The event was created.")
    assert server.get("/events/typed")["totalSeats"] == 50


def test_first_tab_leads_past_the_navigation(operator: Watched) -> None:
    page = operator.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the content"
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"
