"""The list of an event's reservations: what is in it, in which order, and page by page."""

from typing import Any

import pytest

from tests.api.conftest import Clock, CreateEventOf
from tests.api.keyed import Keyed
from tests.api.pages import listed, next_url, pages_of_reservations
from tests.api.partner import PartnerClient, invalid_fields, problem
from ticketboss.repository.sql import reading

EVENT = "/events/node-meetup-2025"
LIST = f"{EVENT}/reservations"
RIVAL = "rival"
AWKWARD_REFERENCES = ["PO 47/11", "a&b=c", "100 %", "Ä→😀", "' OR 1=1 --", "cursor=7#x", "+1"]


def references(rows: list[dict[str, Any]]) -> list[str]:
    return [row["reference"] for row in rows]


@pytest.fixture
def history(client: PartnerClient, clock: Clock) -> PartnerClient:
    """A client of an event with reservations of two partners in every state."""
    client.reserve(1, reference="confirmed")
    client.cancel(client.reserve(2, reference="cancelled").get_json()["reservationId"])
    client.hold(1, seconds=10, reference="expired")
    client.reserve(3, RIVAL, reference="rival's")
    client.hold(1, seconds=600, reference="held")
    client.reserve(1, RIVAL, reference="confirmed")
    client.cancel(client.held_id())
    clock.move(20)
    # Whatever is asked for next ends what is due.
    client.reserve(4)
    return client


@pytest.mark.parametrize("slash", ["", "/"])
def test_list_has_every_reservation_as_it_is_read_by_itself(
    history: PartnerClient, slash: str
) -> None:
    rows = listed(history, LIST + slash)

    assert len(rows) == 8
    assert rows == [history.reservation(row["reservationId"], EVENT) for row in rows]
    assert {row["status"] for row in rows} == {"confirmed", "cancelled", "expired", "held"}


def test_list_is_in_the_order_of_commits(client: PartnerClient, clock: Clock) -> None:
    made = []
    for seconds in (0, -3_600, 7_200, -60):
        clock.move(seconds)
        made.append(client.reserve().get_json())

    rows = listed(client, LIST)

    assert [row["reservationId"] for row in rows] == [each["reservationId"] for each in made]
    assert [row["createdVersion"] for row in rows] == [each["version"] for each in made]
    assert [row["createdAt"] for row in rows] != sorted(row["createdAt"] for row in rows)


def test_later_changes_of_a_reservation_do_not_move_it(client: PartnerClient) -> None:
    first, second = client.held_id(), client.reserved_id()
    client.confirm(first)
    client.change(first, seats=3)

    rows = listed(client, LIST)

    assert [row["reservationId"] for row in rows] == [first, second]
    assert [(row["createdVersion"], row["version"]) for row in rows] == [(1, 4), (2, 2)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=confirmed", ["confirmed", "rival's", "confirmed", None]),
        ("status=cancelled", ["cancelled", None]),
        ("status=expired", ["expired"]),
        ("status=held", ["held"]),
        ("reference=held", ["held"]),
        ("reference=confirmed", ["confirmed", "confirmed"]),
        ("reference=Held", []),
        ("reference=hel", []),
        ("partnerId=rival", ["rival's", "confirmed"]),
        ("partnerId=nobody", []),
        ("partnerId=rival&reference=confirmed", ["confirmed"]),
        ("partnerId=abc-corp&status=confirmed", ["confirmed", None]),
        ("reference=expired&status=confirmed", []),
        ("partnerId=abc-corp&reference=expired&status=expired", ["expired"]),
    ],
)
@pytest.mark.parametrize("limit", ["", "&limit=1"])
def test_filters_choose_by_status_reference_and_partner(
    history: PartnerClient, query: str, expected: list[str | None], limit: str
) -> None:
    rows = listed(history, f"{LIST}?{query}{limit}")

    assert references(rows) == expected
    assert rows == [row for row in listed(history, LIST) if row in rows]


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 7, 8, 9, 100])
def test_links_lead_through_the_whole_list(history: PartnerClient, limit: int) -> None:
    whole = listed(history, LIST)

    found = pages_of_reservations(history, f"{LIST}?limit={limit}")

    assert [row for page in found for row in page] == whole
    assert {len(page) for page in found[:-1]} <= {limit}
    assert 1 <= len(found[-1]) <= limit


@pytest.mark.parametrize("reference", AWKWARD_REFERENCES)
def test_link_keeps_the_filters_whatever_is_in_them(client: PartnerClient, reference: str) -> None:
    for _ in range(3):
        client.reserve(reference=reference)
        client.reserve(reference="another")
    query = {"reference": reference, "status": "confirmed", "limit": "2"}

    first = client.get(LIST, query_string=query)
    following = next_url(first)

    assert following is not None
    rows = [*first.get_json()["reservations"], *listed(client, following)]
    assert references(rows) == [reference] * 3


