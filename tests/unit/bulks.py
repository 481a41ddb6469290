"""Bulk commands for tests, and what becomes of their items one by one."""

from dataclasses import fields
from typing import Any

from tests.unit.examples import EVENT_ID, NOW, PARTNER_ID, reserve
from ticketboss.domain.commands import Reserve, ReserveMany
from ticketboss.domain.decide import decide
from ticketboss.domain.ledger import EventState, LedgerEntry
from ticketboss.domain.refusals import BulkRefused, Refusal

Outcome = dict[str, Any] | None


def item(
    number: int,
    seats: int = 1,
    *,
    partner_id: str = PARTNER_ID,
    actor: str | None = None,
    event_id: str = EVENT_ID,
    **wishes: Any,
) -> Reserve:
    """One item, its id made from the number."""
    return reserve(
        seats, f"b{number}", partner_id=partner_id, actor=actor, event_id=event_id, **wishes
    )


def bulk(*items: Reserve | int, atomic: bool = False, **common: Any) -> ReserveMany:
    """A bulk; a number stands for an item that wants so many seats."""
    whose = {name: common[name] for name in ("partner_id", "actor", "event_id") if name in common}
    made = tuple(
        item(number, wanted, **whose) if isinstance(wanted, int) else wanted
        for number, wanted in enumerate(items)
    )
    common = {"event_id": EVENT_ID, "partner_id": PARTNER_ID} | common
    return ReserveMany(items=made, atomic=atomic, **common)


def made_by(state: EventState, command: ReserveMany, now: int = NOW) -> tuple[LedgerEntry, ...]:
    """The entries of a bulk that is accepted."""
    decision = decide(state, command, now)
    assert isinstance(decision, tuple), decision
    return decision


def outcomes_of(state: EventState, command: ReserveMany) -> list[Outcome]:
    """What a bulk says of each of its items, whether it is accepted or not."""
    decision = decide(state, command, NOW)
    if isinstance(decision, BulkRefused):
        return list(decision.outcomes)
    assert isinstance(decision, tuple), decision
    outcomes: list[Outcome] = decision[0].detail["bulk"]
    return outcomes


def codes_of(state: EventState, command: ReserveMany) -> list[str | None]:
    """The same, by the codes alone: None where an item is accepted."""
    return [outcome["code"] if outcome else None for outcome in outcomes_of(state, command)]


def one_by_one(
    state: EventState, command: ReserveMany, now: int
) -> tuple[list[LedgerEntry], list[Outcome]]:
    """Decide the items as requests of their own, each after the one before; moves the state on."""
    entries: list[LedgerEntry] = []
    outcomes: list[Outcome] = []
    for each in command.items:
        decision = decide(state, each, now)
        if isinstance(decision, Refusal):
            facts = {fact.name: getattr(decision, fact.name) for fact in fields(decision)}
            outcomes.append({"code": decision.code, "facts": facts})
            continue
        assert isinstance(decision, tuple), decision
        (entry,) = decision
        state.apply(entry)
        entries.append(entry)
        outcomes.append(None)
    return entries, outcomes
