"""Creating an event, once more or with the same idempotency key."""

import dataclasses

import pytest

from tests.unit.examples import (
    NOW,
    OPERATOR,
    accepted,
    after,
    change_event,
    create_event,
    reserve,
    then,
)
from ticketboss.domain.commands import CreateEvent
from ticketboss.domain.decide import decide
from ticketboss.domain.decisions import Replay
from ticketboss.domain.ledger import EventState
from ticketboss.domain.refusals import EventExists, IdempotencyKeyReused

WISH = create_event(20, idempotency_key="k", actor=OPERATOR)
OTHERS = {
    "name": "Another name",
    "total_seats": 21,
    "is_test": True,
    "seats_per_reservation_max": 9,
    "seats_per_partner_max": 1,
    "open_holds_per_partner_max": 1,
    "hold_seconds_total_max": 1,
    "on_sale_from": 1,
    "on_sale_until": 1,
}


def _other(**settings: object) -> CreateEvent:
    return dataclasses.replace(WISH, **settings)  # type: ignore[arg-type]


def test_the_first_entry_says_who_created_the_event_and_remembers_the_key() -> None:
    entry = accepted(decide(EventState(), WISH, NOW))
    assert (entry.version, entry.kind, entry.actor) == (0, "event_created", OPERATOR)
    assert (entry.seats, entry.available_seats) == (0, 20), "nobody has any of them yet"
    assert (entry.idempotency_key, entry.request_hash) == ("k", WISH.request_hash())
    assert accepted(decide(EventState(), create_event(), NOW)).request_hash is None


def test_a_retry_with_the_same_key_is_told_of_the_event_as_it_was_created() -> None:
    state = then(after(WISH), reserve(1), change_event(name="Renamed", cancelled=True))
    decision = decide(state, WISH, NOW + 1)
    assert isinstance(decision, Replay)
    assert (decision.entry.version, decision.entry.detail["name"]) == (0, "The drop")


@pytest.mark.parametrize(("setting", "value"), OTHERS.items())
def test_the_same_key_with_another_setting_is_refused(setting: str, value: object) -> None:
    assert decide(after(WISH), _other(**{setting: value}), NOW) == IdempotencyKeyReused()


def test_every_setting_of_an_event_is_part_of_what_is_asked() -> None:
    settings = {field.name for field in dataclasses.fields(CreateEvent)}
    common = {"event_id", "actor", "for_test", "idempotency_key", "expected_versions"}
    assert settings - common == set(OTHERS)


def test_the_key_of_another_kind_of_request_is_refused() -> None:
    state = then(after(create_event(20)), change_event(key="k", paused=True))
    assert decide(state, WISH, NOW) == IdempotencyKeyReused()


@pytest.mark.parametrize(
    "again",
    [
        _other(idempotency_key=None),
        _other(idempotency_key="another"),
        _other(actor="operator:key-2"),
        _other(actor=None),
    ],
    ids=["without a key", "another key", "another operator", "the system"],
)
def test_without_the_key_of_the_first_time_the_event_is_there_already(again: CreateEvent) -> None:
    assert decide(after(WISH), again, NOW) == EventExists()
