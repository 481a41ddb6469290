"""Running one batch to its end: the conflict policy, and the COMMIT that gave no answer.

A batch is planned on a snapshot and written where the version still is that of the snapshot. Who
loses such a race locks the event before the next snapshot, and goes on so while there is
something to write: a lost plan is work thrown away, and several processes on one event
would lose most of theirs. A locked batch of refusals only ends it, because refusals need no lock.
"""

import time
from collections.abc import Sequence

from ticketboss.domain.commands import Command
from ticketboss.engine.answers import Answer
from ticketboss.engine.meter import NO_METER, Meter
from ticketboss.engine.plan import Plan, make_plan
from ticketboss.repository.interface import (
    Changes,
    Conflict,
    LockTimeout,
    OutcomeUnknown,
    Repository,
    StorageUnavailable,
    Transaction,
)

# Events that several processes are known to write to; beyond it they are found out anew.
CONTENDED_EVENTS_MAX = 10_000
SETTLE_PAUSE_SECONDS = 0.02
# The request had no effect, but the one that it repeats may have had one.
NOT_DURABLE = "not known to be durable"


class BatchRunner:
    """Decides and commits batches of commands on one event."""

    def __init__(self, repository: Repository, meter: Meter = NO_METER) -> None:
        self._repository = repository
        self._meter = meter
        self._contended: set[str] = set()

    def run(
        self, event_id: str, commands: Sequence[Command], deadline: float
    ) -> list[Answer | None]:
        """Decide the commands in order and commit them together; gives one answer for each.

        None stands for a command that must come again, when more of what is due has ended.
        `deadline` is in monotonic seconds. Raises LockTimeout or StorageUnavailable when nothing
        was written, OutcomeUnknown when that could not be found out by the deadline. Any other
        exception also means that nothing was written.
        """
        while True:
            attempt = self._pessimistic if event_id in self._contended else self._optimistic
            try:
                plan = attempt(event_id, commands, deadline)
            except Conflict:
                self._remember_contended(event_id)
                self._meter.conflict()
            else:
                if plan.changes is None:
                    self._contended.discard(event_id)
                return plan.answers
            if time.monotonic() >= deadline:
                raise LockTimeout

    def _remember_contended(self, event_id: str) -> None:
        if len(self._contended) >= CONTENDED_EVENTS_MAX:
            self._contended.clear()
        self._contended.add(event_id)

    def _optimistic(self, event_id: str, commands: Sequence[Command], deadline: float) -> Plan:
        # Read outside the write lock: the version check makes a stale read harmless.
        plan = make_plan(self._repository.snapshot(event_id, commands, deadline), commands)
        if plan.changes is None:
            self._confirm_what_is_told(plan, event_id, deadline)
        else:
            started = time.perf_counter()
            try:
                self._repository.commit(plan.changes, deadline)
            except OutcomeUnknown:
                self._settle(plan.changes, deadline)
            self._meter.committed(time.perf_counter() - started, plan.changes.entries)
        return plan

    def _confirm_what_is_told(self, plan: Plan, event_id: str, deadline: float) -> None:
        """A commit of ours would have waited for the ones before it; without one, ask for that."""
        if plan.tells_of_earlier_commits:
            try:
                self._repository.make_durable(event_id, deadline)
            except (LockTimeout, StorageUnavailable) as error:
                raise OutcomeUnknown(NOT_DURABLE) from error

    def _pessimistic(self, event_id: str, commands: Sequence[Command], deadline: float) -> Plan:
        made: list[Plan] = []
        started = time.perf_counter()

        def plan_and_commit(transaction: Transaction) -> None:
            made.append(make_plan(transaction.snapshot(event_id, commands), commands))
            _commit(transaction, made[-1], deadline)

        try:
            self._repository.exclusive(event_id, plan_and_commit, deadline)
        except OutcomeUnknown as unknown:
            self._settle_last(made, unknown, deadline)
        except (LockTimeout, StorageUnavailable) as error:
            if made and made[-1].changes is None and made[-1].tells_of_earlier_commits:
                raise OutcomeUnknown(NOT_DURABLE) from error
            raise
        plan = made[-1]
        if plan.changes is not None:
            self._meter.committed(time.perf_counter() - started, plan.changes.entries)
        return plan

    def _settle_last(self, made: Sequence[Plan], unknown: OutcomeUnknown, deadline: float) -> None:
        if not made:
            # Whoever was to make the plan, beside others' work, was stopped before it.
            raise unknown
        if made[-1].changes is not None:
            self._settle(made[-1].changes, deadline)
        elif made[-1].tells_of_earlier_commits:
            raise unknown

    def _settle(self, changes: Changes, deadline: float) -> None:
        """Find out what became of a COMMIT without an answer, by writing the same again.

        If the write succeeds, the first one never happened. If it meets another version, either
        the first one is that version, or (Conflict) it never happened and no longer can: reading
        alone could not tell that, because a lost COMMIT may still land later.
        """
        try:
            is_there = self._write_until_known(changes, deadline)
        except OutcomeUnknown:
            raise
        except BaseException as error:
            # Killed while settling: nobody may be told "no", and nobody may try again.
            raise OutcomeUnknown("stopped before the outcome was known") from error
        if not is_there:
            raise Conflict

    def _write_until_known(self, changes: Changes, deadline: float) -> bool:
        while time.monotonic() < deadline:
            try:
                return self._write_again(changes, deadline)
            except (StorageUnavailable, LockTimeout, OutcomeUnknown):
                time.sleep(SETTLE_PAUSE_SECONDS)
        raise OutcomeUnknown("the storage gave no answer in time")

    def _write_again(self, changes: Changes, deadline: float) -> bool:
        """Whether the changes are there now; if not, they never were and no longer can be."""
        try:
            self._repository.commit(changes, deadline)
        except Conflict:
            return self._landed(changes, deadline)
        return True

    def _landed(self, changes: Changes, deadline: float) -> bool:
        first = changes.entries[0]
        found = self._repository.commit_id(first.event_id, first.version, deadline)
        return found == changes.commit_id


def _commit(transaction: Transaction, plan: Plan, deadline: float) -> None:
    if plan.changes is not None:
        transaction.commit(plan.changes, deadline)
