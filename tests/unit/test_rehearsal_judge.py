"""The judge of a rehearsal finds each broken promise, and nothing where all were kept."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.rehearsed import (
    NOON,
    entry,
    evidence,
    no,
    reservation,
    summary,
    wish,
    with_entry,
    with_told,
    yes,
)
from ticketboss.rehearsal.errands import UNKNOWN
from ticketboss.rehearsal.evidence import Evidence
from ticketboss.rehearsal.judge import LINES_PER_PROMISE_MAX, broken_promises

Fault = Callable[[Evidence], Evidence]
LIVE = {"available_seats": 2, "held_seats": 0, "reservation_count": 2}


def found(fault: Fault) -> str:
    """What the judge says of the drop with this fault in it."""
    return "\n".join(broken_promises(fault(evidence())))


def test_a_drop_as_promised_breaks_nothing() -> None:
    assert broken_promises(evidence()) == []


def one_more_told(found: Evidence) -> Evidence:
    """Eight more seats than there are were promised to somebody."""
    told = [yes(wish(number), "reserve", f"x{number}", 9, 0, 2.0) for number in (7, 8)]
    return replace(found, told=[*found.told, *told])


def test_seats_promised_beyond_the_capacity_are_oversold() -> None:
    assert "Over-sold: partners were promised 12 seats of 10." in found(one_more_told)


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (with_entry(1, available_seats=6), "Version 2 has 6 of 10 seats available, 4 held"),
        (with_entry(1, available_seats=6), "must have 2 of 10 seats available, 4 held"),
        (with_entry(3, available_seats=-2), "Over-sold at version 4: -2 of 10 seats available"),
        (with_entry(2, version=7), "The ledger goes from version 2 to 7."),
        (
            lambda found: replace(found, after=summary(4, 5, 0, 1)),
            "The event has 5 of 10 seats available, 0 held, 1 reservations at version 4",
        ),
        (
            lambda found: replace(found, entries=found.entries[:-1]),
            "0 held, 1 reservations at version 4, its ledger 2 of 10 seats available",
        ),
    ],
)
def test_counters_that_the_entries_do_not_give_are_found(fault: Fault, line: str) -> None:
    assert line in found(fault)


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (with_entry(0, reservation_id="z"), "Lost: reservation a of 4 seats was acknowledged"),
        (with_entry(0, seats=3), "Lost: reservation a of 4 seats was acknowledged"),
        (with_entry(1, kind="reserved"), "Lost: reservation b of 4 seats was acknowledged"),
        (with_entry(2, reservation_id="z"), "Lost: that reservation b was confirmed"),
        (with_entry(3, reservation_id="z"), "Lost: that reservation a was cancelled"),
        (
            with_entry(3, reservation_id="b"),
            "Lost: reservation b is cancelled, and nobody asked.",
        ),
        (
            with_told(0, reservation=reservation("a", 3, 1, 6, "confirmed")),
            "Reservation a has 3 seats, and 4 were asked for.",
        ),
    ],
)
def test_what_was_acknowledged_and_is_not_there_is_lost(fault: Fault, line: str) -> None:
    assert line in found(fault)


def twice_made(found: Evidence) -> Evidence:
    """The first wish has a second reservation, which its partner was never told of."""
    again = entry(5, "reserved", "c", 0, available_seats=2, held_seats=0, reservation_count=2)
    return replace(found, entries=[*found.entries, again], after=summary(5, 2, 0, 2))


def refused_and_made(found: Evidence) -> Evidence:
    """The refused wish has a reservation."""
    taken = entry(5, "reserved", "c", 2, available_seats=2, held_seats=0, reservation_count=2)
    return replace(found, entries=[*found.entries, taken], after=summary(5, 2, 0, 2))


def test_a_key_with_two_effects_is_found() -> None:
    assert found(twice_made) == "One key has 2 effects, at the versions 1, 5."


def test_a_refusal_that_took_seats_is_found() -> None:
    assert found(refused_and_made) == "Refused with not_enough_seats, and reserved at version 5."


def test_a_refusal_behind_a_lost_answer_may_have_taken_seats() -> None:
    def after_a_lost_answer(found: Evidence) -> Evidence:
        return with_told(3, failed_tries=(UNKNOWN,))(refused_and_made(found))

    assert found(after_a_lost_answer) == ""


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (
            with_told(1, reservation=reservation("b", 4, 2, 2, "held")),
            "One key has two answers: a and b.",
        ),
        (
            with_told(2, reservation=reservation("a", 4, 2, 2, "held")),
            "Two keys were answered with the same reservation a.",
        ),
    ],
)
def test_answers_that_belong_to_another_key_are_found(fault: Fault, line: str) -> None:
    assert line in found(fault)


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (with_told(3, version=1), "4 seats were refused at version 1, which had 6."),
        (with_told(3, version=0), "4 seats were refused at version 0, which had 10."),
        (with_told(3, version=None), "4 seats were refused at version None, which is not in"),
        (with_told(3, version=77), "4 seats were refused at version 77, which is not in"),
        (
            with_told(3, sent_seconds=0.95, ended_seconds=1.0),
            "4 seats were refused at version 2, when version 3 had been told before",
        ),
    ],
)
def test_a_refusal_while_seats_were_left_is_found(fault: Fault, line: str) -> None:
    assert line in found(fault)


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (with_told(3, code="key_invalid"), "1 x reserve refused with key_invalid"),
        (with_told(5, code="reservation_not_found"), "1 x cancel refused with reservation_not"),
        (with_told(4, code="reservation_ended"), "1 x confirm refused with reservation_ended"),
        (with_told(0, failed_tries=("internal_error",)), "1 answers were 500 internal_error"),
        (with_told(3, code=UNKNOWN), "1 requests were never settled, 1 x reserve."),
    ],
)
def test_answers_that_a_drop_gives_no_reason_for_are_found(fault: Fault, line: str) -> None:
    assert line in found(fault)


@pytest.mark.parametrize("code", ["overloaded", "rate_limited", "sale_not_open", "partner_frozen"])
def test_refusals_that_a_drop_may_see_break_nothing(code: str) -> None:
    assert found(with_told(3, code=code)) == ""


def test_a_hold_that_expires_too_early_is_found() -> None:
    early = with_entry(2, kind="expired", available_seats=6, held_seats=0, reservation_count=1)

    assert "Hold b expired at 2030-12-01 12:00:03+00:00, before" in found(early)


def test_a_hold_that_expires_in_time_is_not_complained_about() -> None:
    in_time = with_entry(2, kind="expired", at=NOON + timedelta(seconds=60))

    assert "expired at" not in found(in_time)


def test_seats_that_come_back_twice_are_found() -> None:
    def twice(found: Evidence) -> Evidence:
        again = entry(5, "cancelled", "a", 0, available_seats=10, held_seats=0, reservation_count=0)
        return replace(found, entries=[*found.entries, again], after=summary(5, 10, 0, 0))

    assert found(twice) == "Reservation a is cancelled at version 5, though it is cancelled."


def test_what_the_server_finds_itself_and_what_was_not_sent_are_told() -> None:
    def both(found: Evidence) -> Evidence:
        return replace(found, differences=["reservation a is missing"], unsent=3)

    assert found(both).splitlines() == [
        "3 requests were not sent, for the time was up.",
        "verify: reservation a is missing",
    ]


def test_one_promise_broken_very_often_takes_a_few_lines() -> None:
    def many(found: Evidence) -> Evidence:
        return replace(found, differences=[f"row {number}" for number in range(1_000)])

    lines = broken_promises(many(evidence()))
    assert len(lines) == LINES_PER_PROMISE_MAX + 1
    assert lines[-1] == "... and more of this kind."


def test_others_who_reserve_at_the_same_time_do_not_disturb() -> None:
    def others(found: Evidence) -> Evidence:
        stranger = replace(entry(5, "reserved", "s", 0, **LIVE), reference=None)
        return replace(found, entries=[*found.entries, stranger], after=summary(5, 2, 0, 2))

    assert found(others) == ""


def test_a_refusal_that_was_asked_for_before_the_news_came_is_right() -> None:
    late = no(wish(2), "reserve", "not_enough_seats", 2, 0.85)

    assert found(lambda drop: replace(drop, told=[*drop.told, late])) == ""
