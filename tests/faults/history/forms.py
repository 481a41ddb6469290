"""What an answer must have for the checks to look at it at all."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tests.faults.history.record import Document, History, Operation
from tests.faults.history.requests import RESERVES, SETTINGS
from tests.faults.history.violations import Violation

Shape = Mapping[str, Callable[[Any], bool]]


def _is_number(value: Any) -> bool:
    return type(value) is int


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_text_or_none(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _is_cursor(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.isdecimal())


def _are_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _are_objects_or_none(value: Any) -> bool:
    return isinstance(value, list) and _are_objects([item for item in value if item is not None])


VERSION: Shape = {"version": _is_number}
CLAIM: Shape = {"reservationId": _is_text, **VERSION}
ROW: Shape = {**CLAIM, "partnerId": _is_text, "createdVersion": _is_number}
CODE: Shape = {"code": _is_text}
EXPIRY: Shape = {"nextHoldExpiresAt": _is_text_or_none}

OF_SUCCESSES: Mapping[str, Shape] = {
    **dict.fromkeys((*RESERVES, "confirm", "change", "read_reservation"), CLAIM),
    **dict.fromkeys((*SETTINGS, "change_event", "read_event", "read_event_at"), VERSION),
    "bulk": {"outcomes": _are_objects},
    "list": {"reservations": _are_objects, "next": _is_cursor},
    "read_ledger": {"entries": _are_objects, "next": _is_number},
}
LISTS: Shape = {
    "outcomes": _are_objects_or_none,
    "reservations": _are_objects,
    "entries": _are_objects,
}
# Wherever they stand.
ANYWHERE: Shape = {**CLAIM, **LISTS}
OF_CODES: Mapping[str | None, Shape] = {
    "bulk_refused": {"outcomes": _are_objects_or_none},
    "not_enough_seats": EXPIRY,
    "sale_not_open": {"opensInMs": _is_number},
}


def wrong_form(operation: Operation) -> str:
    """Why the checks cannot look at an answer; empty where they can, or there is none."""
    status = operation.status
    if status is None:
        return ""
    document = operation.document
    if status >= 400:
        wrong = _wrong_member(document, {**CODE, **OF_CODES.get(operation.code, {})})
    elif operation.is_read and status != 200:
        wrong = "it is a read"
    else:
        wrong = _wrong_member(document, OF_SUCCESSES.get(operation.kind, {}))
    there = {name: is_right for name, is_right in ANYWHERE.items() if name in document}
    wrong = wrong or _wrong_member(document, there)
    wrong = wrong or next(filter(None, map(_wrong_item, _items(document))), "")
    return f"nothing explains a {status} like this: {wrong}" if wrong else ""


def readable(history: History) -> tuple[History, list[Violation]]:
    """The history with each answer that has a wrong form taken for none, and those answers."""
    wrongs = {each.number: wrong for each in history.operations if (wrong := wrong_form(each))}
    operations = [
        _unanswered(each) if each.number in wrongs else each for each in history.operations
    ]
    violations = [
        Violation("answers", wrongs[each.number], (each,))
        for each in history.operations
        if each.number in wrongs
    ]
    return replace(history, operations=operations), violations


def _wrong_member(document: Document, shape: Shape) -> str:
    for name, is_right in shape.items():
        if not is_right(document.get(name)):
            return f"{name} is {document.get(name)!r}"
    return ""


def _items(document: Document) -> list[tuple[str, Document]]:
    return [(name, item) for name in LISTS for item in document.get(name, ()) if item is not None]


def _wrong_item(named: tuple[str, Document]) -> str:
    name, item = named
    if name == "entries":
        return _wrong_member(item, VERSION)
    if name == "reservations":
        return _wrong_member(item, ROW)
    return _wrong_member(item, CLAIM if "reservationId" in item else {**CODE, **EXPIRY})


def _unanswered(operation: Operation) -> Operation:
    return replace(
        operation,
        answered_ns=None,
        answered_at=None,
        status=None,
        version=None,
        replayed=False,
        text="",
        _document=None,
    )
