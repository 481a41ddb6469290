"""What is found by bisection is what looking at everything finds."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from tests.faults.history.moments import Spans
from tests.faults.history.record import Operation
from tests.faults.history.synthetic import Author
from tests.faults.history.unanswered import Alike

moments = st.integers(0, 9)
# What was known at the call, and when that was.
calls = st.lists(st.tuples(moments, moments), max_size=7)


@given(st.lists(st.tuples(moments, moments), max_size=6), moments, moments)
def test_spans_meet_what_one_of_them_meets(
    spans: list[tuple[int, int]], first: int, last: int
) -> None:
    expected = any(begin <= last and first <= end for begin, end in spans)
    assert Spans(spans).meet(first, last) == expected


@given(calls, st.lists(moments, max_size=7))
def test_requests_alike_explain_as_many_entries_as_they_can(
    called: list[tuple[int, int]], written: list[int]
) -> None:
    in_order = list(zip(*map(sorted, zip(*called, strict=True)), strict=True))
    alike = Alike([])
    for number, (known, at) in enumerate(in_order):
        path = "/events/e/pause"
        alike.add(Operation(number, "c", "pause", "operator", "POST", path, number, at), known)
    (template,) = Author()._entries
    # Versions go on, clocks may go back.
    possible = [
        [place for place, (known, at) in enumerate(in_order) if known < version and at <= moment]
        for version, moment in enumerate(written, 1)
    ]
    explained = 0
    for version, moment in enumerate(written, 1):
        likeliest = alike.likeliest(template._replace(version=version, at=moment), 0)
        if likeliest is not None and likeliest.number in possible[version - 1]:
            alike.take(likeliest)
            explained += 1
    assert explained == _most_that_can_be_paired(possible)
    assert alike.is_spent == (explained == len(called))


def _most_that_can_be_paired(possible: Sequence[Sequence[int]]) -> int:
    """The size of a largest matching, by paths that free a place for one more."""
    taken: dict[int, int] = {}

    def find(entry: int, seen: set[int]) -> bool:
        for place in possible[entry]:
            if place not in seen:
                seen.add(place)
                if place not in taken or find(taken[place], seen):
                    taken[place] = entry
                    return True
        return False

    return sum(find(entry, set()) for entry in range(len(possible)))
