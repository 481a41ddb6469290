"""Each check by itself: a history in which one thing is wrong, which no other check finds."""

import json
from typing import Any

import pytest

from tests.faults.history.checker import check
from tests.faults.history.record import History, Operation
from tests.faults.history.synthetic import PATH, STEP_MS, Author

RESERVATIONS = f"{PATH}/reservations"
LEDGER = f"{PATH}/ledger?after=0&limit=100"


def _reserve(author: Author, seats: int = 1, **more: Any) -> Operation:
    body = {"seats": seats, "reference": f"{len(author.operations)}"}
    return author.ask("reserve", "POST", RESERVATIONS, body, **more)


def _change(author: Author, place: int, seats: int) -> Operation:
    path = f"{RESERVATIONS}/{author.ids[place]}"
    return author.ask("change", "PATCH", path, {"seats": seats})


def _read(author: Author, kind: str, path: str, overlap: tuple[int, int] = (0, 0)) -> Operation:
    return author.ask(kind, "GET", path, overlap=overlap)


def _say(operation: Operation, document: Any) -> None:
    operation.text, operation._document = json.dumps(document), None


def _found(history: History) -> list[tuple[str, str]]:
    return [(each.check, each.why) for each in check(history).violations]


def _hold_that_is_over(author: Author, seats: int) -> None:
    """A hold whose end nobody notices."""
    body = {"seats": seats, "holdSeconds": 1, "reference": "hold"}
    author.ask("hold", "POST", RESERVATIONS, body)
    for _ in range(1_000 // STEP_MS):
        _read(author, "list", f"{RESERVATIONS}?cursor=0")


class _Forgetful(Author):
    """One that ends no holds."""

    def _end_due(self) -> None:
        live = [each.expires_at for each in self.state.reservations.values() if each.expires_at]
        self.state.next_hold_expires_at = min(live, default=None)


def test_an_entry_beside_a_hold_that_is_over() -> None:
    author = _Forgetful()
    _hold_that_is_over(author, 1)
    _reserve(author)
    why = f"a hold was overdue by {STEP_MS} ms and had not been ended"
    assert _found(author.history()) == [("expiry", why)]


def test_a_refusal_for_want_of_seats_that_are_held_for_too_long() -> None:
    author = _Forgetful()
    _hold_that_is_over(author, 10)
    assert _reserve(author, 3).code == "not_enough_seats"
    why = "on the state of version 1 a hold that was overdue had not been ended"
    assert _found(author.history()) == [("refusals", why)]


def test_an_event_that_ends_otherwise() -> None:
    author = Author()
    _reserve(author)
    history = author.history()
    history.ending.event["name"] = "F"
    why = "the event is not what its ledger gives: name 'F' not 'E'"
    assert _found(history) == [("ending", why)]


def test_a_reservation_that_nobody_has_made() -> None:
    author = Author()
    _reserve(author)
    history = author.history()
    history.ending.reservations.append(history.ending.reservations[0] | {"reservationId": "x"})
    assert _found(history) == [("ending", "reservation x is there without an entry")]


def test_a_reservation_that_is_listed_twice_at_the_end() -> None:
    author = Author()
    _reserve(author)
    history = author.history()
    history.ending.reservations *= 2
    assert _found(history) == [("ending", "the list has a reservation more than once")]


def test_a_request_that_was_sent_when_its_effect_had_been_told() -> None:
    author = Author()
    asked = _reserve(author, fate="unanswered")
    read = _read(author, "read_event", PATH)
    assert read.answered_ns
    # The clocks of the machines agree that it could have been; the one of the clients does not.
    asked.called_ns = read.answered_ns + 1
    why = "version 1 had been told before the call, which then made version 1"
    assert _found(author.history()) == [("real time", why)]


def test_a_list_whose_rows_never_stood_side_by_side() -> None:
    author = Author()
    for _ in range(2):
        _reserve(author)
    before = _read(author, "list", f"{RESERVATIONS}?cursor=0").document["reservations"]
    _change(author, 0, 2)
    _change(author, 1, 2)
    read = _read(author, "list", f"{RESERVATIONS}?cursor=0", overlap=(3, 0))
    after = read.document["reservations"]
    _say(read, {"reservations": [before[0], after[1]], "next": None})
    why = "rows up to version 4 stand beside one that ended with 2"
    assert _found(author.history()) == [("reads", why)]


@pytest.mark.parametrize("kind", ["read_reservation", "list"])
def test_a_reservation_as_it_was_before(kind: str) -> None:
    author = Author()
    _reserve(author)
    path = f"{RESERVATIONS}/{author.ids[0]}" if kind != "list" else f"{RESERVATIONS}?cursor=0"
    before = _read(author, kind, path)
    change = _change(author, 0, 2)
    read = _read(author, kind, path)
    _say(read, before.document)
    [violation] = check(author.history()).violations
    why = "it was told before the call that this is older than version 2"
    assert (violation.check, violation.why) == ("reads", why)
    assert violation.operations == (change, read)


def test_a_ledger_that_ends_too_early() -> None:
    author = Author()
    for _ in range(3):
        _reserve(author)
    read = _read(author, "read_ledger", LEDGER)
    _say(read, {"entries": read.document["entries"][:2], "next": 2})
    why = "it ends before version 3, which was told before the call"
    assert _found(author.history()) == [("reads", why)]


def test_a_repetition_of_nothing() -> None:
    author = Author()
    made = _reserve(author)
    asked = author.ask("reserve", "POST", RESERVATIONS, made.body, key="k", fate="lost")
    asked.status, asked.version, asked.replayed = made.status, made.version, True
    asked.text, asked.answered_at = made.text, asked.called_at + 1
    asked.answered_ns = asked.called_ns + 1
    why = "an answer is said to be a repetition, and nothing was done under that key"
    assert _found(author.history()) == [("one effect per key", why)]


def test_a_repetition_that_differs_from_an_earlier_one() -> None:
    author = Author()
    body = {"seats": 1, "reference": "r"}
    for _ in range(4):
        author.ask("reserve", "POST", RESERVATIONS, body, key="k")
    other = author.operations[2]
    _say(other, other.document | {"seats": 2})
    found = check(author.history()).violations
    assert {each.check for each in found} == {"one effect per key"}
    assert [each.operations[1] for each in found] == author.operations[1:]
