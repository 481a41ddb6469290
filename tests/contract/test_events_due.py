"""Which events a sweeper must look at, and that a sweep leaves none of them due."""

import dataclasses

from tests.contract.backends import within, write
from tests.contract.partners import freeze
from tests.unit.examples import (
    EVENT_ID,
    change_event,
    create_event,
    hold,
    reserve,
    sweep,
)
from ticketboss.engine.batch import BatchRunner
from ticketboss.engine.verifier import Verifier
from ticketboss.repository.interface import Repository

MINUTE_MS = 60_000


def test_an_event_is_due_from_the_last_millisecond_of_its_first_hold_on(
    repository: Repository,
) -> None:
    write(repository, hold(1, "h1"), hold(1, "h2", hold_seconds=600), reserve(1, "r1"))
    held = repository.reservation(EVENT_ID, "h1")
    assert held is not None
    assert held.expires_at is not None
    assert repository.events_due(held.expires_at - 1, 10) == []
    assert repository.events_due(held.expires_at, 10) == [EVENT_ID]
    assert repository.events_due(held.expires_at + MINUTE_MS, 10) == [EVENT_ID]


def test_an_event_without_claims_is_never_due(repository: Repository) -> None:
    assert repository.events_due(2**62, 10) == []
    write(repository, change_event(cancelled=True))
    assert repository.events_due(2**62, 10) == []


def test_an_event_that_is_due_for_every_reason_is_named_once(repository: Repository) -> None:
    write(repository, *(hold(1, f"h{number}") for number in range(3)), reserve(1, "r1"))
    write(repository, change_event(cancelled=True))
    freeze(repository, "abc-corp", release_holds=True)
    assert repository.events_due(repository.now() + MINUTE_MS, 10) == [EVENT_ID]


def test_events_due_come_up_to_a_limit(repository: Repository) -> None:
    for number in range(5):
        write(repository, create_event(event_id=f"e{number}"))
        write(repository, hold(1, "h1", event_id=f"e{number}"))
    later = repository.now() + MINUTE_MS
    assert len(repository.events_due(later, 3)) == 3
    assert sorted(repository.events_due(later, 5)) == [f"e{number}" for number in range(5)]


def test_what_was_swept_is_no_longer_due(repository: Repository) -> None:
    write(repository, create_event(9, event_id="cancelled"))
    write(repository, hold(1, "h1", event_id="cancelled"), reserve(1, event_id="cancelled"))
    write(repository, dataclasses.replace(change_event(cancelled=True), event_id="cancelled"))
    write(repository, hold(1, "h1", partner_id="m"), hold(1, "h2"), reserve(1, "r1"))
    freeze(repository, "m", release_holds=True)
    due = repository.events_due(repository.now(), 10)
    assert sorted(due) == ["cancelled", EVENT_ID]
    for event_id in due:
        BatchRunner(repository).run(event_id, [sweep(event_id)], within())
    assert repository.events_due(repository.now(), 10) == []
    ended = {id_: [entry.kind for entry in repository.ledger(id_, 3, 10)] for id_ in due}
    assert ended[EVENT_ID] == ["released"]
    assert sorted(ended["cancelled"]) == ["cancelled", "released"]
    for event_id in due:
        verification = Verifier(repository, event_id).verify()
        assert verification is not None
        assert verification.differences == []
