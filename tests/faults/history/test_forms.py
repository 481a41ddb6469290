"""Whatever a server answers, the checker says what is wrong with it, and the history is kept."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults.history import totals
from tests.faults.history.buyers import Book, Buyer
from tests.faults.history.checker import check
from tests.faults.history.operators import Operator
from tests.faults.history.record import History, Operation, read_history
from tests.faults.history.synthetic import EVENT
from tests.faults.history.test_checker import BEGINNING, Wish, history_of
from tests.faults.history.totals import Totals
from tests.faults.history.wire import Identity, Request, Wire

ALL: list[Wish] = [
    *BEGINNING,
    ("list", 1, 0, "ada", None, (0, 0), "answered"),
    ("read_ledger", 1, 0, "ada", None, (0, 0), "answered"),
    ("read_reservation", 1, 0, "bob", None, (0, 0), "answered"),
    ("bulk", 1, 0, "bob", None, (0, 0), "answered"),
    ("hold", 1, 0, "bob", None, (0, 0), "answered"),
    ("confirm", 1, 0, "bob", None, (0, 0), "answered"),
    ("change", 2, 0, "bob", None, (0, 0), "answered"),
    ("capacity", 1, 0, "bob", None, (0, 0), "answered"),
    ("pause", 1, 0, "bob", None, (0, 0), "answered"),
]
TWO_OF_ADA: list[Wish] = [
    *BEGINNING[:4],
    ("reserve", 1, 0, "ada", None, (0, 0), "answered"),
    *ALL[5:7],
]
ANSWERS: dict[str, tuple[int, str]] = {
    "HTML": (200, "<html>"),
    "plain text for a failure": (500, "Internal Server Error"),
    "nothing": (200, ""),
    "an empty object": (200, "{}"),
    "a list": (200, "[1, 2]"),
    "a text": (200, '"yes"'),
    "HTML for what is made": (201, "<html>"),
    "an empty object for what is made": (201, "{}"),
    "a redirection": (302, "{}"),
    "no event": (404, '{"code": "event_not_found"}'),
    "no event, said in HTML": (404, "<h1>Not found</h1>"),
    "another partner": (403, '{"code": "partner_mismatch"}'),
    "too many requests": (429, '{"code": "rate_limited"}'),
    "a code that is none": (409, '{"code": ["sale_paused"]}'),
    "too few seats until a number": (409, '{"code": "not_enough_seats", "nextHoldExpiresAt": 3}'),
    "an opening that is no number": (409, '{"code": "sale_not_open", "opensInMs": "3"}'),
    "a bulk without outcomes": (409, '{"code": "bulk_refused"}'),
    "a bulk of numbers": (409, '{"code": "bulk_refused", "outcomes": [3]}'),
    "a version in words": (200, '{"reservationId": "r1", "version": "one"}'),
    "outcomes that are none": (201, '{"outcomes": [{"reservationId": 3}]}'),
    "rows that are none": (200, '{"reservations": [3], "next": null}'),
    "rows without versions": (200, '{"reservations": [{"reservationId": "r"}], "next": null}'),
    "a cursor that is none": (200, '{"reservations": [], "next": "behind"}'),
    "entries without versions": (200, '{"entries": [{}], "next": 1}'),
    "entries that lead nowhere": (200, '{"entries": [], "next": null}'),
}
KINDS = sorted({each.kind for each in history_of(ALL).operations} - {"cancel"})


def _first(history: History, kind: str) -> Operation:
    return next(each for each in history.operations if each.kind == kind)


def _answer(operation: Operation, status: int, text: str) -> None:
    operation.status, operation.text, operation._document = status, text, None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_a_strange_answer_is_a_violation(kind: str, answer: tuple[int, str]) -> None:
    history = history_of(ALL)
    operation = _first(history, kind)
    _answer(operation, *answer)
    found = [each for each in check(history).violations if operation in each.operations]
    assert found, f"{kind} {answer}"
    assert {each.check for each in found} <= {"answers", "reads", "refusals", "rules"}


def test_a_cancellation_that_says_something_is_a_violation() -> None:
    history = history_of(ALL)
    _answer(_first(history, "cancel"), 204, "<html>")
    [violation] = check(history).violations
    assert violation.check == "answers"
    assert violation.why.endswith("a 204 with a body")


documents = st.recursive(
    st.none() | st.integers(-3, 12) | st.booleans() | st.sampled_from(["r1", "3", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("version", "reservationId", "reservations", "entries", "outcomes", "next"),
                    *("code", "nextHoldExpiresAt", "createdVersion", "partnerId", "seats"),
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(documents, st.sampled_from([200, 201, 204, 302, 400, 404, 409, 500]), st.integers(0, 14))
def test_no_answer_makes_the_checker_fail(document: Any, status: int, place: int) -> None:
    history = history_of(ALL)
    operation = history.operations[place]
    if operation.kind != "cancel":
        _answer(operation, status, json.dumps(document))
        assert check(history).violations


def _repeat_rows(document: dict[str, Any]) -> None:
    document["reservations"] = [row for row in document["reservations"] for _ in range(3)]


def _turn_round(document: dict[str, Any]) -> None:
    document["reservations"].reverse()


def _lead_back(document: dict[str, Any]) -> None:
    document["next"] = "1"


PAGES: dict[str, tuple[str, Callable[[dict[str, Any]], None], str]] = {
    "each row three times": ("list", _repeat_rows, "each once"),
    "in another order": ("list", _turn_round, "in the order of their making"),
    "a list that leads back": ("list", _lead_back, "it leads on to 1, and it ends with"),
    "a ledger that leads back": (
        "read_ledger",
        lambda document: document.update(next=0),
        "it leads on to 0, and it ends with",
    ),
}


@pytest.mark.parametrize(("kind", "change", "why"), PAGES.values(), ids=PAGES)
def test_a_page_that_leads_astray_is_a_violation(
    kind: str, change: Callable[[dict[str, Any]], None], why: str
) -> None:
    history = history_of(TWO_OF_ADA)
    operation = _first(history, kind)
    document = operation.document
    change(document)
    _answer(operation, 200, json.dumps(document))
    [violation] = check(history).violations
    assert (violation.check, violation.operations) == ("reads", (operation,))
    assert why in violation.why


@pytest.mark.parametrize("kind", ["list", "read_ledger"])
def test_a_page_with_more_than_was_asked_for_is_a_violation(kind: str) -> None:
    history = history_of(TWO_OF_ADA)
    operation = _first(history, kind)
    operation.path = operation.path.replace("&limit=100", "") + "&limit=1"
    [violation] = check(history).violations
    assert (violation.check, violation.operations) == ("reads", (operation,))
    assert "of 1 that were asked for" in violation.why


def test_the_history_is_kept_where_the_checker_itself_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(history: History) -> None:
        raise KeyError(history.seed)

    monkeypatch.setattr(totals, "check", fail)
    with pytest.raises(KeyError):
        Totals().judge(history_of(BEGINNING), tmp_path)
    [kept] = tmp_path.iterdir()
    assert f"python -m tests.faults.history --check {kept}" in capsys.readouterr().out
    assert len(read_history(kept).operations) == len(BEGINNING) + 1


class _StrangeWire:
    """Answers everything alike."""

    identity = Identity("", "partner:ada", "ada")

    def __init__(self, text: str) -> None:
        self._text = text
        self.asked = 0

    def ask(self, request: Request, _seconds: float = 0) -> Operation:
        self.asked += 1
        answer = Operation(self.asked, "c", request.kind, "partner:ada", "GET", request.path, 1, 1)
        answer.status, answer.text = 200, self._text
        return answer


@pytest.mark.parametrize("text", ["<html>", "[1]", '{"reservations": [3], "version": "one"}'])
def test_clients_go_on_behind_an_answer_that_they_cannot_read(text: str) -> None:
    wire = _StrangeWire(text)
    books = {"ada": Book({"r1": 1}), "bob": Book({"r2": 2})}
    buyer = Buyer(cast(Wire, wire), EVENT, "c", books, "1")
    for wish in buyer._wishes:
        wish()
    assert wire.asked >= 9
    Operator(cast(Wire, wire), EVENT, ["ada"], 9, "1").read()
    assert books["ada"].versions.keys() <= {"r1"}
