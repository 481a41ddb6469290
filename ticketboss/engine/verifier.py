"""Proof: replay an event's ledger and compare it with the rows that answers come from.

It may run while the server writes: the event is taken at one version, and what changed after it
is left to the next run. Memory is bounded by the event's seats, not by its history.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ticketboss.domain.events import Event
from ticketboss.domain.ledger import EventState, LedgerEntry
from ticketboss.domain.reservations import PartnerTotals, Reservation
from ticketboss.repository.transfer import History

PAGE_ENTRIES = 1_000
DIFFERENCES_MAX = 100
EVERY_VERSION = 2**63 - 1
HOLD_KINDS = ("confirmed", "hold_changed", "released", "expired")


def _no_pause() -> None:
    pass


@dataclass(slots=True)
class Verification:
    """What the replay of one event found; `differences` is empty when all is well."""

    event_id: str
    version: int
    entries: int = 0
    differences: list[str] = field(default_factory=list)


class Verifier:
    """Replays the ledger of one event."""

    def __init__(
        self, repository: History, event_id: str, pause: Callable[[], None] = _no_pause
    ) -> None:
        """`pause` is called between pages, so that a server can do something else meanwhile."""
        self._pause = pause
        self._repository = repository
        self._event_id = event_id
        self._state = EventState()
        self._reservations_made = 0
        self._newest_row_version = 0

    def verify(self) -> Verification | None:
        """Compare all of the event; None if there is no such event."""
        totals = self._repository.totals(self._event_id)
        if totals is None:
            return None
        event, partners = totals
        found = Verification(self._event_id, event.version)
        for difference in self._differences(event, partners, found):
            if len(found.differences) == DIFFERENCES_MAX:
                found.differences.append("... and more")
                break
            found.differences.append(difference)
        return found

    def _differences(
        self, event: Event, partners: dict[str, PartnerTotals], found: Verification
    ) -> Iterator[str]:
        for page in self._pages(event.version):
            ended: list[Reservation] = []
            for entry in page:
                impossible = self._impossible(entry, expected_version=found.entries)
                if impossible:
                    yield f"{impossible}; the replay stops at version {found.entries}"
                    return
                try:
                    self._state.apply(entry)
                except (AttributeError, KeyError, TypeError, ValueError) as error:
                    yield f"entry {entry.version} cannot be replayed: {error!r}"
                    return
                yield from self._compare_counters(entry)
                self._take_note(entry, ended)
                found.entries += 1
            yield from self._compare_reservations(ended, event.version)
        if self._state.event != event:
            yield f"the replay gives {self._state.event}, the row is {event}"
        yield from self._compare_reservations(
            list(self._state.reservations.values()), event.version
        )
        yield from self._compare_partners(partners)
        yield from self._compare_sums(event)
        rows = self._repository.reservations_created(self._event_id, event.version)
        if rows != self._reservations_made:
            yield f"the ledger made {self._reservations_made} reservations, there are {rows} rows"
        yield from self._compare_with_now(event.version)

    def _pages(self, up_to_version: int) -> Iterator[list[LedgerEntry]]:
        """The ledger up to a version. Entries never change, so no long transaction is needed."""
        after_version = -1
        while after_version < up_to_version:
            page = self._repository.ledger(self._event_id, after_version, PAGE_ENTRIES)
            page = [entry for entry in page if entry.version <= up_to_version]
            if not page:
                return
            yield page
            self._pause()
            after_version = page[-1].version

    def _impossible(self, entry: LedgerEntry, expected_version: int) -> str | None:
        """Why this entry cannot follow the ones before it, or None."""
        if entry.version != expected_version:
            return f"the ledger has a gap before version {entry.version}"
        if (entry.kind == "event_created") != (entry.version == 0):
            return f"entry {entry.version} is of kind {entry.kind}"
        if entry.reservation_id is None:
            return None
        known = entry.reservation_id in self._state.reservations
        if entry.makes_reservation and known:
            return f"entry {entry.version} makes reservation {entry.reservation_id} again"
        if entry.makes_reservation:
            return None
        return self._impossible_for(entry)

    def _impossible_for(self, entry: LedgerEntry) -> str | None:
        reservation = self._state.reservations.get(entry.reservation_id or "")
        if reservation is None:
            return f"entry {entry.version} is about {entry.reservation_id}, no live reservation"
        seats = entry.detail.get("seats_before", entry.seats)
        if (entry.partner_id, seats) != (reservation.partner_id, reservation.seats):
            return f"entry {entry.version} is not about the partner and seats of its reservation"
        if (reservation.status == "held") != (entry.kind in HOLD_KINDS):
            return f"entry {entry.version} is {entry.kind}, its reservation {reservation.status}"
        return None

    def _take_note(self, entry: LedgerEntry, ended: list[Reservation]) -> None:
        self._reservations_made += entry.makes_reservation
        reservation = self._state.reservations.get(entry.reservation_id or "")
        if reservation is not None and not reservation.is_live:
            # Nothing may follow it, so it need not be kept: memory stays bounded by the seats.
            ended.append(self._state.reservations.pop(reservation.reservation_id))
        self._state.keys.clear()

    def _compare_counters(self, entry: LedgerEntry) -> Iterator[str]:
        event = self._state.event
        if event is None:
            return
        written, replayed = _counters(entry), _counters(event)
        if written != replayed:
            yield f"entry {entry.version} says counters {written}, the replay {replayed}"
        if event.available_seats < 0 or event.held_seats < 0:
            yield f"over-sold at version {entry.version}: {replayed}"

    def _compare_sums(self, event: Event) -> Iterator[str]:
        """The promise itself, from the live reservations alone and not from any counter."""
        live = self._state.reservations.values()
        promised = sum(reservation.seats for reservation in live)
        if promised + event.available_seats != event.total_seats:
            yield (
                f"live reservations have {promised} seats and {event.available_seats} are "
                f"available, of {event.total_seats}"
            )

    def _compare_with_now(self, verified_version: int) -> Iterator[str]:
        """What is newer than the verified version must not be newer than the event itself.

        Everything else is read before the event's row, so a busy server gives no false alarm.
        """
        later = self._repository.ledger(self._event_id, verified_version, limit=1)
        rows = self._repository.reservations_created(self._event_id, EVERY_VERSION)
        event = self._repository.event(self._event_id)
        latest = -1 if event is None else event.version
        if later and later[0].version > latest:
            yield f"the ledger has entry {later[0].version}, the event is at version {latest}"
        if rows > self._repository.reservations_created(self._event_id, latest):
            yield f"there are reservations made after the event's version {latest}"
        if self._newest_row_version > latest:
            yield f"a reservation is at {self._newest_row_version}, the event at {latest}"

    def _compare_reservations(
        self, expected: list[Reservation], up_to_version: int
    ) -> Iterator[str]:
        for start in range(0, len(expected), PAGE_ENTRIES):
            page = expected[start : start + PAGE_ENTRIES]
            ids = [reservation.reservation_id for reservation in page]
            rows = {
                row.reservation_id: row
                for row in self._repository.reservations(self._event_id, ids)
            }
            for reservation in page:
                row = rows.get(reservation.reservation_id)
                if row is None:
                    yield f"reservation {reservation.reservation_id} has no row"
                elif row.version > up_to_version:
                    self._newest_row_version = max(self._newest_row_version, row.version)
                elif row != reservation:
                    yield f"the replay gives {reservation}, the row is {row}"

    def _compare_partners(self, rows: dict[str, PartnerTotals]) -> Iterator[str]:
        replayed = self._state.partners
        nothing = PartnerTotals()
        # A damaged row may have an id that is no text, and cannot be compared with one.
        for partner_id in sorted(rows.keys() | replayed.keys(), key=str):
            by_replay, by_row = replayed.get(partner_id, nothing), rows.get(partner_id, nothing)
            if by_replay != by_row:
                yield f"partner {partner_id} has {by_replay} by the replay, {by_row} by its row"


def _counters(of: Event | LedgerEntry) -> tuple[int, int, int, int]:
    return of.total_seats, of.available_seats, of.held_seats, of.reservation_count
