"""The checker's time grows like that of sorting: steps of the interpreter are counted, not time."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from tests.faults.history import synthetic
from tests.faults.history.checker import check
from tests.faults.history.record import History
from tests.faults.history.synthetic import PATH, Author

RESERVATIONS = f"{PATH}/reservations"
COUNT = 100
TIMES = 4
# With log n: 400 log 400 is 5.2 times 100 log 100, of which most parts have no logarithm.
GROWTH_MAX = 4.8


def steps_of(act: Callable[[], Any]) -> int:
    """How many instructions the interpreter carries out."""
    count = 0

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        act()
    finally:
        sys.settrace(before)
    return count


def _reserve(author: Author, place: int, key: str | None = None) -> None:
    body = {"seats": 1, "reference": key or f"{place}"}
    author.ask("reserve", "POST", RESERVATIONS, body, key=key)


def plain(author: Author, place: int) -> None:
    _reserve(author, place)
    author.ask("read_event", "GET", PATH)


def freezes(author: Author, place: int) -> None:
    _reserve(author, place)
    kind, body = ("unfreeze", None) if place % 2 else ("freeze", {"holds": "keep"})
    asked = author.ask("read_event", "GET", PATH, None, None)
    asked.kind, asked.method, asked.path, asked.body = kind, "POST", f"/partners/bob/{kind}", body
    _reserve_for_bob(author, place)


def _reserve_for_bob(author: Author, place: int) -> None:
    body = {"seats": 1, "reference": f"bob-{place}"}
    author.ask("reserve", "POST", RESERVATIONS, body, "bob", (1, 1))


def one_key(author: Author, place: int) -> None:
    _reserve(author, place, "hot")


def one_key_otherwise_each_time(author: Author, place: int) -> None:
    _reserve(author, place, "hot")
    asked = author.operations[-1]
    asked.text = asked.text.replace("}", f', "attempt": {place}}}')


def pauses_without_an_answer(author: Author, place: int) -> None:
    kind = "resume" if place % 2 else "pause"
    author.ask(kind, "POST", f"{PATH}/{kind}", None, None, fate="unanswered")
    author.ask("read_event", "GET", PATH)


def changes_without_an_answer(author: Author, place: int) -> None:
    body = {"totalSeats": synthetic.SEATS + place + 1}
    author.ask("change_event", "PATCH", PATH, body, None, fate="unanswered")


def one_reservation(author: Author, place: int) -> None:
    if not place:
        _reserve(author, place)
    path = f"{RESERVATIONS}/{author.ids[0]}"
    author.ask("change", "PATCH", path, {"seats": 1 + place % 2})
    author.ask("read_reservation", "GET", path)


KINDS = (
    *(plain, freezes, one_key, one_key_otherwise_each_time, pauses_without_an_answer),
    *(changes_without_an_answer, one_reservation),
)


def _history(kind: Callable[[Author, int], None], count: int) -> History:
    author = Author()
    for place in range(count):
        kind(author, place)
    return author.history()


@pytest.mark.parametrize("kind", KINDS, ids=[kind.__name__ for kind in KINDS])
def test_four_times_the_history_takes_hardly_more_than_four_times_as_long(
    kind: Callable[[Author, int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthetic, "SEATS", 1_000_000)
    few, many = (_history(kind, count) for count in (COUNT, TIMES * COUNT))
    grown = steps_of(lambda: check(many)) / steps_of(lambda: check(few))
    assert grown < GROWTH_MAX
