"""Planning a batch: each command is decided on what the ones before it leave."""

from tests.unit.examples import NOW, after, cancel, create_event, reserve
from ticketboss.domain.commands import Command
from ticketboss.domain.ledger import EventState, replay
from ticketboss.domain.refusals import AlreadyCancelled, NotEnoughSeats
from ticketboss.domain.reservations import PartnerTotals
from ticketboss.engine.answers import Accepted, Answer, CommandRefused
from ticketboss.engine.plan import Plan, make_plan
from ticketboss.repository.interface import Changes, Snapshot


def _plan(state: EventState, *commands: Command) -> Plan:
    return make_plan(Snapshot(state, NOW), commands)


def _changes(plan: Plan) -> Changes:
    assert plan.changes is not None
    return plan.changes


def _refusal(answer: Answer | None) -> CommandRefused:
    assert isinstance(answer, CommandRefused)
    return answer


def test_the_last_seats_go_to_the_first_of_a_batch() -> None:
    plan = _plan(after(create_event(3)), reserve(2, "r1"), reserve(2, "r2"), reserve(1, "r3"))
    first, second, third = plan.answers
    assert isinstance(first, Accepted)
    assert _refusal(second).refusal == NotEnoughSeats(2, available_seats=1, held_seats=0)
    assert isinstance(third, Accepted)
    assert (first.entry.version, _refusal(second).version, third.entry.version) == (1, 1, 2)


def test_a_plan_writes_one_gapless_run_of_entries_on_the_version_it_read() -> None:
    state = after(create_event(), reserve(1, "r1"))
    changes = _changes(_plan(state, reserve(2, "r2"), cancel("r1"), reserve(3, "r3")))
    assert changes.version_read == 1
    assert [entry.version for entry in changes.entries] == [2, 3, 4]
    assert [entry.at for entry in changes.entries] == [NOW] * 3
    assert (changes.event.version, changes.event.available_seats) == (4, 495)


def test_a_reservation_that_was_read_is_written_on_its_own_version() -> None:
    state = after(create_event(), reserve(1, "r1"), reserve(1, "r2"))
    changes = _changes(_plan(state, cancel("r2"), reserve(1, "r3")))
    read = {row.reservation.reservation_id: row.version_read for row in changes.reservations}
    assert read == {"r2": 2, "r3": None}


def test_a_reservation_made_and_cancelled_in_one_batch_is_written_once_as_cancelled() -> None:
    changes = _changes(_plan(after(create_event()), reserve(2, "r1"), cancel("r1")))
    (change,) = changes.reservations
    assert (change.version_read, change.reservation.status) == (None, "cancelled")
    assert (change.reservation.created_version, change.reservation.version) == (1, 2)


def test_seats_are_written_for_the_partners_of_the_batch_only() -> None:
    state = after(create_event(), reserve(5, "r1"), reserve(4, "r2", partner_id="xyz-corp"))
    changes = _changes(_plan(state, reserve(2, "r3", partner_id="xyz-corp")))
    assert changes.partners == {"xyz-corp": PartnerTotals(6, open_holds=0)}


def test_a_batch_of_refusals_writes_nothing() -> None:
    plan = _plan(after(create_event(1), reserve(1, "r1"), cancel("r1")), cancel("r1"), reserve(2))
    assert plan.changes is None
    assert _refusal(plan.answers[0]).refusal == AlreadyCancelled()
    assert [_refusal(answer).version for answer in plan.answers] == [2, 2]


def test_a_refusal_without_an_event_has_no_version() -> None:
    plan = _plan(EventState(), reserve())
    assert plan.changes is None
    assert _refusal(plan.answers[0]).version is None


def test_a_replay_writes_nothing_and_gives_the_first_entry() -> None:
    plan = _plan(after(create_event(), reserve(2, "r1", key="k")), reserve(2, "r9", key="k"))
    assert plan.changes is None
    (answer,) = plan.answers
    assert isinstance(answer, Accepted)
    assert (answer.replayed, answer.entry.reservation_id) == (True, "r1")


def test_a_key_given_twice_in_one_batch_has_one_effect() -> None:
    plan = _plan(after(create_event()), reserve(2, "r1", key="k"), reserve(2, "r2", key="k"))
    first, second = plan.answers
    assert isinstance(first, Accepted)
    assert isinstance(second, Accepted)
    assert (first.replayed, second.replayed) == (False, True)
    assert first.entry == second.entry
    assert len(_changes(plan).entries) == 1


def test_a_reservation_cancelled_twice_in_one_batch_gives_its_seats_back_once() -> None:
    plan = _plan(after(create_event(), reserve(2, "r1")), cancel("r1"), cancel("r1"))
    assert isinstance(plan.answers[0], Accepted)
    assert _refusal(plan.answers[1]).refusal == AlreadyCancelled()
    assert _changes(plan).event.available_seats == 500


def test_a_new_event_is_planned_on_no_version() -> None:
    changes = _changes(_plan(EventState(), create_event(), reserve(1)))
    assert changes.version_read is None
    assert replay(changes.entries).event == changes.event


def test_every_plan_has_a_commit_id_of_its_own_that_a_database_can_store() -> None:
    ids = {_changes(_plan(after(create_event()), reserve())).commit_id for _ in range(200)}
    assert len(ids) == 200
    assert all(0 <= commit_id < 2**63 for commit_id in ids)
