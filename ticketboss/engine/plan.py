"""Planning a batch: decide each command in order on one snapshot, collect what to write."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from ticketboss.domain.commands import Command
from ticketboss.domain.decide import decide, decide_due
from ticketboss.domain.decisions import Decision, Replay, Unchanged
from ticketboss.domain.ledger import EventState, LedgerEntry
from ticketboss.domain.refusals import Refusal
from ticketboss.engine.answers import Accepted, AlreadySo, Answer, CommandRefused
from ticketboss.repository.interface import DUE_MAX, Changes, ReservationChange, Snapshot

COMMIT_ID_BITS = 63


@dataclass(frozen=True, slots=True)
class Plan:
    """What a batch will write (None: nothing) and what each of its commands is then told.

    An answer None means: to be decided again when more of what is due has ended.
    """

    changes: Changes | None
    answers: list[Answer | None]

    @property
    def tells_of_earlier_commits(self) -> bool:
        """Whether somebody is told that what he asks for was done before."""
        return any(
            isinstance(answer, AlreadySo) or (isinstance(answer, Accepted) and answer.replayed)
            for answer in self.answers
        )


def make_plan(snapshot: Snapshot, commands: Sequence[Command]) -> Plan:
    """End what is due, then decide all commands, each on the state that the ones before leave.

    With a full page of due claims there may be more: then nobody is refused for want of what
    they have, and nobody gets a part.
    """
    state = snapshot.state
    more_is_due = len(state.due) >= DUE_MAX
    version_read = None if state.event is None else state.event.version
    versions_read = {id_: row.version for id_, row in state.reservations.items()}
    entries = _end_due(state, snapshot.now)
    answers: list[Answer | None] = []
    for command in commands:
        if more_is_due and command.takes_what_is_left:
            answers.append(None)
            continue
        decision = decide(state, command, snapshot.now)
        if isinstance(decision, tuple):
            for entry in decision:
                state.apply(entry)
            entries.extend(decision)
        must_wait = more_is_due and isinstance(decision, Refusal) and decision.may_pass
        answers.append(None if must_wait else _answer(decision, state))
    return Plan(_changes(state, version_read, versions_read, entries), answers)


def _end_due(state: EventState, now: int) -> list[LedgerEntry]:
    entries = []
    for reservation_id in state.due:
        entry = decide_due(state, reservation_id, now)
        if entry is not None:
            state.apply(entry)
            entries.append(entry)
    return entries


def _answer(decision: Decision, state: EventState) -> Answer:
    version = None if state.event is None else state.event.version
    if isinstance(decision, Refusal):
        return CommandRefused(decision, version)
    if isinstance(decision, Replay):
        return Accepted(decision.entry, replayed=True)
    if isinstance(decision, Unchanged):
        return AlreadySo(version or 0, decision.version)
    return Accepted(decision[0], entries=decision)


def _changes(
    state: EventState,
    version_read: int | None,
    versions_read: dict[str, int],
    entries: list[LedgerEntry],
) -> Changes | None:
    if state.event is None or not entries:
        return None
    # In the order of the entries, so that rows are inserted at one edge of their key.
    reservation_ids = dict.fromkeys(e.reservation_id for e in entries if e.reservation_id)
    partner_ids = {entry.partner_id for entry in entries if entry.partner_id}
    return Changes(
        event=state.event,
        version_read=version_read,
        entries=entries,
        reservations=[
            ReservationChange(state.reservations[id_], versions_read.get(id_))
            for id_ in reservation_ids
        ],
        partners={id_: state.partners[id_] for id_ in partner_ids},
        commit_id=secrets.randbits(COMMIT_ID_BITS),
    )
