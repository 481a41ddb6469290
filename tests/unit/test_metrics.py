"""What is counted of each command, and how it is told."""

from dataclasses import fields
from types import ModuleType
from typing import Any

import pytest

from tests.exposition import Exposition
from tests.unit.bulks import bulk
from tests.unit.examples import (
    NOW,
    accepted,
    after,
    cancel,
    change,
    change_event,
    confirm,
    create_event,
    hold,
    reserve,
    sweep,
)
from ticketboss.domain import commands, refusals
from ticketboss.domain.commands import Command
from ticketboss.domain.decide import decide
from ticketboss.domain.ledger import EFFECTS, Kind
from ticketboss.domain.refusals import AlreadyCancelled, Refusal
from ticketboss.engine.answers import Accepted, AlreadySo, Answer, CommandRefused, Overloaded
from ticketboss.engine.committer import BATCH_ENTRIES_MAX
from ticketboss.metrics import BATCH_BUCKETS, FAILURES, Metrics, gauge
from ticketboss.metrics import COMMANDS as COMMAND_NAMES
from ticketboss.repository.interface import OutcomeUnknown, SchemaMismatch, StorageUnavailable

ENTRY = accepted(decide(after(create_event()), reserve(2, partner_id="secret-partner"), NOW))
COMMANDS = {
    "reserve": reserve(),
    "hold": hold(),
    "reserve_many": bulk(1, 1),
    "cancel": cancel(),
    "confirm": confirm(),
    "change": change("r1", 2),
    "create_event": create_event(),
    "change_event": change_event(paused=True),
    "sweep": sweep(),
}
ANSWERS: dict[str, Answer] = {
    "accepted": Accepted(ENTRY),
    "replayed": Accepted(ENTRY, replayed=True),
    "unchanged": AlreadySo(5, 3),
    "already_cancelled": CommandRefused(AlreadyCancelled(), 3),
    "overloaded": Overloaded("no turn came in time"),
    "outcome_unknown": OutcomeUnknown("no answer"),
    "storage_unavailable": StorageUnavailable("the disk is gone"),
    "internal_error": KeyError("a bug"),
}


def _kinds(module: ModuleType, base: type) -> set[type]:
    """The classes of a module that are a `base` and no base of others."""
    named = [each for each in vars(module).values() if isinstance(each, type)]
    below = [each for each in named if issubclass(each, base) and each is not base]
    return {each for each in below if not any(issubclass(k, each) for k in below if k != each)}


REFUSALS = sorted(_kinds(refusals, Refusal), key=lambda refusal: refusal.__name__)


@pytest.fixture
def metrics() -> Metrics:
    """Metrics of this process alone."""
    return Metrics(None)


def _scraped(metrics: Metrics) -> Exposition:
    return Exposition(metrics.exposition([]).decode())


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_counted_under_its_name(metrics: Metrics, name: str) -> None:
    metrics.answered([(COMMANDS[name], Accepted(ENTRY))])
    counts = _scraped(metrics).counted("commands_total", "command", "outcome")
    assert counts == {(name, "accepted"): 1}


def test_every_kind_of_command_has_its_name_here() -> None:
    assert {type(command) for command in COMMANDS.values()} == _kinds(commands, Command)
    assert set(COMMAND_NAMES) == COMMANDS.keys()


def test_failures_that_alerts_look_at_are_told_before_they_ever_happened(metrics: Metrics) -> None:
    counts = _scraped(metrics).values("commands_total", "command", "outcome")
    assert counts == {(name, outcome): 0 for name in COMMANDS for outcome in FAILURES}
    assert set(FAILURES) < ANSWERS.keys()


def test_statuses_that_alerts_look_at_are_told_of_every_route_that_is_expected(
    metrics: Metrics,
) -> None:
    metrics.request("/late", 500)
    metrics.expect(["/late", "/early"])
    assert _scraped(metrics).values("requests_total", "route", "status") == {
        ("/late", "401"): 0,
        ("/late", "500"): 1,
        ("/early", "401"): 0,
        ("/early", "500"): 0,
    }


def test_what_waits_is_told_between_two_batches_too(metrics: Metrics) -> None:
    metrics.batch(commands=1, queued=0)
    metrics.queued(39)
    assert _scraped(metrics).value("queue_length") == 39


@pytest.mark.parametrize("outcome", ANSWERS)
def test_each_answer_is_counted_by_its_outcome(metrics: Metrics, outcome: str) -> None:
    metrics.answered([(reserve(), ANSWERS[outcome])])
    counts = _scraped(metrics).counted("commands_total", "command", "outcome")
    assert counts == {("reserve", outcome): 1}


