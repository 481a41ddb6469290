"""An operator in a real browser, and the server of a drop."""

from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import Page

from tests.console.drop import PARTNERS
from tests.server import Server

SHOW = "the-show"
SEATS = 20_000


class DropServer(Server):
    """A server that asks for keys, with two workers, an operator, partners and events."""

    def __init__(self, folder: Path, **settings: str | int) -> None:
        super().__init__(folder, TICKETBOSS_AUTH="keys", **settings)
        self.operator_key = ""
        self.partner_keys: dict[str, str] = {}

    def prepare(self) -> None:
        """Issue keys and put events on sale."""
        self.operator_key = self.operate("keys", "create", "--operator")["key"]
        for partner_id in PARTNERS:
            self.partner_keys[partner_id] = self.post(
                "/keys", scope="partner", partnerId=partner_id
            )["key"]
        self.post("/events", eventId=SHOW, name="The Show", totalSeats=SEATS)

    def post(self, url: str, **members: Any) -> dict[str, Any]:
        """A request of the operator's that must succeed."""
        return self._asked("POST", url, members)

    def patch(self, url: str, **members: Any) -> dict[str, Any]:
        """A request of the operator's that must succeed."""
        return self._asked("PATCH", url, members)

    def get(self, url: str) -> dict[str, Any]:
        """A request of the operator's that must succeed."""
        return self._asked("GET", url, None)

    def _asked(self, method: str, url: str, members: dict[str, Any] | None) -> dict[str, Any]:
        bearer = {"Authorization": f"Bearer {self.operator_key}"}
        answer = requests.request(
            method, f"{self.url}{url}", json=members, headers=bearer, timeout=10
        )
        assert answer.status_code in (200, 201), answer.text
        document: dict[str, Any] = answer.json()
        return document


def sign_in(page: Page, server: DropServer, following: str = "/console/") -> None:
    """Go to a page of the console by way of the sign-in."""
    page.goto(f"{server.url}{following}")
    page.get_by_label("API key of an operator").fill(server.operator_key)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{server.url}{following}")


def tab_to(page: Page, name: str, tabs_max: int = 80) -> None:
    """Press Tab until what has this accessible name or text has the focus."""
    for _ in range(tabs_max):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()"
        )
        if focused == name or page.evaluate("document.activeElement.ariaLabel") == name:
            return
    raise AssertionError(f"The Tab key does not lead to {name!r}.")
