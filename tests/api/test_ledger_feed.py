"""The ledger as a feed: every version, for partners without what is others' business."""

from typing import Any

import pytest

from tests.api.conftest import CLOCK_START, ChangeEventOf, Clock, CreateEventOf
from tests.api.keyed import Keyed
from tests.api.partner import PARTNER_ID, PartnerClient, problem

EVENT = "/events/node-meetup-2025"
FEED = f"{EVENT}/ledger"
RIVAL = "rival-corp"
COMMON_MEMBERS = [
    "version",
    "kind",
    "at",
    "seats",
    "seatsBefore",
    "totalSeats",
    "availableSeats",
    "heldSeats",
    "reservationCount",
]
OWN_MEMBERS = ["reservationId", "partnerId", "reference", "expiresAt"]
EVENT_KINDS = {"event_created", "event_changed"}


def entries_of(client: PartnerClient, query: str = "", url: str = FEED) -> list[dict[str, Any]]:
    """One page of the feed, whose `next` is the version of its last entry."""
    response = client.get(f"{url}?{query}")
    assert response.status_code == 200, response.text
    assert response.headers["Cache-Control"] == "no-store"
    document = response.get_json()
    assert list(document) == ["entries", "next"]
    entries: list[dict[str, Any]] = document["entries"]
    if entries:
        assert document["next"] == entries[-1]["version"]
    return entries


def followed(client: PartnerClient, limit: int, url: str = FEED) -> list[dict[str, Any]]:
    """All entries, from page to page."""
    found = entries_of(client, f"limit={limit}", url)
    while page := entries_of(client, f"after={found[-1]['version']}&limit={limit}", url):
        found += page
    return found


def make_history(client: PartnerClient, partner_id: str) -> None:
    """Every kind of entry of a partner but an expiry: seven of them."""
    reserved = client.reserved_id(3, partner_id=partner_id)
    held = client.held_id(2, partner_id=partner_id, reference=f"{partner_id}'s order")
    client.change(held, holdSeconds=600)
    client.confirm(held)
    client.change(reserved, seats=1)
    client.cancel(reserved)
    client.cancel(client.held_id(1, partner_id=partner_id))


@pytest.fixture
def history(keyed: Keyed, keyed_clock: Clock, change_event: ChangeEventOf) -> Keyed:
    """A ledger with every kind of entry, of two partners and of an operator."""
    operator = keyed.operator()
    make_history(operator, PARTNER_ID)
    make_history(operator, RIVAL)
    operator.held_id(1, seconds=10, partner_id=RIVAL, reference="secret")
    operator.held_id(1, seconds=10)
    keyed_clock.move(10)
    change_event(total_seats=600, name="Another")
    return keyed


def test_feed_begins_with_the_creation_of_the_event(client: PartnerClient, clock: Clock) -> None:
    made = client.hold(2, reference="PO-1", seconds=60).get_json()

    created, held = entries_of(client)

    assert (created["version"], created["kind"], created["availableSeats"]) == (
        0,
        "event_created",
        500,
    )
    assert created["event"]["totalSeats"] == 500
    assert held == {
        "version": 1,
        "kind": "held",
        "at": CLOCK_START,
        "seats": 2,
        "seatsBefore": None,
        "totalSeats": 500,
        "availableSeats": 498,
        "heldSeats": 2,
        "reservationCount": 0,
        "actor": f"partner:{PARTNER_ID}",
        "reservationId": made["reservationId"],
        "partnerId": PARTNER_ID,
        "reference": "PO-1",
        "expiresAt": made["expiresAt"],
    }


def test_operators_see_all_of_every_entry(history: Keyed) -> None:
    operator = history.operator()

    entries = entries_of(operator)

    assert {entry["kind"] for entry in entries} == EVENT_KINDS | {
        *("reserved", "held", "confirmed", "changed", "hold_changed", "cancelled"),
        *("released", "expired"),
    }
    for entry in entries:
        event = ["event"] if entry["kind"] in EVENT_KINDS else []
        assert list(entry) == [*COMMON_MEMBERS, "actor", *OWN_MEMBERS, *event]
        assert (entry["partnerId"] is None) == (entry["kind"] in EVENT_KINDS)
        assert (entry["reservationId"] is None) == (entry["kind"] in EVENT_KINDS)


