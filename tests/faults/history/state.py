"""The sale at one version, with what only a checker needs of it."""

import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence

from tests.faults.history.moments import Freezes
from tests.faults.history.record import Operation
from ticketboss.domain.commands import Command, Reserve, ReserveMany
from ticketboss.domain.decide import decide, decide_due
from ticketboss.domain.decisions import Decision
from ticketboss.domain.events import Event
from ticketboss.domain.ledger import EventState, LedgerEntry
from ticketboss.domain.reservations import Reservation


class State:
    """The state that the ledger gives up to a version, and the rules asked about it.

    `lives` are the states that each reservation has had, in order.
    """

    def __init__(self, freezes: Freezes) -> None:
        self._state = EventState()
        self._freezes = freezes
        self._expiries: list[tuple[int, str]] = []
        self.lives: defaultdict[str, list[Reservation]] = defaultdict(list)

    @property
    def event(self) -> Event:
        """The event; entry 0 must have been applied."""
        event = self._state.event
        if event is None:
            raise RuntimeError("nothing was applied yet")
        return event

    @property
    def domain(self) -> EventState:
        """The domain's own state."""
        return self._state

    def reservation(self, reservation_id: str | None) -> Reservation | None:
        """A reservation as it stands."""
        return self._state.reservations.get(reservation_id or "")

    def apply(self, entry: LedgerEntry, maker: Operation | None, request_hash: str | None) -> None:
        """Move on by an entry, which stands under its maker's key."""
        if maker is not None and maker.key is not None and request_hash is not None:
            entry = entry._replace(idempotency_key=maker.key, request_hash=request_hash)
        self._state.apply(entry)
        reservation = self.reservation(entry.reservation_id)
        if reservation is None:
            return
        self.lives[reservation.reservation_id].append(reservation)
        if reservation.expires_at is not None:
            heapq.heappush(self._expiries, (reservation.expires_at, reservation.reservation_id))

    def next_expiry(self) -> int | None:
        """When the next hold ends."""
        while self._expiries:
            expires_at, reservation_id = self._expiries[0]
            if self._state.reservations[reservation_id].expires_at == expires_at:
                return expires_at
            heapq.heappop(self._expiries)
        return None

    def overdue(self, moment: int, at_most: int) -> list[Reservation]:
        """The holds whose time was over at a moment, the earliest first, `at_most` so many."""
        found: dict[tuple[int, str], None] = {}
        while len(found) < at_most:
            expires_at = self.next_expiry()
            if expires_at is None or expires_at > moment:
                break
            found[heapq.heappop(self._expiries)] = None
        for hold in found:
            heapq.heappush(self._expiries, hold)
        return [self._state.reservations[id_] for _, id_ in found]

    def decisions(
        self, operation: Operation, command: Command, moments: Sequence[int]
    ) -> Iterator[Decision]:
        """What the rules may have said at these moments: who was frozen is not always known."""
        partner_id = self._partner_of(command)
        self._state.next_hold_expires_at = self.next_expiry()
        for is_frozen in sorted(self._freezes.possible(partner_id, operation)):
            self._state.frozen = frozenset({partner_id} if is_frozen else ())
            for moment in moments:
                yield decide(self._state, command, moment)

    def why_not_due(self, entry: LedgerEntry) -> tuple[LedgerEntry | None, str]:
        """The system's entry on a claim by the rules, or why there should be none."""
        reservation = self.reservation(entry.reservation_id)
        due = decide_due(self._state, entry.reservation_id or "", entry.at)
        if reservation is None or due is None:
            return None, "the system ended what had ended already"
        has_cause = (
            reservation.is_due(entry.at)
            or self.event.cancelled
            or (
                reservation.status == "held"
                and self._freezes.may_release(reservation.partner_id, entry.at)
            )
        )
        return due, "" if has_cause else "the system ended what was not due"

    def _partner_of(self, command: Command) -> str:
        if isinstance(command, Reserve | ReserveMany):
            return command.partner_id
        reservation = self.reservation(command.existing_reservation_id)
        return "" if reservation is None else reservation.partner_id
