"""Snapshots and the plain reads."""

import time

import pytest

from tests.contract.backends import write
from tests.contract.partners import freeze
from tests.unit.examples import EVENT_ID, cancel, create_event, reserve
from ticketboss.domain.ledger import EventState
from ticketboss.domain.refusals import PartnerFrozen
from ticketboss.domain.reservations import PartnerTotals
from ticketboss.engine.answers import Accepted, CommandRefused
from ticketboss.engine.plan import make_plan
from ticketboss.repository.interface import Repository


@pytest.fixture
def busy(repository: Repository) -> Repository:
    """The event after 4 reservations of 3 partners, one of them cancelled: version 5."""
    write(
        repository,
        reserve(1, "r1", key="k1"),
        reserve(2, "r2", partner_id="xyz-corp", key="k1"),
        reserve(3, "r3", partner_id="xyz-corp"),
        reserve(4, "r4", partner_id="m"),
    )
    write(repository, cancel("r2", key="k2"))
    return repository


def test_the_snapshot_of_an_unknown_event_is_empty(repository: Repository) -> None:
    snapshot = repository.snapshot("unknown", [reserve(1, event_id="unknown", key="k")])
    assert snapshot.state == EventState()


def test_a_partner_that_is_frozen_is_so_for_what_comes_with_the_creation_of_an_event(
    repository: Repository,
) -> None:
    """One batch may create an event and reserve on it: the simulator has found that."""
    freeze(repository, "xyz-corp")
    commands = [
        create_event(event_id="unknown"),
        reserve(1, "r1", event_id="unknown", partner_id="xyz-corp"),
        reserve(1, "r2", event_id="unknown", partner_id="m"),
    ]
    plan = make_plan(repository.snapshot("unknown", commands), commands)
    created, refused, accepted = plan.answers
    assert isinstance(created, Accepted)
    assert isinstance(refused, CommandRefused)
    assert refused.refusal == PartnerFrozen()
    assert isinstance(accepted, Accepted)


def test_a_snapshot_tells_the_time(repository: Repository) -> None:
    before = time.time_ns() // 1_000_000
    now = repository.snapshot(EVENT_ID, [reserve()]).now
    # A database may have its own clock: it only has to be about the same.
    assert abs(now - before) < 60_000


def test_a_snapshot_has_the_event_and_only_what_the_commands_name(busy: Repository) -> None:
    state = busy.snapshot(EVENT_ID, [reserve(1, "r9", partner_id="m")]).state
    assert state == EventState(busy.event(EVENT_ID), partners={"m": PartnerTotals(4, 0)})


def test_a_snapshot_has_the_reservation_and_its_partner_for_a_cancellation(
    busy: Repository,
) -> None:
    state = busy.snapshot(EVENT_ID, [cancel("r3")]).state
    assert state.reservations == {"r3": busy.reservation(EVENT_ID, "r3")}
    assert state.partners == {"xyz-corp": PartnerTotals(3, 0)}
    assert state.keys == {}


def test_a_snapshot_has_the_entries_under_the_keys_of_the_right_partners(busy: Repository) -> None:
    ledger = busy.ledger(EVENT_ID, -1, 100)
    commands = [reserve(9, "r9", key="k1"), cancel("r3", key="k2"), cancel("r4", key="k1")]
    assert busy.snapshot(EVENT_ID, commands).state.keys == {
        ("partner:abc-corp", "k1"): ledger[1],
        ("partner:xyz-corp", "k2"): ledger[5],
    }


def test_a_snapshot_is_right_for_many_commands_at_once(busy: Repository) -> None:
    commands = [
        *(reserve(1, f"new{n}", partner_id=f"p{n}", key=f"key{n}") for n in range(250)),
        *(cancel(f"r{n}") for n in range(6)),
    ]
    state = busy.snapshot(EVENT_ID, commands).state
    assert set(state.reservations) == {"r1", "r2", "r3", "r4"}
    assert state.partners == {
        "abc-corp": PartnerTotals(1, 0),
        "xyz-corp": PartnerTotals(3, 0),
        "m": PartnerTotals(4, 0),
        **{f"p{n}": PartnerTotals(0, 0) for n in range(250)},
    }
    assert state.keys == {}


@pytest.mark.parametrize("odd", ["quo'te", 'quo"te', "back\\slash", "$[0]", "null", "1", "[]"])
def test_keys_and_ids_are_never_mistaken_for_something_else(
    repository: Repository, odd: str
) -> None:
    (entry,) = write(repository, reserve(1, odd, partner_id=odd, key=odd)).entries
    state = repository.snapshot(EVENT_ID, [cancel(odd, key=odd)]).state
    assert list(state.reservations) == [odd]
    assert state.keys == {(f"partner:{odd}", odd): entry}
    assert state.partners == {odd: PartnerTotals(1, 0)}


