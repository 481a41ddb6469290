"""What is due ends before the batch is decided, in the same plan."""

import pytest

from tests.unit.examples import (
    NOW,
    after,
    cancel,
    change_event,
    confirm,
    create_event,
    hold,
    reserve,
    sweep,
)
from ticketboss.domain.commands import Command
from ticketboss.domain.ledger import EventState
from ticketboss.domain.refusals import HoldExpired, NotEnoughSeats, TooManySeats
from ticketboss.domain.reservations import PartnerTotals
from ticketboss.engine import plan as planning
from ticketboss.engine.answers import Accepted, AlreadySo, CommandRefused
from ticketboss.engine.plan import Plan, make_plan
from ticketboss.repository.interface import Changes, Snapshot

EXPIRY = NOW + 60_000


def _full() -> EventState:
    """Two seats of each of two partners, held for a minute, and none left; both are due."""
    state = after(create_event(4), hold(2, "h1"), hold(2, "h2", partner_id="m"))
    state.due = ["h1", "h2"]
    return state


def _plan(state: EventState, *commands: Command, now: int = EXPIRY) -> Plan:
    return make_plan(Snapshot(state, now), commands)


def _changes(plan: Plan) -> Changes:
    assert plan.changes is not None
    return plan.changes


def test_seats_of_overdue_holds_go_to_the_next_who_asks() -> None:
    plan = _plan(_full(), reserve(4, "r1"))
    changes = _changes(plan)
    assert [entry.kind for entry in changes.entries] == ["expired", "expired", "reserved"]
    assert [entry.version for entry in changes.entries] == [3, 4, 5]
    assert (changes.version_read, changes.event.available_seats) == (2, 0)
    (answer,) = plan.answers
    assert isinstance(answer, Accepted)
    assert answer.entry.version == 5


def test_due_holds_are_written_on_their_own_versions_with_their_partners() -> None:
    changes = _changes(_plan(_full()))
    read = {row.reservation.reservation_id: row.version_read for row in changes.reservations}
    assert read == {"h1": 1, "h2": 2}
    assert {row.reservation.status for row in changes.reservations} == {"expired"}
    assert changes.partners == {"abc-corp": PartnerTotals(0, 0), "m": PartnerTotals(0, 0)}


def test_an_overdue_hold_is_confirmed_by_nobody_in_the_same_batch() -> None:
    plan = _plan(_full(), confirm("h1"), cancel("h2"))
    for answer in plan.answers:
        assert isinstance(answer, CommandRefused)
        assert (answer.refusal, answer.version) == (HoldExpired(), 4)
    assert [entry.kind for entry in _changes(plan).entries] == ["expired", "expired"]


def test_a_refusal_is_given_when_the_due_seats_do_not_suffice() -> None:
    (answer,) = _plan(_full(), reserve(5, "r1")).answers
    assert isinstance(answer, CommandRefused)
    assert (answer.refusal, answer.version) == (NotEnoughSeats(5, 4, 0, None), 4)


@pytest.mark.parametrize("page", [2, 3], ids=["full", "not full"])
def test_behind_a_full_page_of_what_is_due_nobody_is_refused_what_may_pass_or_gets_a_part(
    monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(planning, "DUE_MAX", page)
    part, too_many, all_left, one = _plan(
        _full(),
        reserve(3, "r1", min_seats=1),
        reserve(11, "r2"),
        reserve(5, "r3"),
        reserve(1, "r4"),
    ).answers
    assert isinstance(too_many, CommandRefused)
    assert too_many.refusal == TooManySeats(11, 10), "more seats would not help"
    assert isinstance(one, Accepted)
    if page == 2:
        assert (part, all_left) == (None, None)
    else:
        assert isinstance(part, Accepted)
        assert isinstance(all_left, CommandRefused)


def test_a_claim_that_is_named_twice_as_due_ends_once() -> None:
    state = _full()
    state.due = ["h1", "h1", "h2", "h1"]
    changes = _changes(_plan(state))
    assert [entry.reservation_id for entry in changes.entries] == ["h1", "h2"]
    assert changes.event.available_seats == 4


def test_a_sweep_ends_what_is_due_and_is_answered_with_the_version_after_it() -> None:
    plan = _plan(_full(), sweep())
    assert plan.answers == [AlreadySo(version=4, entry_version=4)]
    assert len(_changes(plan).entries) == 2


def test_a_sweep_with_nothing_due_writes_nothing() -> None:
    plan = _plan(after(create_event(4), hold(2)), sweep(), now=NOW)
    assert plan.changes is None
    assert plan.answers == [AlreadySo(version=1, entry_version=1)]


def test_the_claims_of_a_cancelled_event_end_as_what_they_are() -> None:
    state = after(
        create_event(9),
        reserve(3, "r1", partner_id="m"),
        hold(2, "h1"),
        hold(2, "h2", hold_seconds=600),
        change_event(cancelled=True),
    )
    state.due = ["r1", "h1", "h2"]
    changes = _changes(_plan(state, sweep()))
    assert [entry.kind for entry in changes.entries] == ["cancelled", "expired", "released"]
    assert {entry.actor for entry in changes.entries} == {"system"}
    assert (changes.event.available_seats, changes.event.reservation_count) == (9, 0)


def test_a_command_that_finds_all_as_asked_is_told_both_versions() -> None:
    state = after(create_event(4), reserve(2, "r1"), reserve(1, "r2"))
    plan = _plan(state, confirm("r1"), now=NOW)
    assert plan.changes is None
    assert plan.answers == [AlreadySo(version=2, entry_version=1)]


def test_a_confirmation_repeated_within_a_batch_names_the_entry_that_did_it() -> None:
    plan = _plan(after(create_event(4), hold(2)), confirm(), confirm(), reserve(1, "r2"), now=NOW)
    first, second, third = plan.answers
    assert isinstance(first, Accepted)
    assert second == AlreadySo(version=2, entry_version=2)
    assert isinstance(third, Accepted)
    assert [entry.kind for entry in _changes(plan).entries] == ["confirmed", "reserved"]


def test_a_refusal_knows_of_the_holds_that_its_own_batch_has_made() -> None:
    plan = _plan(after(create_event(4)), hold(4), reserve(1, "r2"), now=NOW)
    refused = plan.answers[1]
    assert isinstance(refused, CommandRefused)
    assert refused.refusal == NotEnoughSeats(1, 0, held_seats=4, next_hold_expires_at=EXPIRY)
