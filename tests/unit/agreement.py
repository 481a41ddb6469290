"""Whether an answer and its ledger entries tell what the model knows, beside the outcome."""

from collections.abc import Sequence
from typing import Any

from tests.unit.model import Model
from tests.unit.outcomes import Forecast, ItemForecast
from ticketboss.domain.commands import Command, Reserve, ReserveMany
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.domain.refusals import BulkRefused, NotEnoughSeats
from ticketboss.engine.answers import Accepted, AlreadySo, Answer, CommandRefused
from ticketboss.repository.interface import Repository

# None where an item was accepted, else the code and the facts of why not.
Told = dict[str, Any] | None


def check_answer(model: Model, forecast: Forecast, command: Command, answer: Answer) -> None:
    """Compare what an answer to a command tells that the model has just decided."""
    match answer:
        case Accepted():
            assert answer.entry.version == forecast.version
            assert answer.entry.idempotency_key == command.idempotency_key
            if not (answer.replayed or isinstance(command, ReserveMany)):
                assert answer.entry.version == model.version
                assert answer.entry.available_seats == model.available()
                assert answer.entry.held_seats == model.claims.seats("held")
        case AlreadySo():
            assert answer.version == model.version
        case CommandRefused(version=version, refusal=refusal):
            assert version == model.version
            if isinstance(refusal, NotEnoughSeats):
                facts = (refusal.available_seats, refusal.held_seats)
                assert facts == (model.available(), model.claims.seats("held"))


def check_bulk(
    repository: Repository, model: Model, forecast: Forecast, command: ReserveMany, answer: Answer
) -> None:
    """Compare what became of a bulk's items, as it is told and as the ledger has it."""
    match answer:
        case Accepted(entry=first):
            told: list[Told] = first.detail["bulk"]
            _check_items(model, forecast, command, told)
            accepted = told.count(None)
            entries = repository.ledger(first.event_id, first.version - 1, accepted)
            assert entries[0] == first
            _check_entries(model, forecast, command, entries)
            ids = {repository.commit_id(entry.event_id, entry.version) for entry in entries}
            assert len(ids) == 1, "it is committed as a whole"
        case CommandRefused(refusal=BulkRefused(outcomes=outcomes)):
            _check_items(model, forecast, command, list(outcomes))


def _check_items(
    model: Model, forecast: Forecast, command: ReserveMany, outcomes: list[Told]
) -> None:
    for item, foreseen, told in zip(command.items, forecast.items, outcomes, strict=True):
        if told is None:
            assert foreseen.reasons == set(), (command, outcomes)
            continue
        assert told["code"] in foreseen.reasons, (command, outcomes)
        facts = told["facts"]
        known = _known(model, item, foreseen, facts.get("limit"))
        if forecast.outcomes == {"bulk_refused"}:
            # Its own holds were never there: nobody may wait for them.
            known["held_seats"] = model.claims.seats("held")
        assert facts == facts | {name: known[name] for name in facts.keys() & known.keys()}


def _known(
    model: Model, item: Reserve, foreseen: ItemForecast, limit: str | None
) -> dict[str, Any]:
    """What the model knows of the facts that a refusal of this item may name."""
    is_of_seats = limit == "seats_per_partner"
    return model.settings | {
        "requested_seats": item.seats,
        "available_seats": foreseen.available_seats,
        "held_seats": foreseen.held_seats,
        "limit_max": model.settings.get(f"{limit}_max"),
        "taken": foreseen.seats_taken if is_of_seats else foreseen.open_holds,
    }


def _check_entries(
    model: Model, forecast: Forecast, command: ReserveMany, entries: Sequence[LedgerEntry]
) -> None:
    """One entry for each accepted item, without a gap and in their order."""
    made = [
        (item, foreseen)
        for item, foreseen in zip(command.items, forecast.items, strict=True)
        if not foreseen.reasons
    ]
    assert len(entries) == len(made)
    for number, (entry, (item, foreseen)) in enumerate(zip(entries, made, strict=True)):
        assert entry.version == forecast.version + number
        assert entry.kind == ("reserved" if item.hold_seconds is None else "held")
        assert entry.reservation_id == item.reservation_id
        assert entry.partner_id == command.partner_id
        assert entry.actor == (command.actor or f"partner:{command.partner_id}")
        assert entry.seats == model.claims[item.reservation_id].seats
        assert entry.available_seats == foreseen.available_seats
        assert entry.held_seats == foreseen.held_seats
        assert entry.idempotency_key == (None if number else command.idempotency_key)
        assert ("bulk" in entry.detail) == (number == 0)
    assert model.version == forecast.version + len(entries) - 1
