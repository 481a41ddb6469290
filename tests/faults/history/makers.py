"""Which operations may have made which entry of the ledger."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from tests.faults.history.record import FREEZES, Operation
from tests.faults.history.requests import RESERVES, SETTINGS
from ticketboss.domain.ledger import EVENT_KINDS, LedgerEntry

OF_EVENT = "event"
Key = tuple[str, str]


def key_of(operation: Operation) -> Key | None:
    """The name under which a repetition is known."""
    return None if operation.key is None else (operation.actor, operation.key)


def first_version_of(operation: Operation) -> int | None:
    """The version of the first entry that an accepted write says that it made."""
    if operation.kind != "bulk":
        return operation.version
    made = [item["version"] for item in operation.document["outcomes"] if "version" in item]
    return min(made, default=operation.version)


def is_write(operation: Operation) -> bool:
    """Whether it asked for a change of the event."""
    return not operation.is_read and operation.kind not in FREEZES


class Makers:
    """Candidates for each entry: those that were told so first, then those never answered."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._told: defaultdict[int, list[Operation]] = defaultdict(list)
        self._claims: dict[int, Operation] = {}
        self._unanswered: defaultdict[str, list[Operation]] = defaultdict(list)
        self._same: defaultdict[Key, list[Operation]] = defaultdict(list)
        for operation in operations:
            if is_write(operation):
                self._note(operation)

    def _note(self, operation: Operation) -> None:
        key = key_of(operation)
        if key is not None:
            self._same[key].append(operation)
        if operation.outcome == "unknown":
            for subject in _subjects(operation):
                self._unanswered[subject].append(operation)
        elif operation.outcome == "ok":
            version = first_version_of(operation)
            if version is not None and operation.replayed:
                self._claims.setdefault(version, operation)
            elif version is not None:
                self._told[version].append(operation)

    def told_of(self, version: int) -> Sequence[Operation]:
        """Successes that were not repetitions and name this version."""
        return self._told[version]

    def repeated_of(self, version: int) -> Operation | None:
        """The first repetition of the success that made this version."""
        return self._claims.get(version)

    def candidates(self, entry: LedgerEntry) -> Iterator[Operation]:
        """Who may have made an entry, the likeliest first."""
        claim = self._claims.get(entry.version)
        if claim is not None:
            # A repetition has told under which key it was made; whoever was told so first did it.
            same = [
                each for each in self._same[key_of(claim) or ("", "")] if claim.asks == each.asks
            ]
            yield from (each for each in same if each in self._told[entry.version])
            yield from (each for each in same if each.outcome == "unknown")
        told = self._told[entry.version]
        first_answer = min((each.answered_ns or 0 for each in told), default=0)
        # Who called when somebody had been told of it already has not made it. Who was told that
        # it is so already had no precondition, or one that the entry itself fulfils.
        yield from sorted(
            told,
            key=lambda each: (
                each.called_ns > first_answer,
                not _always_makes_an_entry(each),
                each.if_match in (None, f'"{entry.version}"'),
                *self._unlikeliness(each),
            ),
        )
        for subject in subjects_of(entry):
            for each in self._unanswered[subject]:
                if not self._is_disproved(each, entry.version):
                    yield each

    def _is_disproved(self, operation: Operation, version: int) -> bool:
        """Whether somebody was told later that nothing had been done under its key."""
        key = key_of(operation)
        return key is not None and any(
            each.outcome == "refused"
            and each.code != "idempotency_key_reused"
            and each.version is not None
            and each.version >= version
            for each in self._same[key]
        )

    def _unlikeliness(self, operation: Operation) -> tuple[int, int]:
        """Without a key nothing is left open; with one it must have been accepted just once."""
        key = key_of(operation)
        same = self._same[key] if key else []
        accepted = sum(each.outcome == "ok" and not each.replayed for each in same)
        reused = any(each.code == "idempotency_key_reused" for each in same)
        return -1 if reused and accepted == 1 else accepted, operation.called_ns


def _always_makes_an_entry(operation: Operation) -> bool:
    """With a key even a change that changes nothing is written, so that a late retry finds it."""
    of_event = operation.kind in SETTINGS or operation.kind == "change_event"
    return of_event and operation.key is not None


def _subjects(operation: Operation) -> list[str]:
    """By what an entry of this operation can be found again."""
    body = operation.body or {}
    if operation.kind in RESERVES:
        return [str(body.get("reference"))]
    if operation.kind == "bulk":
        return [str(item.get("reference")) for item in body["items"]]
    if operation.kind in SETTINGS or operation.kind == "change_event":
        return [OF_EVENT]
    return [operation.reservation_id]


def subjects_of(entry: LedgerEntry) -> list[str]:
    """The same from the other side."""
    if entry.kind in EVENT_KINDS:
        return [OF_EVENT]
    if entry.makes_reservation:
        return [str(entry.detail.get("reference"))]
    return [entry.reservation_id or ""]
