"""What must end: overdue holds, the claims of cancelled events, the holds of frozen partners."""

import time

import pytest

from tests.contract.backends import within, write
from tests.contract.partners import freeze
from tests.unit.examples import (
    EVENT_ID,
    cancel,
    change,
    change_event,
    confirm,
    create_event,
    hold,
    reserve,
    sweep,
)
from ticketboss.domain.commands import Command
from ticketboss.domain.ledger import EventState
from ticketboss.domain.reservations import PartnerTotals
from ticketboss.repository.interface import DUE_MAX, Repository

HOUR_MS = 3_600_000


class Clock:
    """The time of the repositories under test, moved by hand."""

    def __init__(self) -> None:
        self.now = time.time_ns() // 1_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(repository, "_clock", clock)
    return clock


def _state(repository: Repository, *commands: Command) -> EventState:
    return repository.snapshot(EVENT_ID, commands).state


def _due(repository: Repository, clock: Clock) -> list[str]:
    return repository.events_due(clock.now, 10)


def test_the_time_of_decisions_is_the_time_of_snapshots(
    repository: Repository, clock: Clock
) -> None:
    assert repository.now() == clock.now
    assert repository.snapshot(EVENT_ID, [reserve()]).now == clock.now
    times: list[int] = []
    repository.exclusive(
        EVENT_ID, lambda it: times.append(it.snapshot(EVENT_ID, [reserve()]).now), within()
    )
    assert times == [clock.now]


