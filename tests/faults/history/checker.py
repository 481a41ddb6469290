"""Judges a whole history; the time is that of sorting it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.faults.history.forms import readable
from tests.faults.history.keys import violations_of_keys
from tests.faults.history.ledger import (
    differences,
    entry_from,
    event_document,
    reservation_document,
)
from tests.faults.history.makers import is_write
from tests.faults.history.order import Bounds
from tests.faults.history.reads import NOT_FOUND, Reads
from tests.faults.history.record import READS, WITHOUT_EFFECT, History, Operation
from tests.faults.history.requests import SETTINGS
from tests.faults.history.sums import Sums
from tests.faults.history.violations import Violation
from tests.faults.history.walk import Walk
from ticketboss.api.problem_documents import CODES_OF_REFUSALS
from ticketboss.api.problem_types import PROBLEMS

# Refusals that are not decided on the event's state, and whom they may meet.
FOR_OPERATORS = frozenset({*SETTINGS, "change_event", "freeze", "unfreeze"})
ALWAYS_POSSIBLE = WITHOUT_EFFECT | {"outcome_unknown"}


@dataclass(slots=True)
class Verdict:
    """What was found, and how much was looked at."""

    violations: list[Violation] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    versions: int = 0
    checks: int = 0


def check(history: History) -> Verdict:
    """Hold a history against everything that is promised."""
    verdict = Verdict(versions=len(history.ending.ledger))
    verdict.counts.update(f"{each.kind} {each.outcome}" for each in history.operations)
    found = verdict.violations
    found += [Violation("verify", difference) for difference in history.ending.differences]
    found += Sums().violations(history.ending.ledger)
    verdict.checks += len(history.ending.ledger)
    history, unreadable = readable(history)
    found += unreadable
    found += (each for operation in history.operations for each in _of_form(operation))
    bounds = Bounds(history)
    found += bounds.of_decided(history.operations)
    verdict.checks += len(history.operations)
    if any(violation.check == "gapless" for violation in found) or not history.ending.ledger:
        return verdict
    entries = [entry_from(document, history.event_id) for document in history.ending.ledger]
    walk = Walk(history, entries, bounds)
    walk.walk()
    found += walk.violations
    for version, maker in walk.made_by.items():
        found += bounds.of_made(maker, version)
    found += violations_of_keys(history, walk.made_by)
    found += Reads(history, walk.state.lives, bounds).violations()
    found += _of_ending(history, walk)
    reads = sum(operation.kind in READS for operation in history.operations)
    verdict.checks += walk.answers + len(walk.made_by) + reads + len(walk.state.lives)
    return verdict


def _of_form(operation: Operation) -> Iterator[Violation]:
    """Answers that do not say what they are decided on, or that nobody should get."""
    code = operation.code
    if operation.status is None:
        return
    if operation.outcome == "ok":
        if is_write(operation) and operation.version is None:
            yield Violation("answers", "a write is answered without a version", (operation,))
        return
    if operation.is_read or code not in CODES_OF_REFUSALS or code == "event_not_found":
        is_missed = operation.kind == "read_reservation" and code == NOT_FOUND
        is_explained = code in ALWAYS_POSSIBLE or is_missed or _is_due_to_key(operation)
        if not is_explained or (is_missed and operation.status != PROBLEMS[NOT_FOUND].status):
            why = f"nothing explains the answer {operation.status} {code}"
            yield Violation("answers", why, (operation,))
    elif operation.version is None:
        yield Violation("answers", "a refusal says no version", (operation,))


def _is_due_to_key(operation: Operation) -> bool:
    if operation.partner_id is None:
        return False
    named = (operation.body or {}).get("partnerId", operation.partner_id)
    return (operation.code == "wrong_scope" and operation.kind in FOR_OPERATORS) or (
        operation.code == "partner_mismatch" and named != operation.partner_id
    )


def _of_ending(history: History, walk: Walk) -> Iterator[Violation]:
    """The event and the reservations as they are at the end are those that the ledger gives."""
    ending = history.ending
    shown = {name: value for name, value in ending.event.items() if name != "saleState"}
    wrong = differences(event_document(walk.state.event), shown)
    if wrong:
        yield Violation("ending", f"the event is not what its ledger gives: {wrong}")
    rows = {row["reservationId"]: row for row in ending.reservations}
    if len(rows) < len(ending.reservations):
        yield Violation("ending", "the list has a reservation more than once")
    for id_, states in walk.state.lives.items():
        makers = tuple(maker for state in states[-1:] if (maker := walk.made_by.get(state.version)))
        if id_ not in rows:
            yield Violation("ending", f"reservation {id_} is not there", makers)
            continue
        wrong = differences(reservation_document(history.event_id, states[-1]), rows.pop(id_))
        if wrong:
            yield Violation("ending", f"reservation {id_} is not as it was told: {wrong}", makers)
    for id_ in rows:
        yield Violation("ending", f"reservation {id_} is there without an entry")
    yield from _of_acknowledged(history, walk)


def _of_acknowledged(history: History, walk: Walk) -> Iterator[Violation]:
    for operation in history.operations:
        if operation.outcome != "ok" or operation.is_read:
            continue
        documents = operation.document.get("outcomes", [operation.document])
        ids = {document.get("reservationId") for document in documents} - {None}
        lost = ids - walk.state.lives.keys()
        if lost:
            why = f"reservation {min(lost)} was acknowledged and is not there"
            yield Violation("acknowledged", why, (operation,))
