"""Which moments a request may have been decided at, and who may have been frozen then."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from tests.faults.history.record import FREEZES, History, Operation
from ticketboss.domain.commands import Change, Command, ReservationCommand
from ticketboss.domain.ledger import EventState

FOR_EVER = 2**62


@dataclass(frozen=True, slots=True)
class Window:
    """From the call to the answer, in milliseconds since 1970."""

    first: int
    last: int

    @classmethod
    def of(cls, operation: Operation, slack_ms: int) -> "Window":
        """The window of an operation on the server's clock; without an answer it has no end."""
        ended = None if operation.outcome == "unknown" else operation.answered_at
        return cls(operation.called_at - slack_ms, FOR_EVER if ended is None else ended + slack_ms)

    def has(self, moment: int) -> bool:
        """Whether something may have happened then."""
        return self.first <= moment <= self.last

    def moments(self, turns: Iterator[int]) -> list[int]:
        """One moment for each stretch of the window in which all decisions are alike.

        `turns` are the moments from which on something is different.
        """
        inside = {turn for turn in turns if self.first < turn <= self.last}
        return sorted({self.first, *inside})


def turns_of(state: EventState, command: Command) -> Iterator[int]:
    """The moments at which the decision of a command can change by time alone."""
    event = state.event
    if event is None:
        return
    for turn in (event.on_sale_from, event.on_sale_until):
        if turn is not None:
            yield turn
    if not isinstance(command, ReservationCommand):
        return
    reservation = state.reservations.get(command.reservation_id)
    if reservation is None:
        return
    if reservation.expires_at is not None:
        yield reservation.expires_at
    if isinstance(command, Change) and command.hold_seconds is not None:
        lasts = event.hold_seconds_total_max - command.hold_seconds
        yield reservation.created_at + lasts * 1_000 + 1


class Spans:
    """Stretches of time, in the order of their beginnings."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(spans)
        self._begins = [begin for begin, _ in ordered]
        self._latest_ends = list(accumulate((end for _, end in ordered), max))

    def meet(self, first: int, last: int) -> bool:
        """Whether one of them has a moment between these two."""
        count = bisect_right(self._begins, last)
        return count > 0 and self._latest_ends[count - 1] >= first


# What becomes of a partner's holds, None where it is free, and when that may have been so.
States = dict[str | None, Spans]
ALWAYS_FREE: States = {None: Spans([(-FOR_EVER, FOR_EVER)])}


class Freezes:
    """When each partner may have been frozen, from what the operator asked and was told."""

    def __init__(self, history: History) -> None:
        by_partner: defaultdict[str, list[Operation]] = defaultdict(list)
        for operation in history.operations:
            if operation.kind in FREEZES and operation.outcome != "refused":
                by_partner[operation.path.split("/")[2]].append(operation)
        self._timed: dict[str, States] = {}
        self._dated: dict[str, States] = {}
        for partner_id, asked in by_partner.items():
            windows = [Window.of(each, history.slack_ms) for each in asked]
            self._timed[partner_id] = _states(asked, map(_called_and_answered, asked))
            self._dated[partner_id] = _states(asked, ((each.first, each.last) for each in windows))

    def possible(self, partner_id: str, operation: Operation) -> set[bool]:
        """What may have held of a partner at some moment between a call and its answer."""
        first, last = _called_and_answered(operation)
        states = self._timed.get(partner_id, ALWAYS_FREE)
        return {holds is not None for holds, spans in states.items() if spans.meet(first, last)}

    def may_release(self, partner_id: str, moment: int) -> bool:
        """Whether the partner may have been frozen with its holds to be released."""
        spans = self._dated.get(partner_id, ALWAYS_FREE).get("release")
        return spans is not None and spans.meet(moment, moment)


def _states(asked: Sequence[Operation], windows: Iterable[tuple[int, int]]) -> States:
    """What may have become of a partner's holds when.

    `windows` are those of the freezes, in which they may have begun to hold.
    """
    begun = list(windows)
    held: list[str | None] = [None, *map(_holds, asked)]
    begins = [-FOR_EVER, *(window[0] for window in begun)]
    ends = [*(window[1] for window in begun), FOR_EVER]
    spans: defaultdict[str | None, list[tuple[int, int]]] = defaultdict(list)
    for holds, begin, end in zip(held, begins, ends, strict=True):
        spans[holds].append((begin, end))
    return {holds: Spans(each) for holds, each in spans.items()}


def _called_and_answered(operation: Operation) -> tuple[int, int]:
    """Without an answer it may be carried out at any time behind the call."""
    answered = operation.answered_ns
    has_ended = operation.outcome != "unknown" and answered is not None
    return operation.called_ns, answered if has_ended and answered is not None else FOR_EVER


def _holds(operation: Operation) -> str | None:
    return operation.body["holds"] if operation.body else None
