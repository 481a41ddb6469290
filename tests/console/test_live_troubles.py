"""Pages whose server is slow, hangs or fails, or says nothing new: what is shown is still so."""

import time

import pytest
import requests
from playwright.sync_api import Route, expect

from tests.console.drop import PARTNERS
from tests.console.operator import SHOW, DropServer
from tests.watched import Watched

WAIT_MS_MAX = 30_000


@pytest.fixture(autouse=True)
def _patience() -> None:
    # The machine may be busy.
    expect.set_options(timeout=WAIT_MS_MAX)


def test_slow_answers_are_not_lost_when_the_sale_opens(
    operator: Watched, server: DropServer
) -> None:
    opens = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 5))
    server.post("/events", eventId="slow", name="Slow", totalSeats=5, onSaleFrom=opens)
    page = operator.page
    page.goto(f"{server.url}/console/events/slow")
    expect(page.locator(".sale")).to_contain_text("Scheduled")

    def late(route: Route) -> None:
        # Later than the clock on the page ticks.
        time.sleep(1.5)
        route.continue_()

    page.route("**/slow/live*", late)

    expect(page.locator(".sale")).to_have_text("On sale")


def test_server_that_hangs_when_the_sale_opens_is_a_lost_connection(
    operator: Watched, server: DropServer
) -> None:
    opens = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 4))
    server.post("/events", eventId="hung", name="Hung", totalSeats=5, onSaleFrom=opens)
    page = operator.page
    page.goto(f"{server.url}/console/events/hung")
    expect(page.locator("#connection")).to_have_text("Live")

    page.route("**/hung/live*", lambda _route: None)

    expect(page.locator("#connection")).to_contain_text("Connection lost at")


def test_charts_are_drawn_though_the_first_answer_failed(
    operator: Watched, server: DropServer
) -> None:
    page = operator.page
    failed: list[Route] = []

    def fail_once(route: Route) -> None:
        if failed:
            route.continue_()
        else:
            failed.append(route)
            route.fulfill(status=503, body="{}")

    page.route("**/history*", fail_once)
    page.goto(f"{server.url}/console/events/{SHOW}")

    expect(page.locator("canvas")).to_have_count(2)
    assert failed


def test_charts_have_what_happened_while_the_connection_was_lost(
    operator: Watched, server: DropServer
) -> None:
    server.post("/events", eventId="gap", name="Gap", totalSeats=50)
    bearer = {"Authorization": f"Bearer {server.partner_keys[PARTNERS[0]]}"}
    url, page = f"{server.url}/events/gap/reservations", operator.page
    page.goto(f"{server.url}/console/events/gap")
    expect(page.locator("canvas")).to_have_count(2)
    page.route("**/gap/live*", lambda route: route.abort())
    requests.post(url, json={"seats": 1}, headers=bearer, timeout=10).raise_for_status()
    expect(page.locator("#connection")).to_contain_text("Connection lost at")
    asked = [each for each in operator.urls if "/history" in each]

    page.unroute("**/gap/live*")
    expect(page.locator("#connection")).to_contain_text("Live again")

    with page.expect_request("**/gap/live*"):
        pass
    assert len([each for each in operator.urls if "/history" in each]) == len(asked) + 1


def test_pause_freeze_and_refusals_of_others_show_on_a_quiet_page(
    operator: Watched, server: DropServer
) -> None:
    server.post("/events", eventId="quiet", name="Quiet", totalSeats=5)
    partner_id = PARTNERS[-1]
    bearer = {"Authorization": f"Bearer {server.partner_keys[partner_id]}"}
    url, page = f"{server.url}/events/quiet/reservations", operator.page
    page.goto(f"{server.url}/console/events/quiet")
    expect(page.locator("#connection")).to_have_text("Live")

    for _ in range(3):
        refused = requests.post(url, json={"seats": 6}, headers=bearer, timeout=10)
        assert refused.json()["code"] == "not_enough_seats"
    row = page.get_by_role("row", name=partner_id)
    expect(row.locator("td").nth(3)).to_have_text("3")

    server.operate("partners", "freeze", partner_id, "--holds", "keep")
    expect(row.get_by_role("link", name=f"Unfreeze {partner_id}")).to_be_visible()
    expect(row.get_by_text("frozen")).to_be_visible()
    server.operate("partners", "unfreeze", partner_id)
    expect(row.get_by_role("link", name=f"Freeze {partner_id}", exact=True)).to_be_visible()

    server.post("/events/quiet/pause")
    expect(page.get_by_role("link", name="Resume the sale")).to_be_visible()
    expect(page.get_by_role("link", name="Pause the sale")).to_have_count(0)
    assert operator.complaints == []
