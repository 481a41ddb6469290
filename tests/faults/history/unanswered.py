"""Requests whose outcome nobody was told: each may have made an entry, or one bulk, and no more."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator

from tests.faults.history.order import Bounds
from tests.faults.history.record import Document, Operation
from tests.faults.history.requests import RESERVES, SETTINGS, settings_of
from ticketboss.domain.events import SETTING_NAMES
from ticketboss.domain.ledger import EVENT_KINDS, LedgerEntry

# By what an entry and the requests that may have made it find each other.
Subject = tuple[object, ...]
Words = tuple[str, str, str | None]
Key = tuple[str, str]


def key_of(operation: Operation) -> Key | None:
    """The name under which a repetition is known."""
    return None if operation.key is None else (operation.actor, operation.key)


class Alike:
    """Requests in the same words and without a key, in the order of their calls.

    Which of them has made an entry is unknown. Whoever called early enough for one entry did so
    for each later one, so the latest that is early enough is taken: it is of the least use.
    """

    def __init__(self, subjects: list[Subject]) -> None:
        self.subjects = subjects
        self.operations: list[Operation] = []
        self._places: dict[int, int] = {}
        self._known: list[int] = []
        self._called_at: list[int] = []
        # Leads from so many operations to so many of which the last one is free; 0 is nobody.
        self._free = [0]

    def add(self, operation: Operation, known: int) -> None:
        """One more, called later than the others, when the version `known` had been told."""
        self.operations.append(operation)
        self._known.append(known)
        # A clock may have been set back a little between two calls; it is searched in order.
        self._called_at.append(max([operation.called_at, *self._called_at[-1:]]))
        self._free.append(len(self.operations))
        self._places[operation.number] = len(self.operations)

    def likeliest(self, entry: LedgerEntry, slack_ms: int) -> Operation | None:
        """The latest that can have made an entry; if all who are left came too late, the last."""
        told_of = bisect_left(self._known, entry.version)
        dated = bisect_right(self._called_at, entry.at + slack_ms)
        place = self._latest_free(min(told_of, dated)) or self._latest_free(len(self.operations))
        return self.operations[place - 1] if place else None

    @property
    def is_spent(self) -> bool:
        """Whether each of them has made something."""
        return not self._latest_free(len(self.operations))

    def take(self, operation: Operation) -> None:
        """Let it make nothing more."""
        place = self._places[operation.number]
        self._free[place] = place - 1

    def _latest_free(self, count: int) -> int:
        while self._free[count] != count:
            self._free[count] = self._free[self._free[count]]
            count = self._free[count]
        return count


class Unanswered:
    """All of them; those with a key one by one, for their keys let them act just once."""

    def __init__(self, bounds: Bounds, slack_ms: int) -> None:
        self._bounds = bounds
        self._slack_ms = slack_ms
        self._alike: dict[Words, Alike] = {}
        self._by_subject: defaultdict[Subject, dict[Words, Alike]] = defaultdict(dict)
        self._spent: dict[Subject, Operation] = {}
        self._keyed: defaultdict[Subject, dict[Key, list[Operation]]] = defaultdict(dict)

    def note(self, operation: Operation) -> None:
        """One more, called later than those before."""
        key = key_of(operation)
        if key is not None:
            for subject in subjects_of(operation):
                self._keyed[subject].setdefault(key, []).append(operation)
            return
        words = _words(operation)
        if words not in self._alike:
            alike = self._alike[words] = Alike(subjects_of(operation))
            for subject in alike.subjects:
                self._by_subject[subject][words] = alike
        self._alike[words].add(operation, self._bounds.at_call_of(operation).version)

    def candidates(
        self, entry: LedgerEntry, may_have: Callable[[Key, int], bool]
    ) -> Iterator[Operation]:
        """Who may have made an entry: those first who are good for fewer others.

        `may_have` says whether something may have been done under a key in a version.
        """
        subjects = subjects_of_entry(entry)
        found: list[Operation] = []
        for subject in subjects:
            for alike in self._by_subject.get(subject, {}).values():
                likeliest = alike.likeliest(entry, self._slack_ms)
                found += [likeliest] if likeliest else []
            for key, operations in self._keyed.get(subject, {}).items():
                found += operations if may_have(key, entry.version) else []
        yield from sorted(found, key=lambda each: (self._is_late(each, entry), _usefulness(each)))

    def _is_late(self, operation: Operation, entry: LedgerEntry) -> bool:
        """Whether an entry had been told of when this was sent."""
        return self._bounds.at_call_of(operation).version >= entry.version

    def take(self, operation: Operation) -> None:
        """Whoever has made something makes nothing more."""
        key = key_of(operation)
        if key is not None:
            for subject in subjects_of(operation):
                self._keyed[subject].pop(key, None)
            return
        words = _words(operation)
        alike = self._alike.get(words)
        if alike is None or operation.outcome != "unknown":
            return
        alike.take(operation)
        if alike.is_spent:
            for subject in alike.subjects:
                self._by_subject[subject].pop(words, None)
                self._spent[subject] = operation

    def spent_on(self, entry: LedgerEntry) -> list[Operation]:
        """Somebody who may have asked for an entry and has made another one."""
        subjects = subjects_of_entry(entry)
        return [self._spent[subject] for subject in subjects if subject in self._spent][:1]


def _words(operation: Operation) -> Words:
    return operation.actor, operation.asks, operation.if_match


def _usefulness(operation: Operation) -> tuple[bool, bool, bool, int, int]:
    """With a key even what changes nothing is written; a precondition or more words bind."""
    body = operation.body or {}
    return (
        operation.if_match is None,
        operation.key is not None,
        "minSeats" in body,
        -len(body),
        operation.called_ns,
    )


def subjects_of(operation: Operation) -> list[Subject]:
    """By what an entry of this operation can be found again."""
    body = operation.body or {}
    kind = operation.kind
    if kind in RESERVES:
        return [_of_item(body)]
    if kind == "bulk":
        return list(dict.fromkeys(_of_item(item) for item in body["items"]))
    if kind in SETTINGS or kind == "change_event":
        return _of_settings(SETTINGS.get(kind) or settings_of(body))
    if kind == "change":
        return [(kind, operation.reservation_id, body.get("seats"))]
    return [(kind, operation.reservation_id)]


def _of_item(item: Document) -> Subject:
    """With `minSeats` it may have got any number of seats."""
    if "minSeats" in item:
        return "fill", item.get("reference")
    return "reserve", item.get("reference"), item["seats"]


def _of_settings(settings: Document) -> list[Subject]:
    """One of them is enough; a number says more than yes, no, or none."""
    names = sorted(settings, key=lambda name: (settings[name] in (None, True, False), name))
    return [("event", name, settings[name]) for name in names[:1]]


def subjects_of_entry(entry: LedgerEntry) -> list[Subject]:
    """The same from the other side."""
    id_ = entry.reservation_id
    if entry.kind in EVENT_KINDS:
        names = ("total_seats", *SETTING_NAMES)
        return [("event", name, entry.detail.get(name)) for name in names]
    if entry.makes_reservation:
        reference = entry.detail.get("reference")
        return [("reserve", reference, entry.seats), ("fill", reference)]
    if entry.kind in ("changed", "hold_changed"):
        return [("change", id_, entry.seats), ("change", id_, None)]
    return [("confirm" if entry.kind == "confirmed" else "cancel", id_)]
