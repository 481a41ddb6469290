"""Which operations may have made which entry of the ledger."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.faults.history.order import Bounds
from tests.faults.history.record import FREEZES, History, Operation
from tests.faults.history.requests import SETTINGS
from tests.faults.history.unanswered import Key, Unanswered, key_of
from ticketboss.domain.ledger import LedgerEntry


def first_version_of(operation: Operation) -> int | None:
    """The version of the first entry that an accepted write says that it made."""
    if operation.kind != "bulk":
        return operation.version
    made = [item["version"] for item in operation.document["outcomes"] if "version" in item]
    return min(made, default=operation.version)


def is_write(operation: Operation) -> bool:
    """Whether it asked for a change of the event."""
    return not operation.is_read and operation.kind not in FREEZES


@dataclass(slots=True)
class KeyUse:
    """What was told of one key.

    Up to the version `nothing_until` nothing was done under it, or what an answer says at once.
    `unknown` are the requests that nobody was told the outcome of, by what they asked for.
    """

    accepted: int = 0
    is_reused: bool = False
    is_repeated: bool = False
    nothing_until: int = -1
    unknown: defaultdict[str, list[Operation]] = field(default_factory=lambda: defaultdict(list))

    def note(self, operation: Operation) -> None:
        """One more request under this key."""
        if operation.outcome == "unknown":
            self.unknown[operation.asks].append(operation)
        elif operation.outcome == "refused":
            self.is_reused = self.is_reused or operation.code == "idempotency_key_reused"
            if operation.code != "idempotency_key_reused":
                self._nothing_before(operation.version)
        elif operation.replayed:
            self.is_repeated = True
        else:
            self.accepted += 1
            self._nothing_before(first_version_of(operation))

    def _nothing_before(self, version: int | None) -> None:
        self.nothing_until = max(self.nothing_until, -1 if version is None else version)


class Makers:
    """Candidates for each entry: those that were told so first, then those never answered."""

    def __init__(self, history: History, bounds: Bounds) -> None:
        self._told: defaultdict[int, list[Operation]] = defaultdict(list)
        self._claims: dict[int, Operation] = {}
        self._uses: defaultdict[Key, KeyUse] = defaultdict(KeyUse)
        self._unanswered = Unanswered(bounds, history.slack_ms)
        writes = [each for each in history.operations if is_write(each)]
        for operation in writes:
            self._note(operation)
        for operation in writes:
            key = key_of(operation)
            # A repetition says what was done under its key: nothing else can have been.
            is_open = operation.outcome == "unknown"
            if is_open and not (key and self._uses[key].is_repeated):
                self._unanswered.note(operation)

    def _note(self, operation: Operation) -> None:
        key = key_of(operation)
        if key is not None:
            self._uses[key].note(operation)
        if operation.outcome != "ok":
            return
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
        told = self._told[entry.version]
        claim = self._claims.get(entry.version)
        if claim is not None and (key := key_of(claim)) is not None:
            # A repetition has told under which key it was made; whoever was told so first did it.
            yield from (each for each in told if key_of(each) == key and each.asks == claim.asks)
            yield from self._uses[key].unknown[claim.asks]
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
        yield from self._unanswered.candidates(
            entry, lambda key, version: version > self._uses[key].nothing_until
        )

    def take(self, maker: Operation) -> None:
        """Let whoever has made something make nothing more."""
        self._unanswered.take(maker)

    def spent_on(self, entry: LedgerEntry) -> Sequence[Operation]:
        """Somebody who asked for an entry, was never answered, and has made another one."""
        return self._unanswered.spent_on(entry)

    def _unlikeliness(self, operation: Operation) -> tuple[int, int]:
        """Without a key nothing is left open; with one it must have been accepted just once."""
        key = key_of(operation)
        use = self._uses[key] if key else KeyUse()
        is_the_one = use.is_reused and use.accepted == 1
        return -1 if is_the_one else use.accepted, operation.called_ns


def _always_makes_an_entry(operation: Operation) -> bool:
    """With a key even a change that changes nothing is written, so that a late retry finds it."""
    of_event = operation.kind in SETTINGS or operation.kind == "change_event"
    return of_event and operation.key is not None