def test_an_event_that_is_not_there_is_none(repository: Repository) -> None:
    assert repository.event("unknown") is None
    assert repository.totals("unknown") is None
    assert repository.ledger("unknown", -1, 10) == []


def test_events_come_in_pages_in_the_order_of_their_ids(repository: Repository) -> None:
    ids = ["B", "a", "b", "1", "_", "a.1", "a-1", "a:1", "Z9"]
    for event_id in ids:
        write(repository, create_event(event_id=event_id))
    ids.append(EVENT_ID)
    pages: list[list[str]] = []
    after_event_id = ""
    while page := [event.event_id for event in repository.events(after_event_id, 3)]:
        pages.append(page)
        after_event_id = page[-1]
    assert [len(page) for page in pages] == [3, 3, 3, 1]
    assert [event_id for page in pages for event_id in page] == sorted(ids)


def test_only_test_events_are_listed_or_only_the_others(repository: Repository) -> None:
    for number in range(6):
        write(repository, create_event(event_id=f"e{number}", is_test=number % 2 == 0))

    def listed(after_event_id: str, limit: int, is_test: bool | None) -> list[str]:
        found = repository.events(after_event_id, limit, is_test)
        return [event.event_id for event in found]

    assert listed("", 10, is_test=True) == ["e0", "e2", "e4"]
    assert listed("", 10, is_test=False) == ["drop", "e1", "e3", "e5"]
    assert len(listed("", 10, is_test=None)) == 7
    # A page is full although events of the other kind stand between.
    assert listed("", 2, is_test=True) == ["e0", "e2"]
    assert listed("e2", 2, is_test=True) == ["e4"]


def test_listed_events_are_whole(busy: Repository) -> None:
    assert busy.events("", 10) == [busy.event(EVENT_ID)]


def test_a_reservation_of_another_event_is_not_found(busy: Repository) -> None:
    write(busy, create_event(event_id="another"))
    assert busy.reservation("another", "r1") is None
    assert busy.reservations("another", ["r1", "r2"]) == []
    assert busy.snapshot("another", [cancel("r1", event_id="another")]).state.reservations == {}


def test_of_named_reservations_those_that_exist_are_given_once(busy: Repository) -> None:
    found = busy.reservations(EVENT_ID, ["r1", "r2", "r1", "unknown"])
    assert sorted(row.reservation_id for row in found) == ["r1", "r2"]
    assert all(row == busy.reservation(EVENT_ID, row.reservation_id) for row in found)
    assert busy.reservations(EVENT_ID, []) == []
    assert busy.reservation(EVENT_ID, "unknown") is None


@pytest.mark.parametrize(("version", "made"), [(-1, 0), (0, 0), (1, 1), (3, 3), (4, 4), (5, 4)])
def test_reservations_are_counted_by_the_version_that_made_them(
    busy: Repository, version: int, made: int
) -> None:
    assert busy.reservations_created(EVENT_ID, version) == made


def test_the_ledger_comes_in_pages_in_version_order(busy: Repository) -> None:
    def versions(after_version: int, limit: int) -> list[int]:
        return [entry.version for entry in busy.ledger(EVENT_ID, after_version, limit)]

    assert versions(-1, 100) == [0, 1, 2, 3, 4, 5]
    assert versions(-1, 2) == [0, 1]
    assert versions(1, 2) == [2, 3]
    assert versions(4, 2) == [5]
    assert versions(5, 2) == []


def test_a_ledger_has_the_entries_of_its_own_event_only(busy: Repository) -> None:
    write(busy, create_event(event_id="another"))
    assert [entry.event_id for entry in busy.ledger("another", -1, 10)] == ["another"]
    assert {entry.event_id for entry in busy.ledger(EVENT_ID, -1, 10)} == {EVENT_ID}


def test_totals_are_the_event_and_the_live_seats_of_each_partner(busy: Repository) -> None:
    write(busy, cancel("r4"))
    totals = busy.totals(EVENT_ID)
    assert totals is not None
    event, partners = totals
    assert event == busy.event(EVENT_ID)
    assert partners == {
        "abc-corp": PartnerTotals(1, 0),
        "xyz-corp": PartnerTotals(3, 0),
        "m": PartnerTotals(0, 0),
    }


def test_a_closed_repository_opens_again_when_it_is_used(busy: Repository) -> None:
    before = busy.event(EVENT_ID)
    busy.close()
    assert busy.event(EVENT_ID) == before
