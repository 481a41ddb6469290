"""What the engine tells its metrics: each command once, whatever becomes of it."""

from pathlib import Path

import pytest

from tests.exposition import Exposition
from tests.unit.bulks import bulk, item
from tests.unit.rig import (
    EVENT_ID,
    WAIT_SECONDS_MAX,
    Gate,
    Killed,
    Rig,
    cancel,
    raising,
    reserve,
)
from tests.unit.rig import hold as hold_of
from ticketboss.domain.commands import Confirm, Sweep
from ticketboss.engine.answers import CommandRefused, Overloaded
from ticketboss.metrics import Metrics
from ticketboss.repository.interface import Conflict, OutcomeUnknown, StorageUnavailable


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(None)


@pytest.fixture
def rig(tmp_path: Path, metrics: Metrics) -> Rig:
    return Rig(tmp_path, meter=metrics)


def _scraped(metrics: Metrics) -> Exposition:
    return Exposition(metrics.exposition([]).decode())


def _counts(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """The commands that were answered, but for the one that made the event."""
    counts = _scraped(metrics).counted("commands_total", "command", "outcome")
    assert counts.pop(("create_event", "accepted")) == 1
    return counts


def test_each_command_is_counted_once_by_what_became_of_it(rig: Rig, metrics: Metrics) -> None:
    submit = rig.committer.submit
    submit(reserve(1, idempotency_key="k"))
    submit(reserve(1, idempotency_key="k"))
    submit(hold_of(2))
    submit(Confirm(event_id=EVENT_ID, reservation_id="r2"))
    submit(Confirm(event_id=EVENT_ID, reservation_id="r2"))
    submit(cancel(1))
    with pytest.raises(CommandRefused):
        submit(cancel(1))
    submit(Sweep(event_id=EVENT_ID))
    assert _counts(metrics) == {
        ("reserve", "accepted"): 1,
        ("reserve", "replayed"): 1,
        ("hold", "accepted"): 1,
        ("confirm", "accepted"): 1,
        ("confirm", "unchanged"): 1,
        ("cancel", "accepted"): 1,
        ("cancel", "already_cancelled"): 1,
        ("sweep", "unchanged"): 1,
    }
    assert _scraped(metrics).values("ledger_entries_total", "kind") == {
        ("event_created",): 1,
        ("reserved",): 1,
        ("held",): 1,
        ("confirmed",): 1,
        ("cancelled",): 1,
    }


def test_a_bulk_is_one_command_and_as_many_entries_as_it_caused(rig: Rig, metrics: Metrics) -> None:
    items = [item(n, 40, event_id=EVENT_ID, partner_id="p") for n in range(3)]
    asked = bulk(*items, event_id=EVENT_ID, partner_id="p")
    with pytest.raises(CommandRefused):
        rig.committer.submit(asked)
    small = [item(n, 4, event_id=EVENT_ID, partner_id="p") for n in range(3)]
    rig.committer.submit(bulk(*small, event_id=EVENT_ID, partner_id="p"))
    assert _counts(metrics) == {
        ("reserve_many", "bulk_refused"): 1,
        ("reserve_many", "accepted"): 1,
    }
    entries = _scraped(metrics).values("ledger_entries_total", "kind")
    assert entries["reserved",] == 3


def test_batches_and_what_waits_behind_them_are_told(rig: Rig, metrics: Metrics) -> None:
    gate, next_gate = Gate(), Gate()
    rig.repository.before_snapshot.extend([gate, next_gate])
    first = rig.submit_later(reserve(0))
    others = rig.submit_behind(gate, [reserve(number) for number in range(1, 6)])
    gate.open()
    late = rig.submit_behind(next_gate, [reserve(6), reserve(7)])
    next_gate.open()
    for future in [first, *others, *late]:
        future.result(WAIT_SECONDS_MAX)
    scrape = _scraped(metrics)
    # The event, the first one, the five behind it, the two behind those.
    assert scrape.value("batch_commands_count") == 4
    assert scrape.value("batch_commands_sum") == 1 + 1 + 5 + 2
    assert scrape.value("commit_seconds_count") == 4
    assert scrape.value("queue_length") == 0


def test_a_full_queue_and_a_deadline_are_both_overload(tmp_path: Path, metrics: Metrics) -> None:
    rig = Rig(tmp_path, meter=metrics, queue_length_max=1, command_seconds_max=0.5)
    gate = Gate()
    rig.repository.before_snapshot.append(gate)
    first = rig.submit_later(reserve(0))
    (waiting,) = rig.submit_behind(gate, [reserve(1)])
    with pytest.raises(Overloaded):
        rig.committer.submit(reserve(2))
    assert isinstance(waiting.exception(WAIT_SECONDS_MAX), Overloaded)
    gate.open()
    first.exception(WAIT_SECONDS_MAX)
    counts = _counts(metrics)
    assert counts["reserve", "overloaded"] >= 2
    assert sum(counts.values()) == 3


def test_a_follower_that_gave_up_is_counted_as_it_was_told(
    tmp_path: Path, metrics: Metrics
) -> None:
    rig = Rig(tmp_path, meter=metrics, command_seconds_max=0.5)
    first_gate, gate = Gate(), Gate()
    rig.repository.before_snapshot.extend([first_gate, gate])
    first = rig.submit_later(reserve(0))
    leader, follower = rig.submit_behind(first_gate, [reserve(1), reserve(2)])
    first_gate.open()
    gate.wait_until_reached()
    assert isinstance(follower.exception(WAIT_SECONDS_MAX), OutcomeUnknown)
    gate.open()
    for future in (first, leader):
        future.exception(WAIT_SECONDS_MAX)
    counts = _counts(metrics)
    assert counts["reserve", "outcome_unknown"] == 1
    assert sum(counts.values()) == 3


def test_conflicts_are_counted_and_the_commit_that_comes_of_them_once(
    rig: Rig, metrics: Metrics
) -> None:
    rig.repository.before_commit.append(raising(Conflict()))
    rig.repository.before_exclusive_ends.append(raising(Conflict()))
    rig.committer.submit(reserve(1))
    scrape = _scraped(metrics)
    assert scrape.value("conflicts_total") == 2
    assert scrape.value("commit_seconds_count") == 2
    assert scrape.value("ledger_entries_total", kind="reserved") == 1


def test_a_commit_under_the_lock_from_the_start_is_measured_too(rig: Rig, metrics: Metrics) -> None:
    rig.repository.before_commit.append(raising(Conflict()))
    rig.committer.submit(reserve(1))
    assert rig.repository.exclusive_uses == 1
    scrape = _scraped(metrics)
    assert scrape.value("conflicts_total") == 1
    assert scrape.value("commit_seconds_count") == 2
    assert scrape.value("ledger_entries_total", kind="reserved") == 1


def test_a_commit_that_gave_no_answer_but_was_settled_is_counted_as_accepted(
    rig: Rig, metrics: Metrics
) -> None:
    rig.repository.after_commit.append(raising(OutcomeUnknown("no answer")))
    rig.committer.submit(reserve(1))
    assert _counts(metrics) == {("reserve", "accepted"): 1}
    assert _scraped(metrics).value("ledger_entries_total", kind="reserved") == 1


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(StorageUnavailable("gone"), "storage_unavailable"), (KeyError("a bug"), "internal_error")],
)
def test_what_went_wrong_is_counted_for_the_one_who_was_told(
    rig: Rig, metrics: Metrics, error: Exception, outcome: str
) -> None:
    rig.repository.before_snapshot.append(raising(error))
    with pytest.raises(type(error)):
        rig.committer.submit(reserve(1))
    rig.committer.submit(reserve(2))
    assert _counts(metrics) == {("reserve", outcome): 1, ("reserve", "accepted"): 1}


def test_a_killed_leader_is_counted_once(rig: Rig, metrics: Metrics) -> None:
    rig.repository.before_snapshot.append(raising(Killed()))
    with pytest.raises(Killed):
        rig.committer.submit(reserve(1))
    counts = _counts(metrics)
    assert sum(counts.values()) == 1
    assert rig.is_idle()


def test_a_commit_that_never_was_is_not_measured(rig: Rig, metrics: Metrics) -> None:
    with pytest.raises(CommandRefused):
        rig.committer.submit(cancel(99))
    scrape = _scraped(metrics)
    assert scrape.value("commit_seconds_count") == 1, "that of the event's creation"
    assert scrape.value("batch_commands_count") == 2
