"""An operator acts in the middle of a drop, in a real browser."""

import re

import pytest
import requests
from playwright.sync_api import expect

from tests.console.drop import PARTNERS, Drop
from tests.console.operator import SHOW, DropServer
from tests.console.test_access_for_all import violations
from tests.watched import Watched

EVENT = f"/console/events/{SHOW}"
BUYER = PARTNERS[0]


@pytest.fixture
def bearer(server: DropServer) -> dict[str, str]:
    """The header of one of the partners."""
    return {"Authorization": f"Bearer {server.partner_keys[BUYER]}"}


def test_reservation_is_found_by_its_reference_and_cancelled(
    operator: Watched, server: DropServer, drop: Drop, bearer: dict[str, str]
) -> None:
    url, page = f"{server.url}/events/{SHOW}/reservations", operator.page
    body = {"seats": 3, "reference": "PO-by-phone"}
    made = requests.post(url, json=body, headers=bearer, timeout=10).json()

    page.goto(f"{server.url}{EVENT}")
    page.get_by_role("link", name="Find a reservation").click()
    page.get_by_label("Its id, or the partner's reference").fill("PO-by-phone")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name=f"Cancel reservation {made['reservationId']}").click()
    expect(page.locator("dl.facts")).to_contain_text("PO-by-phone")
    page.get_by_role("button", name="Cancel the reservation").click()

    expect(page.locator("main > [role=status]")).to_contain_text("The reservation was cancelled")
    shown = requests.get(f"{url}/{made['reservationId']}", headers=bearer, timeout=10).json()
    assert shown["status"] == "cancelled"
    assert operator.complaints == []


def test_partner_is_frozen_from_the_page_of_the_event_and_let_go_on(
    operator: Watched, server: DropServer, bearer: dict[str, str]
) -> None:
    page, url = operator.page, f"{server.url}/events/{SHOW}/reservations"
    requests.post(url, json={"seats": 1}, headers=bearer, timeout=10).raise_for_status()

    page.goto(f"{server.url}{EVENT}")
    page.get_by_role("link", name=f"Freeze {BUYER}", exact=True).click()
    page.get_by_label("Keep its holds until they expire").check()
    assert violations(page) == []
    page.get_by_role("button", name="Freeze the partner").click()
    expect(page.locator("main > [role=status]")).to_contain_text("You have frozen the partner")
    refused = requests.post(url, json={"seats": 1}, headers=bearer, timeout=10)
    assert refused.json()["code"] == "partner_frozen"

    page.get_by_role("link", name=f"Unfreeze {BUYER}", exact=True).click()
    page.get_by_role("button", name="Unfreeze the partner").click()
    expect(page.locator("main > [role=status]")).to_contain_text("You have unfrozen the partner")
    assert requests.post(url, json={"seats": 1}, headers=bearer, timeout=10).status_code == 201
    assert operator.complaints == []


def test_key_is_issued_shown_once_and_revoked(operator: Watched, server: DropServer) -> None:
    page = operator.page
    page.goto(f"{server.url}/console/keys")
    page.get_by_role("link", name="New key").click()
    page.get_by_label("A partner's").check()
    page.get_by_label("Partner's id").fill("late-corp")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Issue this key?")
    assert violations(page) == []
    page.get_by_role("button", name="Issue the key").click()

    secret = page.locator("#secret").inner_text()
    assert re.fullmatch(r"tb_live_[\w-]{43}", secret)
    assert violations(page) == []
    asked = {"Authorization": f"Bearer {secret}"}
    assert requests.get(f"{server.url}/events/{SHOW}", headers=asked, timeout=10).ok
    page.get_by_role("link", name="All keys").click()
    assert secret not in page.content()
    row = page.get_by_role("row", name="late-corp")
    row.get_by_role("link").click()
    page.get_by_role("button", name="Revoke the key").click()
    expect(page.locator("main > [role=status]")).to_contain_text("The key was revoked")
    expect(row.get_by_role("link")).to_have_count(0)
    assert operator.complaints == []


def test_capacity_is_raised_while_partners_go_on(
    operator: Watched, server: DropServer, drop: Drop
) -> None:
    page = operator.page
    before = server.get(f"/events/{SHOW}")
    page.goto(f"{server.url}{EVENT}/change")
    page.get_by_label("Capacity").fill("many")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("#totalSeats-error")).to_have_text("Not a valid integer.")
    assert violations(page) == []
    page.get_by_label("Capacity").fill(str(before["totalSeats"] + 100))
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("dl.facts div")).to_have_count(1)
    assert violations(page) == []
    page.get_by_role("button", name="Change the settings").click()

    expect(page.locator("main > [role=status]")).to_have_text("The settings were changed.")
    after = server.get(f"/events/{SHOW}")
    assert after["totalSeats"] == before["totalSeats"] + 100
    assert after["version"] > before["version"] + 1
    # What was answered with an error stands in the browser's log, and nothing else.
    assert all("status of 400" in complaint for complaint in operator.complaints)


def test_times_that_a_browser_writes_in_its_own_way_are_no_change(
    operator: Watched, server: DropServer
) -> None:
    server.post(
        "/events",
        eventId="windowed",
        name="Windowed",
        totalSeats=5,
        onSaleUntil="2099-01-01T12:00:00Z",
    )
    page = operator.page
    page.goto(f"{server.url}/console/events/windowed/change")
    page.get_by_label("Capacity").fill("6")
    page.get_by_role("button", name="Go on").click()

    expect(page.locator("dl.facts div")).to_have_count(1)