def test_a_schema_that_does_not_fit_is_a_storage_that_cannot_be_used(metrics: Metrics) -> None:
    metrics.answered([(reserve(), SchemaMismatch("schema 3"))])
    assert (
        _scraped(metrics).value("commands_total", command="reserve", outcome="storage_unavailable")
        == 1
    )


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code)
def test_each_refusal_is_counted_by_its_code(metrics: Metrics, refusal: type[Refusal]) -> None:
    facts: dict[str, Any] = {fact.name: 1 for fact in fields(refusal)}
    metrics.answered([(reserve(), CommandRefused(refusal(**facts), 1))])
    counts = _scraped(metrics).counted("commands_total", "command", "outcome")
    assert counts == {("reserve", refusal.code): 1}


def test_the_answers_of_a_batch_are_counted_together(metrics: Metrics) -> None:
    yes, no = Accepted(ENTRY), CommandRefused(AlreadyCancelled(), 1)
    metrics.answered([(reserve(), yes), (hold(), yes), (cancel(), no), (reserve(), yes)])
    metrics.answered([(cancel(), no), (cancel(), yes)])
    metrics.answered([])
    assert _scraped(metrics).counted("commands_total", "command", "outcome") == {
        ("reserve", "accepted"): 2,
        ("hold", "accepted"): 1,
        ("cancel", "already_cancelled"): 2,
        ("cancel", "accepted"): 1,
    }


@pytest.mark.parametrize("kind", sorted(EFFECTS))
def test_entries_are_counted_by_their_kind(metrics: Metrics, kind: Kind) -> None:
    metrics.committed(0.003, [ENTRY._replace(kind=kind), ENTRY, ENTRY._replace(kind=kind)])
    counts = _scraped(metrics).values("ledger_entries_total", "kind")
    assert counts == ({("reserved",): 3} if kind == "reserved" else {(kind,): 2, ("reserved",): 1})


def test_commits_conflicts_batches_and_waits_are_measured(metrics: Metrics) -> None:
    metrics.committed(0.003, [])
    metrics.committed(0.7, [])
    metrics.conflict()
    metrics.batch(commands=3, queued=0)
    metrics.batch(commands=300, queued=7)
    metrics.lock_wait(0.002)
    scrape = _scraped(metrics)
    assert scrape.value("commit_seconds_count") == 2
    assert scrape.value("commit_seconds_sum") == pytest.approx(0.703)
    assert scrape.value("commit_seconds_bucket", le="0.005") == 1
    assert scrape.value("conflicts_total") == 1
    assert scrape.value("batch_commands_sum") == 303
    assert scrape.value("batch_commands_bucket", le="4.0") == 1
    assert scrape.value("batch_commands_bucket", le="+Inf") == 2
    assert scrape.value("lock_wait_seconds_count") == 1
    assert scrape.value("queue_length") == 7, "of the newest batch"


def test_the_largest_batch_has_a_bucket_of_its_own() -> None:
    assert max(BATCH_BUCKETS) == BATCH_ENTRIES_MAX


def test_what_has_no_labels_is_told_before_it_ever_happened(metrics: Metrics) -> None:
    scrape = _scraped(metrics)
    assert scrape.value("conflicts_total") == 0
    assert scrape.value("queue_length") == 0
    assert scrape.value("commit_seconds_count") == 0


def test_requests_are_counted_by_route_and_status(metrics: Metrics) -> None:
    metrics.request("/events/<event_id>", 200)
    metrics.request("/events/<event_id>", 200)
    metrics.request("/events/<event_id>", 404)
    assert _scraped(metrics).counted("requests_total", "route", "status") == {
        ("/events/<event_id>", "200"): 2,
        ("/events/<event_id>", "404"): 1,
    }


def test_facts_are_told_with_their_labels_whatever_stands_in_them(metrics: Metrics) -> None:
    odd = 'quo"te\\back\nline'
    seats = gauge("ticketboss_available_seats", "Seats left", {"drop": 5, odd: 0}, "event")
    scrape = Exposition(metrics.exposition([seats]).decode())
    assert scrape.values("available_seats", "event") == {("drop",): 5, (odd,): 0}
    assert scrape.types["ticketboss_available_seats"] == "gauge"
    assert scrape.types["ticketboss_commands"] == "counter"


def test_nothing_of_a_partner_or_a_reservation_is_a_label(metrics: Metrics) -> None:
    command = reserve(2, "secret-id", partner_id="secret-partner", reference="secret", key="secret")
    metrics.answered([(command, Accepted(ENTRY)), (bulk(1, partner_id="secret-p"), KeyError("s"))])
    metrics.committed(0.1, [ENTRY])
    assert b"secret" not in metrics.exposition([])


def test_two_in_one_process_do_not_count_for_each_other(metrics: Metrics) -> None:
    other = Metrics(None)
    metrics.conflict()
    assert _scraped(other).value("conflicts_total") == 0


def test_every_name_begins_with_that_of_the_service(metrics: Metrics) -> None:
    metrics.answered([(reserve(), Accepted(ENTRY))])
    names = _scraped(metrics).types
    assert len(names) >= 8
    assert all(name.startswith("ticketboss_") for name in names)