def test_page_has_a_hundred_rows_unless_fewer_are_asked_for(client: PartnerClient) -> None:
    client.reserve_many(*[{"seats": 1}] * 100)
    client.reserve()

    found = pages_of_reservations(client, LIST)

    assert [len(page) for page in found] == [100, 1]


def test_cursor_is_the_place_of_the_last_row_that_is_known(history: PartnerClient) -> None:
    rows = listed(history, LIST)

    for known, row in enumerate(rows, 1):
        assert listed(history, f"{LIST}?cursor={row['createdVersion']}") == rows[known:]


def test_follower_of_the_list_gets_what_is_made_later_and_nothing_twice(
    client: PartnerClient,
) -> None:
    seen: list[str] = []
    cursor = 0
    for _ in range(4):
        client.cancel(client.reserved_id())
        client.reserve()
        rows = listed(client, f"{LIST}?cursor={cursor}&limit=1")
        seen += [row["reservationId"] for row in rows]
        cursor = rows[-1]["createdVersion"]

    assert seen == [row["reservationId"] for row in listed(client, LIST)]
    assert len(seen) == 8


@pytest.mark.parametrize("scanned", [1, 2, 3, 8, 9])
@pytest.mark.parametrize("query", ["", "status=held", "reference=confirmed", "partnerId=rival"])
def test_pages_may_be_short_or_empty_but_lead_to_every_row(
    history: PartnerClient, monkeypatch: pytest.MonkeyPatch, query: str, scanned: int
) -> None:
    whole = listed(history, f"{LIST}?{query}")
    # So that a filter that finds little does not read all of a large event for one answer.
    monkeypatch.setattr(reading, "ROWS_SCANNED_MAX", scanned)

    assert listed(history, f"{LIST}?{query}") == whole


def test_partner_sees_its_own_reservations_alone(keyed: Keyed) -> None:
    owner, rival = keyed.partner(), keyed.partner(RIVAL)
    own = [owner.reserved_id(), owner.held_id()]
    theirs = rival.reserve(reference="PO-1").get_json()["reservationId"]

    assert [row["reservationId"] for row in listed(owner, f"{LIST}?limit=1")] == own
    assert [row["reservationId"] for row in listed(rival, LIST)] == [theirs]
    assert listed(owner, f"{LIST}?reference=PO-1") == []
    assert len(listed(owner, f"{LIST}?partnerId=abc-corp")) == 2
    assert len(listed(keyed.operator(), LIST)) == 3
    assert len(listed(keyed.operator(), f"{LIST}?partnerId=rival")) == 1


def test_partner_that_names_another_is_told_so_and_sees_nothing(keyed: Keyed) -> None:
    owner, rival = keyed.partner(), keyed.partner(RIVAL)
    rival.reserve(reference="PO-1")

    for partner_id in (RIVAL, "nobody"):
        response = owner.get(f"{LIST}?partnerId={partner_id}&reference=PO-1")
        assert "reservations" not in problem(response, 403, "partner_mismatch")


def test_frozen_partner_may_still_read_its_list(keyed: Keyed) -> None:
    partner = keyed.partner()
    reservation_id = partner.reserved_id()
    keyed.desk.freeze("operator:cli", partner.partner_id, "keep")

    assert [row["reservationId"] for row in listed(partner, LIST)] == [reservation_id]


def test_list_of_an_event_is_for_keys_that_may_read_the_event(
    keyed: Keyed, create_event: CreateEventOf
) -> None:
    rehearsal = create_event("rehearsal", seats=5, is_test=True)
    tester = keyed.partner(is_test=True)
    tester.reserve(at=rehearsal)

    assert len(listed(tester, f"{rehearsal}/reservations")) == 1
    problem(tester.get(LIST), 403, "test_key")
    problem(keyed.partner().get(f"{rehearsal}/reservations"), 403, "test_key")
    problem(keyed.operator().get("/events/unknown/reservations"), 404, "event_not_found")


@pytest.mark.parametrize("answer_was_lost", [True, False])
def test_reference_tells_whether_a_call_without_an_answer_worked(
    keyed: Keyed, answer_was_lost: bool
) -> None:
    partner = keyed.partner()
    keyed.partner(RIVAL).reserve(2, reference="PO-4711")
    if answer_was_lost:
        partner.reserve(3, reference="PO-4711")

    rows = listed(partner, f"{LIST}?reference=PO-4711")

    assert [row["seats"] for row in rows] == ([3] if answer_was_lost else [])


@pytest.mark.parametrize("query", ["limit=0", "reference=", "status=gone", "cursor=x"])
def test_wrong_query_is_refused_before_anything_is_looked_for(keyed: Keyed, query: str) -> None:
    assert invalid_fields(keyed.partner().get(f"/events/unknown/reservations?{query}")) == [
        query.partition("=")[0]
    ]
