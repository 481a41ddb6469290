"""Which moments a request may have been decided at, and who may have been frozen then."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

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


class Freezes:
    """When each partner may have been frozen, from what the operator asked and was told."""

    def __init__(self, history: History) -> None:
        self._slack_ms = history.slack_ms
        self._by_partner: defaultdict[str, list[Operation]] = defaultdict(list)
        for operation in history.operations:
            if operation.kind in FREEZES and operation.outcome != "refused":
                self._by_partner[operation.path.split("/")[2]].append(operation)

    def possible(self, partner_id: str, operation: Operation) -> set[bool]:
        """What may have held of a partner at some moment between a call and its answer."""
        first, last = _called_and_answered(operation)
        asked = map(_called_and_answered, self._by_partner.get(partner_id, []))
        states = self._states(partner_id, list(asked), first, last)
        return {state is not None for state in states}

    def may_release(self, partner_id: str, moment: int) -> bool:
        """Whether the partner may have been frozen with its holds to be released."""
        asked = [Window.of(each, self._slack_ms) for each in self._by_partner.get(partner_id, [])]
        windows = [(window.first, window.last) for window in asked]
        return "release" in self._states(partner_id, windows, moment, moment)

    def _states(
        self, partner_id: str, windows: list[tuple[int, int]], first: int, last: int
    ) -> set[str | None]:
        """What may have become of the partner's holds meanwhile; None where it is free.

        `windows` are those of the freezes, in which they may have begun to hold.
        """
        held: list[str | None] = [None, *map(_holds, self._by_partner.get(partner_id, []))]
        begins = [-FOR_EVER, *(window[0] for window in windows)]
        ends = [*(window[1] for window in windows), FOR_EVER]
        return {
            holds
            for holds, begin, end in zip(held, begins, ends, strict=True)
            if begin <= last and first <= end
        }


def _called_and_answered(operation: Operation) -> tuple[int, int]:
    """Without an answer it may be carried out at any time behind the call."""
    answered = operation.answered_ns
    has_ended = operation.outcome != "unknown" and answered is not None
    return operation.called_ns, answered if has_ended and answered is not None else FOR_EVER


def _holds(operation: Operation) -> str | None:
    return operation.body["holds"] if operation.body else None
