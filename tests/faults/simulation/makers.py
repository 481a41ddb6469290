"""Entries that nobody was told to have made: each must be the system's, or an open request's."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from tests.faults.simulation.past import Past, alike
from tests.faults.simulation.processes import Operation
from tests.faults.simulation.wishes import PARTNERS
from ticketboss.domain.commands import SYSTEM_ACTOR
from ticketboss.domain.decide import decide, decide_due
from ticketboss.domain.ledger import EventState, LedgerEntry

# Who was frozen is not known where nobody was answered.
FROZEN = (frozenset[str](), *(frozenset({id_}) for id_ in PARTNERS))


def unexplained(
    event_id: str,
    past: Past,
    made: Collection[int],
    open_ones: Sequence[Operation],
    released: Collection[str],
) -> Iterator[str]:
    """Why entries should not be there, of those whose versions are not in `made`."""
    left = [each for each in open_ones if each.command.event_id == event_id]
    version = 0
    while version < len(past.ledger):
        entry = past.ledger[version]
        before = past.states[version - 1] if version else EventState()
        if version in made:
            version += 1
        elif entry.actor == SYSTEM_ACTOR and version:
            wrong = _wrong_with_due(before, entry, released)
            if wrong:
                yield f"{wrong}: {entry}"
            version += 1
        else:
            maker, count = _maker(before, past, version, left)
            if maker is None:
                yield f"nobody who was not told of it can have made {entry}"
            else:
                left.remove(maker)
            version += count


def _wrong_with_due(before: EventState, entry: LedgerEntry, released: Collection[str]) -> str:
    due = decide_due(before, entry.reservation_id or "", entry.at)
    if due != entry:
        return f"the rules say {due}"
    reservation = before.reservations[entry.reservation_id or ""]
    is_cancelled = before.event is not None and before.event.cancelled
    is_released = reservation.status == "held" and reservation.partner_id in released
    return "" if reservation.is_due(entry.at) or is_cancelled or is_released else "it was not due"


def _maker(
    before: EventState, past: Past, version: int, left: Sequence[Operation]
) -> tuple[Operation | None, int]:
    """An open request that makes the entries from a version on, and how many it makes."""
    first = past.ledger[version]
    for operation in left:
        command = operation.command
        if command.idempotency_key != first.idempotency_key:
            continue
        if operation.called > past.landed[version]:
            continue
        for frozen in FROZEN:
            decision = decide(replace(before, frozen=frozen), command, first.at)
            if isinstance(decision, tuple):
                found = tuple(past.ledger[version : version + len(decision)])
                if alike(decision, found):
                    return operation, len(decision)
    return None, 1
