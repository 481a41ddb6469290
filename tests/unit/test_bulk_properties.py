"""A bulk is its items decided one after the other, whatever they are; and its ledger replays."""

import copy
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.bulks import Outcome, bulk, item, one_by_one
from tests.unit.examples import NOW, after, change_event, create_event, then
from ticketboss.domain.commands import Command, CreateEvent, ReserveMany
from ticketboss.domain.decide import decide
from ticketboss.domain.decisions import Decision, Replay
from ticketboss.domain.ledger import EventState, LedgerEntry, replay
from ticketboss.domain.refusals import (
    BulkRefused,
    IdempotencyKeyReused,
    PartnerFrozen,
    Refusal,
    SalePaused,
)

PARTNERS = ("abc-corp", "m")
# Small numbers, so that every limit is met often.
events = st.builds(
    create_event,
    total_seats=st.integers(1, 25),
    seats_per_reservation_max=st.integers(2, 6),
    seats_per_partner_max=st.none() | st.integers(1, 15),
    open_holds_per_partner_max=st.integers(0, 3),
    hold_seconds_total_max=st.just(60),
)
wishes = st.fixed_dictionaries(
    {
        "seats": st.integers(1, 7),
        "min_seats": st.none() | st.integers(1, 4),
        "hold_seconds": st.none() | st.sampled_from([30, 60, 61]),
        "reference": st.none() | st.just("PO 1"),
    }
)


@st.composite
def bulks(draw: st.DrawFn, name: str) -> ReserveMany:
    """One bulk; its ids begin with `name`."""
    partner_id = draw(st.sampled_from(PARTNERS))
    wanted: list[dict[str, Any]] = draw(st.lists(wishes, min_size=1, max_size=8))
    items = [
        replace(item(number, partner_id=partner_id, **wish), reservation_id=f"{name}-{number}")
        for number, wish in enumerate(wanted)
    ]
    return bulk(
        *items,
        partner_id=partner_id,
        atomic=draw(st.booleans()),
        idempotency_key=draw(st.none() | st.sampled_from(["k1", "k2"])),
    )


@st.composite
def states(draw: st.DrawFn) -> EventState:
    """An event that somebody has already bought from, perhaps in a pause or with one frozen."""
    state = after(draw(events))
    one_by_one(state, draw(bulks("earlier")), NOW)
    if draw(st.sampled_from([False] * 5 + [True])):
        then(state, change_event(paused=True))
    state.frozen = frozenset(draw(st.sampled_from([[]] * 5 + [["m"]])))
    return state


histories = st.integers(0, 6).flatmap(
    lambda count: st.tuples(*(bulks(f"bulk{number}") for number in range(count)))
)


def _entries_without_outcomes(entries: tuple[LedgerEntry, ...]) -> list[LedgerEntry]:
    first, *others = entries
    detail = {name: value for name, value in first.detail.items() if name != "bulk"}
    bare = first._replace(detail=detail, idempotency_key=None, request_hash=None)
    return [bare, *others]


every_bulk = settings(deadline=None, max_examples=300)


@every_bulk
@given(states(), bulks("new"), st.integers(0, 5_000))
def test_a_bulk_is_its_items_decided_one_after_the_other(
    state: EventState, command: ReserveMany, later: int
) -> None:
    before = copy.deepcopy(state)
    decision = decide(state, command, NOW + later)
    assert state == before
    entries, outcomes = one_by_one(state, command, NOW + later)
    accepted = outcomes.count(None)
    if accepted == 0 or (command.atomic and accepted < len(outcomes)):
        as_a_whole = _refused_as_a_whole(before, command)
        assert decision == (as_a_whole or BulkRefused(_without_its_holds(outcomes, before)))
        return
    assert isinstance(decision, tuple)
    assert _entries_without_outcomes(decision) == entries
    _assert_first_tells_all(decision, command, outcomes)
    assert before.event is not None
    begin = before.event.version + 1
    assert [entry.version for entry in decision] == list(range(begin, begin + accepted))


def _refused_as_a_whole(before: EventState, command: ReserveMany) -> Refusal | None:
    assert before.event is not None
    if command.partner_id in before.frozen:
        return PartnerFrozen()
    return SalePaused() if before.event.paused else None


def _without_its_holds(outcomes: list[Outcome], before: EventState) -> tuple[Outcome, ...]:
    """What the items are told, but for the holds that a refused bulk has not made."""
    assert before.event is not None
    held = before.event.held_seats
    expires_at = before.next_hold_expires_at if held else None
    for outcome in outcomes:
        if outcome and outcome["code"] == "not_enough_seats":
            outcome["facts"] |= {"held_seats": held, "next_hold_expires_at": expires_at}
    return tuple(outcomes)


def _assert_first_tells_all(
    decision: tuple[LedgerEntry, ...], command: ReserveMany, outcomes: list[Outcome]
) -> None:
    first, *others = decision
    assert first.detail["bulk"] == outcomes
    assert first.idempotency_key == command.idempotency_key
    assert (first.request_hash is None) == (command.idempotency_key is None)
    assert all("bulk" not in entry.detail for entry in others)
    assert all(entry.idempotency_key is None for entry in others)


@every_bulk
@given(events, histories)
def test_the_replay_of_a_ledger_with_bulks_gives_the_counters(
    create: CreateEvent, asked: tuple[ReserveMany, ...]
) -> None:
    state = EventState()
    ledger: list[LedgerEntry] = []
    answered: dict[tuple[str, str], LedgerEntry] = {}
    for step, command in enumerate([create, *asked]):
        decision = decide(state, command, NOW + step * 1_000)
        for entry in decision if isinstance(decision, tuple) else ():
            state.apply(entry)
            ledger.append(entry)
        _assert_one_effect(answered, command, decision)
    assert replay(ledger) == state
    assert [entry.version for entry in ledger] == list(range(len(ledger)))
    _assert_counted(state)


def _assert_one_effect(
    answered: dict[tuple[str, str], LedgerEntry], command: Command, decision: Decision
) -> None:
    """A key stands for the first bulk that was accepted under it, and for no other."""
    name = (command.actor_among({}) or "", command.idempotency_key or "")
    if isinstance(decision, tuple) and name[1]:
        assert name not in answered
        answered[name] = decision[0]
    elif name in answered:
        same = answered[name].request_hash == command.request_hash()
        assert decision == (Replay(answered[name]) if same else IdempotencyKeyReused())


def _assert_counted(state: EventState) -> None:
    """The counters, by the reservations alone."""
    event, rows = state.event, state.reservations.values()
    assert event is not None
    held = [row for row in rows if row.status == "held"]
    confirmed = [row for row in rows if row.status == "confirmed"]
    assert event.held_seats == sum(row.seats for row in held)
    assert event.reserved_seats == sum(row.seats for row in confirmed)
    assert event.reservation_count == len(confirmed)
    assert event.available_seats >= 0
    for partner_id, totals in state.partners.items():
        mine = [row for row in rows if row.partner_id == partner_id]
        assert totals.seats_taken == sum(row.seats for row in mine)
        assert totals.open_holds == sum(row.status == "held" for row in mine)
        if event.seats_per_partner_max is not None:
            assert totals.seats_taken <= event.seats_per_partner_max
        assert totals.open_holds <= event.open_holds_per_partner_max
