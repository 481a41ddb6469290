"""Whatever is asked in whatever order: what must hold of every history."""

import copy
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.examples import NOW, cancel, create_event, reserve
from ticketboss.domain.commands import Cancel, Command, CreateEvent, Reserve
from ticketboss.domain.decide import decide
from ticketboss.domain.decisions import Decision, Replay
from ticketboss.domain.ledger import EventState, LedgerEntry, replay
from ticketboss.domain.refusals import IdempotencyKeyReused, Refusal

SEATS_MAX = 10
# Few of each, so that they meet often.
keys = st.none() | st.sampled_from(["k1", "k2", "k3"])
versions = st.none() | st.frozensets(st.integers(0, 8), max_size=2)
reservation_numbers = st.integers(0, 15)
partner_ids = st.sampled_from(["abc-corp", "xyz-corp", "m"])

reservings = st.builds(
    reserve,
    seats=st.integers(1, SEATS_MAX + 2),
    partner_id=partner_ids,
    reference=st.none() | st.just("PO 4711"),
    key=keys,
    expected_versions=versions,
)
cancellings = st.builds(
    cancel,
    reservation_id=reservation_numbers.map("r{}".format),
    key=keys,
    expected_versions=versions,
)
creations = st.builds(create_event, total_seats=st.integers(1, 50)).flatmap(
    lambda command: keys.map(lambda key: replace(command, idempotency_key=key))
)


@dataclass(frozen=True)
class Step:
    """One command of a history, with the states around it."""

    before: EventState
    command: Command
    decision: Decision
    after: EventState


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    """Decide a random list of commands one after the other, as the engine would."""
    commands: list[Command] = draw(st.lists(reservings | cancellings | creations, max_size=40))
    if draw(st.booleans()):
        commands.insert(0, draw(creations))
    state = EventState()
    steps = []
    for number, asked in enumerate(commands):
        # Every attempt to reserve has an id of its own, freshly minted.
        minted: dict[str, Any] = (
            {"reservation_id": f"r{number}"} if isinstance(asked, Reserve) else {}
        )
        command = replace(asked, **minted)
        before = copy.deepcopy(state)
        decision = decide(state, command, NOW + number)
        assert state == before, "decide() must not touch the state"
        for entry in decision if isinstance(decision, tuple) else ():
            state.apply(entry)
        steps.append(Step(before, command, decision, copy.deepcopy(state)))
    return steps


def _entries(steps: list[Step]) -> list[LedgerEntry]:
    return [entry for step in steps if isinstance(step.decision, tuple) for entry in step.decision]


every_history = settings(deadline=None, max_examples=200)


@every_history
@given(histories())
def test_no_counter_is_ever_negative_and_seats_are_conserved(steps: list[Step]) -> None:
    for step in steps:
        event = step.after.event
        if event is None:
            continue
        live = [row for row in step.after.reservations.values() if row.status == "confirmed"]
        assert event.available_seats >= 0
        assert event.held_seats == 0
        assert sum(row.seats for row in live) + event.available_seats == event.total_seats
        assert event.reserved_seats == sum(row.seats for row in live)
        assert event.reservation_count == len(live)


@every_history
@given(histories())
def test_partners_have_the_seats_of_their_live_reservations_and_no_holds(steps: list[Step]) -> None:
    for step in steps:
        live: Counter[str] = Counter()
        for row in step.after.reservations.values():
            live[row.partner_id] += row.seats if row.is_live else 0
        totals = step.after.partners
        assert Counter({id_: row.seats_taken for id_, row in totals.items()}) == live
        assert all(row.open_holds == 0 for row in totals.values())


@every_history
@given(histories())
def test_every_entry_raises_the_version_by_one_and_tells_the_counters(steps: list[Step]) -> None:
    for step in steps:
        if not isinstance(step.decision, tuple):
            continue
        (entry,) = step.decision
        event = step.after.event
        assert event is not None
        version_before = -1 if step.before.event is None else step.before.event.version
        assert entry.version == version_before + 1 == event.version
        assert (entry.total_seats, entry.available_seats) == (
            event.total_seats,
            event.available_seats,
        )
        assert (entry.held_seats, entry.reservation_count) == (
            event.held_seats,
            event.reservation_count,
        )
    assert [entry.version for entry in _entries(steps)] == list(range(len(_entries(steps))))


@every_history
@given(histories())
def test_replaying_the_ledger_gives_the_state(steps: list[Step]) -> None:
    state = steps[-1].after if steps else EventState()
    assert replay(_entries(steps)) == state


@every_history
@given(histories())
def test_a_cancelled_reservation_gives_its_own_seats_back_once(steps: list[Step]) -> None:
    taken: dict[str | None, int] = {}
    returned: dict[str | None, int] = {}
    for entry in _entries(steps):
        if entry.kind == "reserved":
            assert entry.reservation_id not in taken
            taken[entry.reservation_id] = entry.seats
        elif entry.kind == "cancelled":
            assert entry.reservation_id not in returned
            returned[entry.reservation_id] = entry.seats
    assert returned == {id_: taken[id_] for id_ in returned}


@every_history
@given(histories())
def test_a_key_has_one_effect_and_one_answer(steps: list[Step]) -> None:
    first: dict[tuple[str, str], LedgerEntry] = {}
    for step in steps:
        name = _scoped_key(step)
        if name in first:
            same = first[name].request_hash == step.command.request_hash()
            expected = Replay(first[name]) if same else IdempotencyKeyReused()
            assert step.decision == expected
        elif name is not None and isinstance(step.decision, tuple):
            first[name] = step.decision[0]


@every_history
@given(histories())
def test_refusals_and_replays_change_nothing(steps: list[Step]) -> None:
    for step in steps:
        if isinstance(step.decision, Refusal | Replay):
            assert step.after == step.before
        else:
            assert step.after != step.before


@every_history
@given(histories())
def test_a_reservation_is_refused_only_for_a_reason_that_holds(steps: list[Step]) -> None:
    for step in steps:
        event, command = step.before.event, step.command
        if event is None or not isinstance(command, Reserve) or command.idempotency_key:
            continue
        expected = command.expected_versions
        fits = command.seats <= min(event.available_seats, SEATS_MAX)
        holds = expected is None or event.version in expected
        assert isinstance(step.decision, tuple) == (fits and holds)


def _scoped_key(step: Step) -> tuple[str, str] | None:
    """The partner and the key under which a step's command is known, if both are."""
    key, command = step.command.idempotency_key, step.command
    if key is None or step.before.event is None:
        return None
    match command:
        case Reserve():
            return command.partner_id, key
        case Cancel() if command.reservation_id in step.before.reservations:
            return step.before.reservations[command.reservation_id].partner_id, key
        case Cancel() | CreateEvent():
            return None
        case _:
            raise AssertionError(f"an unexpected command: {command}")
