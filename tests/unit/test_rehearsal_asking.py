"""An errand is asked until it is settled, under one key, and timed from when it was due."""

from itertools import count
from typing import Any

import pytest

from tests.client.stub import (
    API_KEY,
    EVENT,
    Lost,
    Reaction,
    Stub,
    Told,
    in_turn,
    problem,
    reservation,
)
from tests.unit.rehearsed import wish
from ticketboss.client.connection import Connection
from ticketboss.client.event_calls import EventCalls
from ticketboss.rehearsal import asking, errands
from ticketboss.rehearsal.asking import Partner, carry_out, one_try
from ticketboss.rehearsal.errands import UNKNOWN, Errand, following

RESERVED = Told(201, reservation(seats=4))
HELD = Told(201, reservation(seats=4, status="held", expiresAt="2026-12-01T12:01:00.250Z"))
SOLD_OUT = problem(409, "not_enough_seats", headers={"TicketBoss-Version": "7"})
BUSY = problem(503, "overloaded", retryable=True)


def answered(errand: Errand, *reactions: Reaction) -> tuple[errands.Told, Stub]:
    """What becomes of an errand at a server that reacts so; a clock that ticks once a look."""
    with Stub(in_turn(*reactions)) as stub:
        calls = EventCalls(Connection(stub.url, API_KEY), EVENT, one_try(5.0))
        partner = Partner(calls, "abc-corp", "run", 60, one_try(0.001))
        ticks = count(1)
        told = carry_out(errand, partner, lambda: float(next(ticks)))
    return told, stub


def reserving(**members: Any) -> Errand:
    """A reservation that was due at T-0."""
    return Errand(**{"wish": wish(3), "action": "reserve", "due_seconds": 0.0, **members})


def test_a_yes_is_kept_with_its_version_and_its_times() -> None:
    told, stub = answered(reserving(), RESERVED)

    assert (told.code, told.version, told.failed_tries) == ("accepted", 7, ())
    assert (told.took_ms, told.took_ms_from_sending) == (2_000.0, 1_000.0)
    assert stub.seen[0].document == {"partnerId": "abc-corp", "seats": 4, "reference": "run-3"}
    assert stub.keys == ['"run-3-reserve"']


@pytest.mark.parametrize("lost", [Lost(), BUSY, problem(429, "rate_limited", retryable=True)])
def test_what_passes_is_asked_again_under_the_same_key(lost: Reaction) -> None:
    told, stub = answered(reserving(), lost, lost, RESERVED)

    assert (told.code, len(told.failed_tries)) == ("accepted", 2)
    assert stub.keys == ['"run-3-reserve"'] * 3


def test_a_refusal_is_final_and_has_the_version_that_it_was_decided_at() -> None:
    told, stub = answered(reserving(), SOLD_OUT)

    assert (told.code, told.version, len(stub.seen)) == ("not_enough_seats", 7, 1)


@pytest.mark.parametrize(
    ("reactions", "code"),
    [((BUSY, BUSY), "overloaded"), ((Lost(), BUSY), UNKNOWN), ((BUSY, Lost()), UNKNOWN)],
)
def test_whoever_is_out_of_time_knows_only_what_every_try_says(
    monkeypatch: pytest.MonkeyPatch, reactions: tuple[Reaction, ...], code: str
) -> None:
    # By the clock of the test the second try ends two seconds after the first was sent.
    monkeypatch.setattr(asking, "ERRAND_SECONDS_MAX", 1.9)
    told, stub = answered(reserving(), *reactions)

    assert (told.code, len(stub.seen)) == (code, 2)


def test_a_hold_is_confirmed_and_a_confirmed_reservation_cancelled() -> None:
    wanted = wish(3, holds=True)
    held, stub = answered(reserving(wish=wanted, action="hold"), HELD)
    assert stub.seen[0].document["holdSeconds"] == 60
    [confirm] = following(held)
    confirmed, stub = answered(confirm, RESERVED)
    assert (stub.seen[0].path, stub.keys) == (
        f"/events/{EVENT}/reservations/r1/confirm",
        ['"run-3-confirm"'],
    )
    assert list(following(confirmed)) == []


def test_a_repeated_errand_has_the_key_and_the_body_of_the_first() -> None:
    first, _ = answered(reserving(), RESERVED)
    again, stub = answered(reserving(action="repeat"), RESERVED)

    assert stub.keys == ['"run-3-reserve"']
    assert again.reservation == first.reservation
