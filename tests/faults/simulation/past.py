"""All states that an event has had, and when each of them was the current one."""

from dataclasses import replace
from typing import Any

from tests.faults.simulation.processes import Operation
from tests.faults.simulation.rows import EventRows
from ticketboss.domain.ledger import EventState, LedgerEntry
from ticketboss.domain.refusals import Refusal
from ticketboss.domain.rules.bulk import OUTCOMES

NEXT_EXPIRY = "next_hold_expires_at"


class Past:
    """The states by version, from the ledger alone; none where that has a gap."""

    def __init__(self, rows: EventRows) -> None:
        self.ledger = rows.ledger
        self.landed = rows.landed
        versions = [entry.version for entry in rows.ledger]
        self.is_gapless = versions == list(range(len(versions)))
        self.states: list[EventState] = []
        state = EventState()
        for entry in rows.ledger if self.is_gapless else ():
            state = replace(
                state,
                reservations=dict(state.reservations),
                keys=dict(state.keys),
                partners=dict(state.partners),
            )
            state.apply(entry)
            self.states.append(state)

    def was_current(self, version: int, operation: Operation) -> bool:
        """Whether a version was the newest at some step between a call and its answer.

        Versions inside of one commit are so at the step of that commit.
        """
        if version >= len(self.ledger):
            return False
        until = self.landed[version + 1] if version + 1 < len(self.landed) else None
        in_time = self.landed[version] <= (operation.answered or 0)
        return in_time and (until is None or operation.called <= until)

    def overdue(self, version: int, now: int) -> bool:
        """Whether holds were overdue at a version."""
        return any(row.is_due(now) for row in self.states[version].reservations.values())


def alike(decision: Any, told: Any) -> bool:
    """Whether two decisions are the same.

    But for when the next hold ends: within a batch it may be one that has just ended.
    """
    return bool(_plain(decision) == _plain(told))


def _plain(decision: Any) -> Any:
    if isinstance(decision, tuple) and not isinstance(decision, LedgerEntry):
        return [entry._replace(detail=_without_expiry(entry.detail)) for entry in decision]
    if isinstance(decision, Refusal):
        facts = {name: getattr(decision, name) for name in decision.__dataclass_fields__}
        return type(decision), _without_expiry(facts)
    return decision


def _without_expiry(facts: dict[str, Any]) -> dict[str, Any]:
    plain = {name: value for name, value in facts.items() if name != NEXT_EXPIRY}
    for name in (OUTCOMES, "outcomes"):
        if name in plain:
            plain[name] = [
                outcome and {**outcome, "facts": _without_expiry(outcome["facts"])}
                for outcome in plain[name]
            ]
    return plain
