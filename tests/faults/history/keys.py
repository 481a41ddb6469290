"""One effect and one answer for each idempotency key."""

from collections import defaultdict
from collections.abc import Iterator

from tests.faults.history.answers import CREATES
from tests.faults.history.makers import first_version_of
from tests.faults.history.record import History, Operation
from tests.faults.history.unanswered import Key, key_of
from tests.faults.history.violations import Violation


def violations_of_keys(history: History, made_by: dict[int, Operation]) -> Iterator[Violation]:
    """Keys with two effects, repetitions of something else, and other bytes than at first."""
    under: defaultdict[Key, list[Operation]] = defaultdict(list)
    for operation in history.operations:
        key = key_of(operation)
        if key is not None and operation.outcome == "ok":
            under[key].append(operation)
    makers = _makers(made_by)
    for key, accepted in under.items():
        yield from _of_effects(accepted)
        yield from _of_answers(accepted, makers.get(key, []))


def _makers(made_by: dict[int, Operation]) -> dict[Key, list[Operation]]:
    found: defaultdict[Key, list[Operation]] = defaultdict(list)
    seen: set[int] = set()
    for maker in made_by.values():
        key = key_of(maker)
        if key is not None and maker.number not in seen:
            seen.add(maker.number)
            found[key].append(maker)
    return found


def _of_effects(accepted: list[Operation]) -> Iterator[Violation]:
    """Whoever asks to reserve once more is told of the reservation that there is."""
    made = [each for each in accepted if each.kind in CREATES]
    for other in made[1:]:
        if _ids(other) != _ids(made[0]):
            why = "requests with the same key are told of different reservations"
            yield Violation("one effect per key", why, (made[0], other))
            return


def _ids(operation: Operation) -> list[str]:
    documents = operation.document.get("outcomes", [operation.document])
    return [item["reservationId"] for item in documents if "reservationId" in item]


def _of_answers(accepted: list[Operation], makers: list[Operation]) -> Iterator[Violation]:
    first_answers = _first_answers(accepted)
    for operation in accepted:
        if not operation.replayed:
            continue
        others = [
            each
            for each in first_answers[first_version_of(operation)]
            if _said(each) != _said(operation)
        ]
        if others:
            why = "a repetition is not answered with the bytes of the first answer"
            yield Violation("one effect per key", why, (others[0], operation))
        elif not makers:
            why = "an answer is said to be a repetition, and nothing was done under that key"
            yield Violation("one effect per key", why, (operation,))
        elif makers[0].asks != operation.asks:
            why = "another request is answered as a repetition of the first"
            yield Violation("one effect per key", why, (makers[0], operation))


def _first_answers(accepted: list[Operation]) -> dict[int | None, list[Operation]]:
    """For each version, two answers that differ and whose bytes its repetitions must have.

    These are all other repetitions, and whatever was told of that version. Two are enough: no
    answer is like both.
    """
    repeated: list[Operation] = []
    of_version: dict[int | None, list[Operation]] = {}
    for each in accepted:
        if each.replayed:
            _add_if_new(repeated, each)
        _add_if_new(of_version.setdefault(first_version_of(each), []), each)
    return {version: [*found, *repeated] for version, found in of_version.items()}


def _add_if_new(found: list[Operation], operation: Operation) -> None:
    if len(found) < 2 and all(_said(each) != _said(operation) for each in found):
        found.append(operation)


def _said(operation: Operation) -> tuple[str, int | None, int | None]:
    return operation.text, operation.status, operation.version
