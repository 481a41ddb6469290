"""Planning a batch: decide each command in order on one snapshot, collect what to write."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from ticketboss.domain.commands import Command
from ticketboss.domain.decide import Replay, decide
from ticketboss.domain.ledger import EventState, LedgerEntry
from ticketboss.domain.refusals import Refusal
from ticketboss.engine.answers import Accepted, Answer, CommandRefused
from ticketboss.repository.interface import Changes, ReservationChange, Snapshot

COMMIT_ID_BITS = 63


@dataclass(frozen=True, slots=True)
class Plan:
    """What a batch will write (None: nothing) and what each of its commands is then told."""

    changes: Changes | None
    answers: list[Answer]


def make_plan(snapshot: Snapshot, commands: Sequence[Command]) -> Plan:
    """Decide all commands in order, each on the state that the ones before it leave."""
    state = snapshot.state
    version_read = None if state.event is None else state.event.version
    versions_read = {id_: row.version for id_, row in state.reservations.items()}
    entries: list[LedgerEntry] = []
    answers: list[Answer] = []
    for command in commands:
        decision = decide(state, command, snapshot.now)
        if isinstance(decision, Refusal):
            version = None if state.event is None else state.event.version
            answers.append(CommandRefused(decision, version))
        elif isinstance(decision, Replay):
            answers.append(Accepted(decision.entry, replayed=True))
        else:
            for entry in decision:
                state.apply(entry)
            entries.extend(decision)
            answers.append(Accepted(decision[0]))
    return Plan(_changes(state, version_read, versions_read, entries), answers)


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
        partner_seats={id_: state.partner_seats[id_] for id_ in partner_ids},
        commit_id=secrets.randbits(COMMIT_ID_BITS),
    )
