"""Takes the pictures of the console for the docs: `python -m tests.console.screenshots`.

Look at each before it is committed; a drop never runs twice in the same way.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page

from tests.console.drop import Drop
from tests.console.operator import DropServer, sign_in
from tests.server import PROJECT
from tests.watched import chromium

IMAGES = PROJECT / "docs" / "images"
# Forms and lists are as high as what is in them.
DESK, PHONE, LOW, WALL = (1280, 900), (360, 740), (1280, 420), (1800, 960)
SEATS = 12_000
# Of the drop, when the pictures begin.
SOLD_SEATS = 5_000
EVENT_ID = "winter-gala"
EVENT = f"/console/events/{EVENT_ID}"
# Nobody has it.
SHOWN_KEY = "tb_live_" + "x" * 43

Step = Callable[[Page, DropServer], None]


def prepare(server: DropServer) -> None:
    """Events in each state."""
    server.prepare()
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 5_400))
    for event_id, name, seats, settings in (
        (EVENT_ID, "Winter gala", SEATS, {"onSaleUntil": soon}),
        ("choir-night", "Choir night", 800, {"onSaleFrom": soon}),
        ("jazz-at-noon", "Jazz at noon", 240, {}),
        ("city-marathon", "City marathon", 12_000, {}),
    ):
        server.post("/events", eventId=event_id, name=name, totalSeats=seats, **settings)
    server.post("/events/city-marathon/pause")
    server.post("/keys", scope="partner", partnerId="late-corp", partnerName="Late Corporation")
    server.post("/partners/late-corp/freeze", holds="keep")
    for number in range(24):
        server.post(
            "/events/jazz-at-noon/reservations",
            partnerId="abc-corp",
            seats=10,
            reference=f"PO-{4_700 + number}",
        )


def go(path: str) -> Step:
    """A page as it is loaded."""

    def step(page: Page, server: DropServer) -> None:
        page.goto(f"{server.url}{path}")

    return step


def wait(path: str) -> Step:
    """A page that was open for a while."""

    def step(page: Page, server: DropServer) -> None:
        page.goto(f"{server.url}{path}")
        page.wait_for_timeout(4_000)

    return step


def change(page: Page, server: DropServer) -> None:
    """What is asked before settings are changed."""
    page.goto(f"{server.url}{EVENT}/change")
    page.get_by_label("Capacity").fill("15000")
    page.get_by_label("Seats per partner").fill("1500")
    page.get_by_role("button", name="Go on").click()


def issue(page: Page, server: DropServer) -> None:
    """A new key, with another text in its place."""
    page.goto(f"{server.url}/console/new-key")
    page.get_by_label("A partner's").check()
    page.get_by_label("Partner's id").fill("harbour-events")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Issue the key").click()
    page.locator("#secret").evaluate(f"(shown) => {{ shown.textContent = '{SHOWN_KEY}' }}")


def cancel(page: Page, server: DropServer) -> None:
    """What is asked before a reservation is cancelled."""
    page.goto(f"{server.url}/console/events/jazz-at-noon/reservations?find=PO-4711")
    page.get_by_role("link", name="Cancel").click()


def revoke(page: Page, server: DropServer) -> None:
    """What is asked before a key is revoked."""
    page.goto(f"{server.url}/console/keys")
    page.get_by_role("link", name="Revoke").last.click()


def audit(page: Page, server: DropServer) -> None:
    """The result of an audit, above the charts."""
    page.goto(f"{server.url}{EVENT}?minutes=0&audit=yes")
    page.wait_for_timeout(1_500)


LIVE_VIEWS: dict[str, Step] = {
    "console-event": wait(f"{EVENT}?minutes=0"),
    "console-events": wait("/console/"),
    "console-audit": audit,
}
VIEWS: dict[str, Step] = {
    "console-change": go(f"{EVENT}/change"),
    "console-confirm": change,
    "console-pause": go(f"{EVENT}/pause"),
    "console-freeze": go("/console/partners/harbour-events/freeze"),
    "console-unfreeze": go("/console/partners/late-corp/unfreeze"),
    "console-cancel": cancel,
    "console-revoke": revoke,
    "console-reservations": go("/console/events/jazz-at-noon/reservations?find=PO-4711"),
    "console-partners": go("/console/partners"),
    "console-keys": go("/console/keys"),
    "console-new-key": issue,
    "console-new-event": go("/console/new-event"),
}
WALL_VIEWS: dict[str, Step] = {"console-wall": wait(f"{EVENT}?minutes=0")}
SIGN_IN = "console-sign-in"
ON_A_PHONE = {"console-phone-events": "/console/", "console-phone-event": f"{EVENT}?minutes=0"}


def take(
    browser: Browser,
    server: DropServer,
    views: dict[str, Step],
    size: tuple[int, int],
    scheme: Literal["light", "dark"],
) -> None:
    """Pictures of views in one size and colour scheme."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    sign_in(page, server)
    for name, step in views.items():
        step(page, server)
        page.screenshot(path=IMAGES / f"{name}.png", full_page=size == LOW)
        sys.stdout.write(f"{name}.png\n")
    context.close()


def main() -> None:
    """Start a server, run a drop, and look at it."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, DropServer(Path(folder)) as server:
        prepare(server)
        with chromium() as browser, Drop(server.url, EVENT_ID, server.partner_keys):
            while server.get(f"/events/{EVENT_ID}")["availableSeats"] > SEATS - SOLD_SEATS:
                time.sleep(0.5)
            take(browser, server, LIVE_VIEWS, DESK, "light")
            phone = {name: wait(path) for name, path in ON_A_PHONE.items()}
            take(browser, server, phone, PHONE, "dark")
            take(browser, server, WALL_VIEWS, WALL, "light")
            take(browser, server, VIEWS, LOW, "light")
            page = browser.new_page(viewport={"width": LOW[0], "height": LOW[1]})
            page.goto(f"{server.url}/console/")
            page.screenshot(path=IMAGES / f"{SIGN_IN}.png")


if __name__ == "__main__":
    main()
