"""Group commit: commands that wait at the same time share one snapshot and one commit.

The first command to arrive for an event leads: it takes what is queued, runs it as one batch and
hands every member its answer, then the lead goes to the next one in the queue. Under load the
batches grow by themselves, so one disk sync serves all who were waiting (the idea of DeWitt et
al., "Implementation techniques for main memory database systems", SIGMOD 1984).
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from ticketboss.domain.commands import Command
from ticketboss.engine.answers import Accepted, AlreadySo, Answer, Overloaded
from ticketboss.engine.batch import BatchRunner
from ticketboss.engine.meter import NO_METER, Meter
from ticketboss.repository.interface import (
    LockTimeout,
    OutcomeUnknown,
    Repository,
    StorageUnavailable,
)

BATCH_ENTRIES_MAX = 256

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Member:
    """One submitted command on its way; all fields but `wake` are guarded by the lock."""

    command: Command
    deadline: float
    wake: threading.Event = field(default_factory=threading.Event)
    in_flight: bool = False
    answer: Answer | None = None


@dataclass(slots=True)
class Lane:
    """The members that wait for one event in this process, and the one of them that leads."""

    queue: deque[Member] = field(default_factory=deque)
    leader: Member | None = None


class Committer:
    """Takes commands from many threads (or greenlets) and answers each after its commit."""

    def __init__(
        self,
        repository: Repository,
        command_seconds_max: float,
        queue_length_max: int,
        meter: Meter = NO_METER,
    ) -> None:
        """`command_seconds_max` bounds each command from its arrival to its answer.

        `queue_length_max` bounds the commands that wait for one event in this process.
        """
        self._repository = repository
        self._meter = meter
        self._runner = BatchRunner(repository, meter)
        self._command_seconds_max = command_seconds_max
        self._queue_length_max = queue_length_max
        self._lock = threading.Lock()
        self._lanes: dict[str, Lane] = {}

    def submit(self, command: Command) -> Accepted:
        """Decide and commit one command; returns only what is on disk.

        Raises CommandRefused for a "no", Overloaded when the command had no effect for want of
        time or room, StorageUnavailable when it had none for want of storage, and OutcomeUnknown
        when it may have had one.
        """
        member = Member(command, time.monotonic() + self._command_seconds_max)
        lane = self._join(member)
        try:
            leads = lane.leader is member or self._woken_in_time(member)
            # More than once, if it must wait until more of what is due has ended.
            while leads and member.answer is None and time.monotonic() < member.deadline:
                self._lead(lane, member)
        finally:
            self._leave(lane, member)
        return self._accepted(member)

    def tell_queue(self) -> None:
        """Tell the meter how many wait; a batch tells it by itself, but only when it begins."""
        with self._lock:
            self._meter.queued(self._queue_length())

    def _queue_length(self) -> int:
        return sum(len(lane.queue) for lane in self._lanes.values())

    @staticmethod
    def _woken_in_time(member: Member) -> bool:
        """Wait for the answer or for the lead; false at the deadline."""
        return member.wake.wait(max(0.0, member.deadline - time.monotonic()))

    def _join(self, member: Member) -> Lane:
        event_id = member.command.event_id
        with self._lock:
            lane = self._lanes.setdefault(event_id, Lane())
            if len(lane.queue) >= self._queue_length_max:
                overloaded = Overloaded("too many requests are waiting for this event")
                self._meter.answered([(member.command, overloaded)])
                raise overloaded
            lane.queue.append(member)
            if lane.leader is None:
                lane.leader = member
        return lane

    def _leave(self, lane: Lane, member: Member) -> None:
        """Settle what a member leaves behind, whether answered, out of time or killed."""
        with self._lock:
            if member.answer is None:
                if member.in_flight:
                    member.answer = OutcomeUnknown("no answer from the commit in time")
                else:
                    lane.queue.remove(member)
                    member.answer = Overloaded("no turn came in time")
                self._meter.answered([(member.command, member.answer)])
            if lane.leader is member:
                self._pass_lead(lane, member.command.event_id)

    def _pass_lead(self, lane: Lane, event_id: str) -> None:
        if lane.queue:
            lane.leader = lane.queue[0]
            lane.leader.wake.set()
        else:
            lane.leader = None
            del self._lanes[event_id]

    def _lead(self, lane: Lane, leader: Member) -> None:
        # Yield once: whoever arrived together with us is in the queue afterwards.
        time.sleep(0)
        with self._lock:
            batch = _batch_from(lane.queue)
            for member in batch:
                member.in_flight = True
            self._meter.batch(len(batch), self._queue_length())
        try:
            self._run(batch, leader)
        finally:
            self._hand_back(lane, batch)

    def _run(self, batch: list[Member], leader: Member) -> None:
        """Answer each member of a batch, except those that must wait for the next leader."""
        event_id, deadline = leader.command.event_id, leader.deadline
        answers: Sequence[Answer | None]
        try:
            answers = self._runner.run(event_id, [member.command for member in batch], deadline)
        except LockTimeout:
            # Only the leader's time is up: the others go on under the next leader.
            batch = [leader] if leader in batch else []
            answers = [Overloaded("the write lock was not free in time") for _ in batch]
        except (StorageUnavailable, OutcomeUnknown) as error:
            # One exception each: a shared one would collect the tracebacks of all threads.
            answers = [type(error)(*error.args) for _ in batch]
        except Exception as error:
            if len(batch) > 1:
                log.exception("A batch failed; its members run again one by one.")
                for member in batch:
                    self._run([member], leader)
                return
            answers = [error]
        self._answer(batch, answers)

    def _answer(self, batch: list[Member], answers: Sequence[Answer | None]) -> None:
        answered: list[tuple[Command, Answer]] = []
        with self._lock:
            for member, answer in zip(batch, answers, strict=True):
                if answer is None:
                    continue
                # Who gave up meanwhile was told that, and is counted so.
                if member.answer is None:
                    answered.append((member.command, answer))
                member.answer = answer
                member.wake.set()
        self._meter.answered(answered)

    def _hand_back(self, lane: Lane, batch: list[Member]) -> None:
        """Put the members that got no answer back to the front of the queue, in their order."""
        with self._lock:
            unanswered = [member for member in batch if member.answer is None]
            for member in unanswered:
                member.in_flight = False
            lane.queue.extendleft(reversed(unanswered))

    def _accepted(self, member: Member) -> Accepted:
        answer = member.answer
        if isinstance(answer, AlreadySo):
            after_version = answer.entry_version - 1
            event_id = member.command.event_id
            (entry,) = self._repository.ledger(event_id, after_version, limit=1)
            return Accepted(entry, version=answer.version)
        if isinstance(answer, Accepted):
            return answer
        raise answer or RuntimeError("a member left without an answer")


def _batch_from(queue: deque[Member]) -> list[Member]:
    """Take what one commit may hold; a bulk is never split, however large it is."""
    batch: list[Member] = []
    entries = 0
    while queue and (not batch or entries + queue[0].command.entries_max <= BATCH_ENTRIES_MAX):
        member = queue.popleft()
        entries += member.command.entries_max
        batch.append(member)
    return batch
