"""What the pages show, and what they are asked for."""

import re

import pytest
from flask import Flask

from tests.api.browsing import Browser, browser
from tests.api.conftest import CLOCK_START_MS, ChangeEventOf, Clock, CreateEventOf
from tests.api.partner import PartnerClient
from ticketboss.api import ledger
from ticketboss.console.events import EVENTS_ON_PAGE_MAX
from ticketboss.services import Services

EVENT = "/console/events/node-meetup-2025"
SCRIPT = '<script>alert("x")</script>'


@pytest.fixture
def page(app: Flask) -> Browser:
    return browser(app)


def text_of(html: str) -> str:
    """The words of a page, with single spaces between them."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_events_show_their_counters_state_and_pace(
    page: Browser, client: PartnerClient, clock: Clock
) -> None:
    client.reserve(8)
    clock.move(61)
    client.reserve(3)
    client.hold(2)

    shown = text_of(page.get("/console/").text)

    assert "Node.js Meet-up node-meetup-2025 On sale 11 2 487 5" in shown
    assert 'aria-label="11 reserved, 2 held, 487 available of 500"' in page.get("/console/").text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"on_sale_from": CLOCK_START_MS + 90_061_000}, "Scheduled opens in 1 d 1 h"),
        ({"on_sale_until": CLOCK_START_MS + 61_000}, "On sale ends in 1 min 1 s"),
        ({"on_sale_until": CLOCK_START_MS}, "Ended"),
        ({"paused": True}, "Paused"),
        ({"cancelled": True}, "Cancelled"),
    ],
)
def test_sale_states_have_their_words_and_countdowns(
    page: Browser,
    change_event: ChangeEventOf,
    clock: Clock,
    changes: dict[str, int | bool],
    words: str,
) -> None:
    change_event(**changes)

    for url in ("/console/", EVENT):
        assert words in text_of(page.get(url).text)


def test_many_events_are_read_page_by_page(page: Browser, create_event: CreateEventOf) -> None:
    names = [f"event-{number:03}" for number in range(EVENTS_ON_PAGE_MAX + 5)]
    for name in names:
        create_event(name, 10)

    first = page.get("/console/").text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    second = page.get(following[1]).text

    seen = [re.findall(r'href="/console/events/([^"]+)"', html) for html in (first, second)]
    assert seen[0] + seen[1] == [*names, "node-meetup-2025"]
    assert len(seen[0]) == EVENTS_ON_PAGE_MAX
    assert 'rel="next"' not in second


def test_event_is_found_by_its_id(page: Browser) -> None:
    assert page.get("/console/?event=node-meetup-2025").location == EVENT
    assert "There is no event of this id." in page.get("/console/?event=other").text


def test_what_partners_and_operators_typed_is_shown_as_text(
    page: Browser, client: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("show", 10, name=SCRIPT)
    client.reserve(1, at=at, reference=SCRIPT)

    for url in ("/console/", "/console/events/show", "/console/events/show/change"):
        html = page.get(url).text
        assert SCRIPT not in html
        assert "&lt;script&gt;alert" in html
    found = page.get("/console/events/show/reservations", query_string={"find": SCRIPT}).text
    assert SCRIPT not in found


def test_event_shows_partners_with_seats_share_holds_and_refusals(
    page: Browser, client: PartnerClient
) -> None:
    client.reserve(6, "first")
    client.reserve(2, "second")
    client.hold(2, partner_id="second")
    client.reserve(11, "second")
    client.reserve(11, "third")

    shown = text_of(page.get(EVENT).text)

    assert "first 6 60.0 % 0 0 Freeze second 4 40.0 % 1 1 Freeze third 0 0.0 % 0 1" in shown


def test_event_shows_the_latest_entries_first(page: Browser, client: PartnerClient) -> None:
    client.hold(2)
    client.reserve(5)

    shown = text_of(page.get(EVENT).text)

    assert re.search(r"Reserved abc-corp 5 493 2 [\d:.]+ Held abc-corp 2 498 1", shown)


def test_figures_of_the_server_are_those_of_the_metrics(
    page: Browser, client: PartnerClient
) -> None:
    for _ in range(3):
        client.reserve(1)

    totals = page.get(f"{EVENT}/live").get_json()["totals"]

    assert (totals["commits"], totals["batches"], totals["batchCommands"]) == (3, 3, 3)
    assert totals["commitSeconds"] > 0
    assert totals["conflicts"] == 0


def test_audit_is_told(page: Browser, client: PartnerClient) -> None:
    client.reserve(1)

    assert "All is well: 2 ledger entries were replayed" in text_of(
        page.get(f"{EVENT}?audit=yes").text
    )
    assert "All is well" not in page.get(EVENT).text


def test_audit_tells_differences(
    page: Browser, client: PartnerClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "ticketboss.engine.verifier.Verifier._compare_sums", lambda *_: iter(["they differ"])
    )

    shown = text_of(page.get(f"{EVENT}?audit=yes").text)

    assert "The ledger and the counters differ." in shown
    assert "they differ" in shown


def test_ledger_that_is_too_long_to_be_audited_says_what_to_do(
    page: Browser, client: PartnerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.reserve(1)
    monkeypatch.setattr(ledger, "AUDIT_ENTRIES_MAX", 1)

    answer = page.get(f"{EVENT}?audit=yes")

    assert answer.status_code == 200
    assert "python -m ticketboss verify" in answer.text


def test_live_answer_has_the_parts_of_the_page_as_they_are_now(
    page: Browser, client: PartnerClient
) -> None:
    client.reserve(4)

    answer = page.get(f"{EVENT}/live?after=0").get_json()

    assert answer["version"] == 1
    assert answer["point"][1:] == [496, 0, 4, 1, 1]
    html = page.get(EVENT).text
    for name, part in answer["parts"].items():
        assert f'id="part-{name}"' in html
        assert part.strip() in html


def test_live_answer_of_all_events_is_the_body_of_their_table(page: Browser) -> None:
    answer = page.get("/console/live").get_json()

    assert answer["parts"]["events"].strip() in page.get("/console/").text


def test_history_begins_where_the_window_begins(
    page: Browser, client: PartnerClient, clock: Clock
) -> None:
    client.reserve(1)
    clock.move(3_600)
    client.reserve(2)
    clock.move(60)
    client.reserve(4)

    asked = page.get(f"{EVENT}/history?minutes=10").get_json()
    whole = page.get(f"{EVENT}/history?minutes=0").get_json()

    assert [point[1] for point in asked["points"]] == [499, 497, 493, 493]
    assert [point[1] for point in whole["points"]] == [500, 499, 497, 493, 493]
    assert asked["since"] == clock.now_ms - 600_000


@pytest.mark.parametrize(
    "url",
    [
        "/console/?cursor=" + "x" * 65,
        f"{EVENT}?minutes=x",
        f"{EVENT}?minutes=100000",
        f"{EVENT}?audit=no",
        f"{EVENT}?unknown=1",
        f"{EVENT}/live?after=-1",
        "/console/?done=a&done=b",
    ],
)
def test_wrong_queries_are_refused_with_a_page(page: Browser, url: str) -> None:
    answer = page.get(url)

    assert answer.status_code == 400
    assert "Invalid request" in answer.text


def test_result_is_said_in_words_of_ours_alone(page: Browser) -> None:
    assert "You have paused the sale." in page.get(f"{EVENT}?done=paused").text
    assert 'role="status">You' not in page.get(f"{EVENT}?done=You+won").text


def test_unknown_event_is_a_page_for_people_and_a_problem_for_scripts(page: Browser) -> None:
    people = page.get("/console/events/none")
    script = page.get("/console/events/none/live", headers={"Accept": "application/json"})

    assert (people.status_code, people.mimetype) == (404, "text/html")
    assert "Event not found" in people.text
    assert script.get_json()["code"] == "event_not_found"