def test_partners_see_all_versions_and_of_others_no_ids(history: Keyed) -> None:
    all_of_it = entries_of(history.operator())
    for partner_id in (PARTNER_ID, RIVAL, "nobody"):
        entries = entries_of(history.partner(partner_id))

        assert [entry["version"] for entry in entries] == list(range(len(all_of_it)))
        for entry, whole in zip(entries, all_of_it, strict=True):
            own = OWN_MEMBERS if whole["partnerId"] == partner_id else []
            event = ["event"] if whole["kind"] in EVENT_KINDS else []
            assert list(entry) == [*COMMON_MEMBERS, *own, *event]
            assert entry == {name: whole[name] for name in entry}


def test_nothing_in_a_partners_feed_tells_who_the_others_are(history: Keyed) -> None:
    theirs = {
        entry["reservationId"]
        for entry in entries_of(history.operator())
        if entry["partnerId"] == RIVAL
    }

    text = history.partner().get(FEED).text

    assert len(theirs) == 4
    for secret in (RIVAL, "secret", "operator:", "actor", *theirs):
        assert secret not in text


def test_changes_of_seats_tell_how_many_there_were(history: Keyed) -> None:
    entries = entries_of(history.operator())

    changed = [(e["seats"], e["seatsBefore"]) for e in entries if e["kind"] == "changed"]
    assert changed == [(1, 3), (1, 3)]
    taken = 0
    for entry in entries[1:]:
        before = entries[entry["version"] - 1]
        if entry["kind"] not in EVENT_KINDS:
            taken += before["availableSeats"] - entry["availableSeats"]
        assert entry["availableSeats"] == entry["totalSeats"] - taken


def test_entries_on_the_event_have_the_event_as_they_left_it(history: Keyed) -> None:
    operator = history.operator()

    for entry in entries_of(operator):
        if entry["kind"] in EVENT_KINDS:
            url = f"{EVENT}?at={entry['version']}"
            assert entry["event"] == operator.get(url).get_json()


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_have_no_gap_between_them(history: Keyed, limit: int) -> None:
    partner = history.partner()

    assert followed(partner, limit) == entries_of(partner)


def test_page_has_a_hundred_entries_unless_fewer_are_asked_for(client: PartnerClient) -> None:
    client.reserve_many(*[{"seats": 1}] * 100)

    assert [entry["version"] for entry in entries_of(client)] == list(range(100))
    assert [entry["version"] for entry in entries_of(client, "after=99")] == [100]
    assert len(followed(client, 100)) == 101


@pytest.mark.parametrize(("after", "versions"), [("0", [1, 2]), ("1", [2]), ("2", [])])
def test_feed_goes_on_behind_a_version(
    client: PartnerClient, after: str, versions: list[int]
) -> None:
    client.cancel(client.reserved_id())

    document = client.get(f"{FEED}?after={after}").get_json()

    assert [entry["version"] for entry in document["entries"]] == versions
    assert document["next"] == 2


@pytest.mark.parametrize("after", [7, 1_000])
def test_version_that_is_still_to_come_is_waited_for_by_the_client(
    client: PartnerClient, after: int
) -> None:
    assert client.get(f"{FEED}?after={after}").get_json() == {"entries": [], "next": after}


def test_entries_of_a_bulk_tell_nothing_of_its_other_outcomes(client: PartnerClient) -> None:
    client.reserve_many({"seats": 11}, {"seats": 1}, {"seats": 2}, key="bulk-1")

    entries = entries_of(client, "after=0")

    assert [list(entry) for entry in entries] == [[*COMMON_MEMBERS, "actor", *OWN_MEMBERS]] * 2
    assert "bulk" not in client.get(FEED).text


def test_feed_is_for_keys_that_may_read_the_event(
    keyed: Keyed, create_event: CreateEventOf
) -> None:
    rehearsal = create_event("rehearsal", seats=5, is_test=True)

    assert len(entries_of(keyed.partner(is_test=True), url=f"{rehearsal}/ledger")) == 1
    problem(keyed.partner(is_test=True).get(FEED), 403, "test_key")
    problem(keyed.operator().get(f"{rehearsal}/ledger"), 403, "test_key")
    problem(keyed.partner().get("/events/unknown/ledger"), 404, "event_not_found")
    problem(keyed.nobody().get(FEED), 401, "key_required")


def test_frozen_partner_may_follow_the_feed(keyed: Keyed) -> None:
    partner = keyed.partner()
    reservation_id = partner.reserved_id()
    keyed.desk.freeze("operator:cli", PARTNER_ID, "keep")

    assert entries_of(partner)[1]["reservationId"] == reservation_id
