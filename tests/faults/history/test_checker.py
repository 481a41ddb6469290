"""The checker alone: correct histories raise no alarm, and whatever is changed in one does."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.faults.history.checker import check
from tests.faults.history.record import History, Operation
from tests.faults.history.synthetic import EVENT, PATH, Author
from tests.faults.history.violations import told

small = st.integers(1, 6)
overlaps = st.tuples(st.integers(0, 4), st.integers(0, 4))
fates = st.sampled_from(["answered"] * 6 + ["unanswered", "lost"])
partners = st.sampled_from(["ada", "bob"])
keys = st.sampled_from([None, None, "k1", "k2", "k3"])
KINDS = (
    *("reserve", "reserve", "hold", "fill", "bulk", "confirm", "cancel", "cancel", "change"),
    *("capacity", "pause", "resume", "read_event", "read_reservation", "list", "read_ledger"),
)
kinds = st.sampled_from(KINDS)
wishes = st.lists(
    st.tuples(kinds, small, st.integers(0, 30), partners, keys, overlaps, fates),
    max_size=40,
)
Wish = tuple[str, int, int, str, str | None, tuple[int, int], str]


# What every changed history begins with: a repetition, a refusal for want of seats, an end.
BEGINNING: list[Wish] = [
    ("reserve", 1, 0, "ada", "k9", (0, 0), "answered"),
    ("reserve", 1, 0, "ada", "k9", (1, 1), "answered"),
    ("reserve", 6, 0, "bob", None, (0, 1), "answered"),
    ("reserve", 6, 0, "bob", None, (0, 0), "answered"),
    ("cancel", 1, 0, "bob", None, (0, 0), "answered"),
]


def history_of(asked: list[Wish]) -> History:
    """What comes of these wishes, and an answered read at the end."""
    author = Author()
    for number, (kind, seats, place, by, key, overlap, fate) in enumerate(asked):
        reference = f"{number}" if key is None else key
        path, method, who, body = f"{PATH}/reservations", "POST", by, None
        name = kind
        if kind in ("reserve", "hold", "fill"):
            more = {"hold": {"holdSeconds": 1}, "fill": {"minSeats": 1}}.get(kind, {})
            body = {"seats": seats, "reference": reference, **more}
        elif kind == "bulk":
            items = [{"seats": seats, "reference": f"{reference}/{n}"} for n in range(3)]
            path, body = f"{path}/bulk", {"items": items, "atomic": place % 2 == 0}
        elif kind in ("confirm", "cancel", "change", "read_reservation"):
            id_ = author.ids[-1 - place % len(author.ids)] if author.ids else "none"
            path = f"{path}/{id_}" + ("/confirm" if kind == "confirm" else "")
            method = {"cancel": "DELETE", "change": "PATCH", "confirm": "POST"}.get(kind, "GET")
            body = {"seats": seats} if kind == "change" else None
        elif kind == "capacity":
            name, method, path, who = "change_event", "PATCH", PATH, ""
            body = {"totalSeats": 8 + seats}
        elif kind in ("pause", "resume"):
            path, who = f"{PATH}/{kind}", ""
        else:
            method, key = "GET", None
            query = {"list": "/reservations?cursor=0", "read_ledger": "/ledger?after=0&limit=100"}
            path = PATH + query.get(kind, "")
        author.ask(name, method, path, body, who or None, overlap, fate, key=key)
    author.ask("read_event", "GET", PATH)
    return author.history()


@given(wishes)
def test_a_correct_history_raises_no_alarm(asked: list[Wish]) -> None:
    violations = check(history_of(asked)).violations
    assert not violations, told(violations)


def accepted(history: History) -> list[Operation]:
    """Writes that were told that they have made something just then."""
    ok = [each for each in history.operations if each.outcome == "ok" and not each.is_read]
    made = {entry["version"] for entry in history.ending.ledger if entry["actor"] != "system"}
    return [each for each in ok if not each.replayed and each.version in made]


def rewrite(operation: Operation, **members: Any) -> None:
    operation.text = json.dumps(operation.document | members)
    operation._document = None


def forget_the_last_entries(history: History, place: int) -> bool:
    told_of = accepted(history)
    if not told_of:
        return False
    del history.ending.ledger[max(each.version or 0 for each in told_of) :]
    return True


def take_an_entry_out(history: History, place: int) -> bool:
    if len(history.ending.ledger) < 3:
        return False
    del history.ending.ledger[1 + place % (len(history.ending.ledger) - 2)]
    return True


def lose_a_reservation(history: History, place: int) -> bool:
    rows = history.ending.reservations
    return bool(rows) and bool(rows.pop(place % len(rows)))


def tell_of_other_seats(history: History, place: int) -> bool:
    found = [each for each in accepted(history) if "seats" in each.document]
    for operation in found[place % len(found) :][:1] if found else []:
        rewrite(operation, seats=operation.document["seats"] + 1)
    return bool(found)


def tell_of_the_next_version(history: History, place: int) -> bool:
    found = [each for each in accepted(history) if each.kind == "cancel"]
    for operation in found[:1]:
        operation.version = (operation.version or 0) + 1
    return bool(found)


def refuse_for_another_reason(history: History, place: int) -> bool:
    found = [each for each in history.operations if each.code and each.version is not None]
    for operation in found[place % len(found) :][:1] if found else []:
        is_paused = operation.code == "sale_paused"
        rewrite(operation, code="event_cancelled" if is_paused else "sale_paused")
    return bool(found)


def refuse_with_a_wrong_number(history: History, place: int) -> bool:
    found = [each for each in history.operations if each.code == "not_enough_seats"]
    for operation in found[:1]:
        rewrite(operation, availableSeats=operation.document["availableSeats"] + 1)
    return bool(found)


def ask_behind_all_answers(history: History, place: int) -> bool:
    found = accepted(history)
    last = max(each.answered_ns or 0 for each in history.operations)
    for operation in found[:1]:
        operation.called_ns, operation.answered_ns = last + 1, last + 2
    versions = {each.version for each in found}
    return len(versions) > 1 and found[0].version != max(v or 0 for v in versions)


def show_an_event_of_before(history: History, place: int) -> bool:
    reads = [each for each in history.operations if each.kind == "read_event" and each.text]
    told_of = [each for each in accepted(history) if (each.version or 0) > 0]
    if not told_of or not reads:
        return False
    last = max(each.answered_ns or 0 for each in history.operations)
    reads[-1].called_ns, reads[-1].answered_ns = last + 1, last + 2
    rewrite(reads[-1], version=0)
    return True


def count_a_seat_twice(history: History, place: int) -> bool:
    entries = history.ending.ledger[1:]
    for entry in entries[place % len(entries) :][:1] if entries else []:
        entry["availableSeats"] += 1
    return bool(entries)


def repeat_in_other_words(history: History, place: int) -> bool:
    found = [each for each in history.operations if each.replayed and each.text]
    for operation in found[:1]:
        rewrite(operation, status="cancelled", reservationId="other")
    return bool(found)


def end_twice(history: History, place: int) -> bool:
    ends = [e for e in history.ending.ledger if e["kind"] in ("cancelled", "released", "expired")]
    version = len(history.ending.ledger)
    history.ending.ledger += [entry | {"version": version} for entry in ends[:1]]
    return bool(ends)


CHANGES = (
    *(forget_the_last_entries, take_an_entry_out, lose_a_reservation, tell_of_other_seats),
    *(tell_of_the_next_version, refuse_for_another_reason, refuse_with_a_wrong_number),
    *(ask_behind_all_answers, show_an_event_of_before, count_a_seat_twice),
    *(repeat_in_other_words, end_twice),
)


@pytest.mark.parametrize("change", CHANGES, ids=[change.__name__ for change in CHANGES])
@settings(max_examples=settings().max_examples // 2)
@given(asked=wishes, place=st.integers(0, 100))
def test_a_changed_history_is_a_violation(
    change: Callable[[History, int], bool], asked: list[Wish], place: int
) -> None:
    history = history_of(BEGINNING + asked)
    assume(change(history, place))
    assert check(history).violations


def test_what_is_told_is_the_shortest_contradiction() -> None:
    author = Author()
    for seats in (1, 2, 3):
        path = f"/events/{EVENT}/reservations"
        author.ask("reserve", "POST", path, {"seats": seats, "reference": f"{seats}"})
    history = author.history()
    rewrite(history.operations[1], seats=5)

    text = told(check(history).violations)

    assert "1 violations: 1 of answers" in text
    assert "seats 5 not 2" in text
    (asked,) = [line for line in text.splitlines() if line.startswith("  #")]
    assert asked == (
        "  #1 c called +0.000 ms, answered +2.000 ms: partner:ada POST /events/e/reservations "
        '{"seats": 2, "reference": "2"}'
    )


def test_who_is_told_that_it_is_so_already_has_not_made_it() -> None:
    author = Author()
    path = f"{PATH}/reservations"
    author.ask("hold", "POST", path, {"seats": 1, "holdSeconds": 60, "reference": "1"})
    confirmation = ("confirm", "POST", f"{path}/{author.ids[0]}/confirm")
    # Both are answered in the same words, and without a key the second one is not a repetition.
    author.ask(*confirmation, key="k1")
    author.ask(*confirmation)

    assert check(author.history()).violations == []


def test_who_had_a_precondition_on_the_state_before_has_made_it() -> None:
    author = Author()
    path = f"{PATH}/reservations"
    author.ask("hold", "POST", path, {"seats": 1, "holdSeconds": 60, "reference": "1"})
    confirmation = ("confirm", "POST", f"{path}/{author.ids[0]}/confirm")
    author.ask(*confirmation, key="k1", if_match='"1"', overlap=(0, 3))
    author.ask(*confirmation, overlap=(2, 0))

    assert check(author.history()).violations == []


def test_who_had_a_key_has_made_a_change_that_another_was_told_is_so_already() -> None:
    author = Author()
    change = ("change_event", "PATCH", PATH, {"totalSeats": 9}, None)
    author.ask(*change, key="k1", overlap=(0, 3))
    author.ask(*change, overlap=(20, 0))
    assert check(author.history()).violations == []
