"""Each request that was never answered explains one entry, whichever of those alike it was."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults.history.checker import check
from tests.faults.history.record import Operation
from tests.faults.history.synthetic import PATH, Author
from tests.faults.history.violations import told

RESERVATIONS = f"{PATH}/reservations"
ANOTHER = "entry {} is there, and who asked for that has made another one"
NOBODY = "entry {} is there and nobody who was not refused has asked for it"


def _ask(author: Author, kind: str, **more: Any) -> Operation:
    """Ask for this without a key, and be told nothing."""
    if kind == "reserve":
        body = {"seats": 1, "reference": "once"}
        return author.ask("reserve", "POST", RESERVATIONS, body, fate="unanswered", **more)
    if kind == "bulk":
        items = [{"seats": 1, "reference": f"once/{place}"} for place in range(2)]
        body = {"items": items, "atomic": False}
        path = f"{RESERVATIONS}/bulk"
        return author.ask("bulk", "POST", path, body, fate="unanswered", **more)
    if kind == "change":
        path = f"{RESERVATIONS}/{author.ids[0]}"
        return author.ask("change", "PATCH", path, {"seats": 3}, fate="unanswered", **more)
    return author.ask(kind, "POST", f"{PATH}/{kind}", None, None, fate="unanswered", **more)


def _ask_in_vain(author: Author, like: Operation) -> None:
    """Ask for the same, which never arrives."""
    author.ask(like.kind, like.method, like.path, like.body, like.partner_id, fate="lost")


def _read(author: Author) -> None:
    author.ask("read_event", "GET", PATH)


def _whys(author: Author) -> list[tuple[str, str]]:
    return [(each.check, each.why) for each in check(author.history()).violations]


@pytest.mark.parametrize(("asked", "made"), [(1, 1), (1, 2), (1, 5), (2, 1), (2, 2), (2, 3)])
@pytest.mark.parametrize("kind", ["reserve", "bulk"])
def test_as_many_entries_as_requests_alike(kind: str, asked: int, made: int) -> None:
    author = Author()
    operations = [_ask(author, kind, overlap=(0, 0)) for _ in range(min(asked, made))]
    for _ in range(asked - made):
        _ask_in_vain(author, operations[0])
    for _ in range(made - asked):
        author.carry_out_again(operations[0])
    _read(author)
    each = 2 if kind == "bulk" else 1
    too_many = range(asked * each + 1, made * each + 1)
    assert _whys(author) == [("acknowledged", ANOTHER.format(version)) for version in too_many]


def test_a_pause_that_is_carried_out_twice_is_told_with_its_request() -> None:
    author = Author()
    pause = _ask(author, "pause")
    author.ask("resume", "POST", f"{PATH}/resume", None, None)
    author.carry_out_again(pause)
    _read(author)
    [violation] = check(author.history()).violations
    assert (violation.check, violation.why) == ("acknowledged", ANOTHER.format(3))
    assert violation.operations == (pause,)


def test_a_change_that_is_carried_out_twice_is_a_violation() -> None:
    author = Author()
    author.ask("reserve", "POST", RESERVATIONS, {"seats": 1, "reference": "first"})
    change = _ask(author, "change")
    author.ask("change", "PATCH", change.path, {"seats": 2})
    author.carry_out_again(change)
    _read(author)
    assert _whys(author) == [("acknowledged", ANOTHER.format(4))]


def test_who_called_first_may_be_carried_out_last() -> None:
    author = Author()
    _ask(author, "pause")
    author.ask("resume", "POST", f"{PATH}/resume", None, None)
    _ask(author, "pause", overlap=(9, 0))
    _read(author)
    assert _whys(author) == []


def test_who_called_behind_an_entry_has_not_made_it() -> None:
    author = Author()
    pause = _ask(author, "pause")
    author.ask("resume", "POST", f"{PATH}/resume", None, None)
    author.carry_out_again(pause)
    # The same request, which came too late and never arrived.
    _ask_in_vain(author, pause)
    _read(author)
    assert _whys(author) == [("acknowledged", NOBODY.format(3))]


def test_who_called_in_time_has_made_it_and_not_who_called_at_the_same_millisecond() -> None:
    author = Author()
    _ask(author, "pause", key="k1")
    _read(author)
    # Without a key it would be the likelier one, had the pause not been told of before.
    late = author.ask("pause", "POST", f"{PATH}/pause", None, None, fate="lost")
    late.called_at = author.operations[0].called_at
    assert _whys(author) == []


def test_with_a_key_it_may_be_what_changed_nothing() -> None:
    author = Author()
    _ask(author, "pause")
    # Under a key even a pause of what is paused is written, so this one has not made the first.
    _ask(author, "pause", key="k1", overlap=(9, 0))
    _read(author)
    assert _whys(author) == []


def test_what_a_key_was_told_first_has_not_been_made_under_it_before() -> None:
    author = Author()
    pause = ("pause", "POST", f"{PATH}/pause", None, None)
    author.ask(*pause, fate="lost", key="k1")
    author.ask(*pause, fate="unanswered", key="k2")
    author.ask("resume", "POST", f"{PATH}/resume", None, None)
    author.ask(*pause, key="k1")
    assert _whys(author) == []


calls = st.lists(
    st.tuples(
        st.sampled_from(["pause", "resume"]),
        st.sampled_from(["answered", "unanswered", "unanswered", "lost"]),
        st.sampled_from([None, None, "k1", "k2"]),
        st.tuples(st.integers(0, 30), st.integers(0, 5)),
    ),
    max_size=25,
)


@given(calls)
def test_many_alike_raise_no_alarm(
    asked: list[tuple[str, str, str | None, tuple[int, int]]],
) -> None:
    author = Author()
    for kind, fate, key, overlap in asked:
        under = None if key is None else f"{key}-{kind}"
        author.ask(kind, "POST", f"{PATH}/{kind}", None, None, overlap, fate, key=under)
    _read(author)
    violations = check(author.history()).violations
    assert not violations, told(violations)