def test_the_time_is_about_now(repository: Repository) -> None:
    assert abs(repository.now() - time.time_ns() // 1_000_000) < 60_000


def test_a_hold_is_stored_with_its_expiry_and_without_it_when_it_ended(
    repository: Repository, clock: Clock
) -> None:
    write(repository, hold(2, "h1"), hold(2, "h2"), hold(2, "h3", reference="PO 4711"))
    held = repository.reservation(EVENT_ID, "h3")
    assert held is not None
    assert (held.status, held.expires_at, held.reference) == ("held", clock.now + 60_000, "PO 4711")
    write(repository, confirm("h1"), cancel("h2"), change("h3", 3, hold_seconds=90))
    rows = [repository.reservation(EVENT_ID, id_) for id_ in ("h1", "h2", "h3")]
    stored = [(row.status, row.seats, row.expires_at) for row in rows if row]
    assert stored == [
        ("confirmed", 2, None),
        ("cancelled", 2, None),
        ("held", 3, clock.now + 90_000),
    ]


def test_a_snapshot_names_overdue_holds_the_oldest_first_from_their_last_millisecond_on(
    repository: Repository, clock: Clock
) -> None:
    for id_, seconds in (("h3", 30), ("h1", 10), ("h2", 20), ("h4", 40)):
        write(repository, hold(1, id_, hold_seconds=seconds, partner_id=f"of-{id_}"))
    clock.now += 30_000 - 1
    assert _state(repository, reserve()).due == ["h1", "h2"]
    clock.now += 1
    state = _state(repository, reserve(1, "r9", partner_id="m"))
    assert state.due == ["h1", "h2", "h3"]
    assert set(state.reservations) == {"h1", "h2", "h3"}
    assert state.reservations["h2"] == repository.reservation(EVENT_ID, "h2")
    of_due = {f"of-{id_}": PartnerTotals(1, 1) for id_ in state.due}
    assert state.partners == {"m": PartnerTotals(0, 0)} | of_due


def test_what_ended_is_not_due(repository: Repository, clock: Clock) -> None:
    write(repository, hold(1, "h1"), hold(1, "h2"), reserve(1, "r1"))
    write(repository, confirm("h1"), cancel("h2"))
    clock.now += HOUR_MS
    assert _state(repository, reserve()).due == []
    assert _state(repository, sweep()).due == []
    assert _due(repository, clock) == []


def test_a_snapshot_names_a_bounded_number_of_due_holds(
    repository: Repository, clock: Clock
) -> None:
    write(repository, change_event(open_holds_per_partner_max=10_000))
    write(repository, *(hold(1, f"h{number}") for number in range(DUE_MAX + 1)))
    clock.now += HOUR_MS
    assert len(_state(repository, reserve()).due) == DUE_MAX
    write(repository, change_event(cancelled=True))
    assert len(set(_state(repository, sweep()).due)) <= DUE_MAX


def test_another_events_holds_are_not_due_here(repository: Repository, clock: Clock) -> None:
    write(repository, create_event(5, event_id="another"))
    write(repository, hold(1, "h1", event_id="another"))
    clock.now += HOUR_MS
    assert _state(repository, reserve()).due == []
    assert _due(repository, clock) == ["another"]


def test_a_snapshot_knows_when_the_next_hold_runs_out(repository: Repository, clock: Clock) -> None:
    assert _state(repository, reserve()).next_hold_expires_at is None
    start = clock.now
    write(repository, hold(1, "h1", hold_seconds=20), hold(1, "h2", hold_seconds=10))
    assert _state(repository, reserve()).next_hold_expires_at == start + 10_000
    clock.now += 10_000
    # The overdue one is no longer something to wait for.
    assert _state(repository, reserve()).next_hold_expires_at == start + 20_000
    clock.now += 10_000
    assert _state(repository, reserve()).next_hold_expires_at is None


def test_a_snapshot_tells_totals_and_freezing_of_the_partners_in_question(
    repository: Repository, clock: Clock
) -> None:
    write(repository, hold(2, "h1"), reserve(3, "r1"), hold(4, "h2", partner_id="m"))
    freeze(repository, "m")
    freeze(repository, "thawed", frozen=False)
    freeze(repository, "nobody-asks")
    state = _state(repository, reserve(), cancel("h2"), reserve(1, "r9", partner_id="thawed"))
    assert state.partners == {
        "abc-corp": PartnerTotals(5, open_holds=1),
        "m": PartnerTotals(4, open_holds=1),
        "thawed": PartnerTotals(0, open_holds=0),
    }
    assert state.frozen == {"m"}


def test_a_frozen_partner_that_has_nothing_yet_is_frozen(repository: Repository) -> None:
    freeze(repository, "new", release_holds=True)
    assert _state(repository, reserve(1, "r1", partner_id="new")).frozen == {"new"}


def test_totals_have_seats_and_open_holds_of_every_partner(
    repository: Repository, clock: Clock
) -> None:
    write(repository, hold(2, "h1"), hold(2, "h2"), hold(1, "h3", partner_id="m"))
    write(repository, confirm("h1"), cancel("h3"))
    totals = repository.totals(EVENT_ID)
    assert totals is not None
    assert totals[1] == {"abc-corp": PartnerTotals(4, 1), "m": PartnerTotals(0, 0)}


def test_a_sweep_of_a_cancelled_event_finds_all_that_is_live(
    repository: Repository, clock: Clock
) -> None:
    write(repository, hold(1, "h1"), reserve(1, "r1"), reserve(1, "r2"))
    write(repository, cancel("r2"), change_event(cancelled=True))
    assert _state(repository, reserve()).due == []
    assert set(_state(repository, sweep()).due) == {"h1", "r1"}
    assert _due(repository, clock) == [EVENT_ID]


def test_a_sweep_finds_the_holds_of_frozen_partners_that_are_to_be_released(
    repository: Repository, clock: Clock
) -> None:
    for partner_id in ("keeps", "releases", "free"):
        write(
            repository,
            hold(1, f"h-{partner_id}", partner_id=partner_id),
            reserve(1, f"r-{partner_id}", partner_id=partner_id),
        )
    freeze(repository, "keeps")
    assert _due(repository, clock) == []
    freeze(repository, "releases", release_holds=True)
    assert _state(repository, reserve()).due == []
    assert _state(repository, sweep()).due == ["h-releases"]
    assert _due(repository, clock) == [EVENT_ID]
