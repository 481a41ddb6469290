"""The rows of all events, in memory: what is committed, and since which step of the run."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ticketboss.domain.commands import Command, CreateEvent, Sweep
from ticketboss.domain.events import Event
from ticketboss.domain.ledger import EventState, LedgerEntry
from ticketboss.domain.reservations import PartnerTotals, Reservation
from ticketboss.repository.interface import Changes, Conflict, Snapshot


class RowRefused(Exception):
    """The schema refuses a row, as its keys and checks do: a bug of whoever writes it."""


@dataclass
class EventRows:
    """One event with all that belongs to it; `landed` has the step at which each version came."""

    event: Event
    reservations: dict[str, Reservation] = field(default_factory=dict)
    ledger: list[LedgerEntry] = field(default_factory=list)
    commit_ids: list[int] = field(default_factory=list)
    landed: list[int] = field(default_factory=list)
    keys: dict[tuple[str, str], LedgerEntry] = field(default_factory=dict)
    partners: dict[str, PartnerTotals] = field(default_factory=dict)

    def due(self, now: int, frozen: dict[str, bool], *, for_sweep: bool) -> list[Reservation]:
        """Claims that must end: overdue holds first, then what only a sweep asks for."""
        held = [row for row in self.reservations.values() if row.status == "held"]
        overdue = sorted(
            (row for row in held if row.is_due(now)), key=lambda row: row.expires_at or 0
        )
        if not for_sweep:
            return overdue
        if self.event.cancelled:
            others = [row for row in self.reservations.values() if row.is_live]
        else:
            others = [row for row in held if frozen.get(row.partner_id)]
        return overdue + [row for row in others if row not in overdue]


class Store:
    """The database that all processes share. `frozen` says of a partner whether holds end."""

    def __init__(self, due_max: int) -> None:
        self.events: dict[str, EventRows] = {}
        self.frozen: dict[str, bool] = {}
        # Partners whose holds were to end at some time.
        self.released: set[str] = set()
        self._due_max = due_max

    def version(self, event_id: str) -> int | None:
        """The version of an event, None where there is none."""
        rows = self.events.get(event_id)
        return None if rows is None else rows.event.version

    def snapshot(self, event_id: str, commands: Sequence[Command], now: int) -> Snapshot:
        """What these commands need, as a real repository gives it."""
        rows = self.events.get(event_id)
        if rows is None:
            creates = any(isinstance(command, CreateEvent) for command in commands)
            return Snapshot(EventState(frozen=frozenset(self.frozen if creates else ())), now)
        for_sweep = any(isinstance(command, Sweep) for command in commands)
        due = rows.due(now, self.frozen, for_sweep=for_sweep)[: self._due_max]
        named = [command.existing_reservation_id for command in commands]
        found = [rows.reservations[id_] for id_ in named if id_ and id_ in rows.reservations]
        by_id = {row.reservation_id: row for row in (*found, *due)}
        partner_ids = {row.partner_id for row in by_id.values()}
        keys = {}
        for command in commands:
            partner_ids.add(command.partner_among(by_id) or "")
            name = (command.actor_among(by_id) or "", command.idempotency_key or "")
            if name in rows.keys:
                keys[name] = rows.keys[name]
        expiries = [row.expires_at for row in rows.reservations.values() if row.expires_at]
        state = EventState(
            event=rows.event,
            reservations=by_id,
            keys=keys,
            partners={id_: rows.partners[id_] for id_ in partner_ids if id_ in rows.partners},
            frozen=frozenset(id_ for id_ in partner_ids if id_ in self.frozen),
            due=[row.reservation_id for row in due],
            next_hold_expires_at=min((at for at in expiries if at > now), default=None),
        )
        return Snapshot(state, now)

    def compare(self, changes: Changes) -> None:
        """Raise Conflict unless all is as the changes were planned on."""
        event_id = changes.event.event_id
        if self.version(event_id) != changes.version_read:
            raise Conflict
        rows = self.events.get(event_id)
        known = rows.reservations if rows else {}
        for change in changes.reservations:
            row = known.get(change.reservation.reservation_id)
            if change.version_read is None and row is not None:
                raise RowRefused(f"{row.reservation_id} is there already")
            if change.version_read is not None and (row and row.version) != change.version_read:
                raise Conflict
        self._check(changes, rows)

    def land(self, changes: Changes, step: int) -> None:
        """Write all of it. Raises what `compare` does, and then writes nothing."""
        self.compare(changes)
        event = changes.event
        rows = self.events.setdefault(event.event_id, EventRows(event))
        rows.event = event
        for change in changes.reservations:
            rows.reservations[change.reservation.reservation_id] = change.reservation
        for entry in changes.entries:
            rows.ledger.append(entry)
            rows.commit_ids.append(changes.commit_id)
            rows.landed.append(step)
            if entry.idempotency_key is not None:
                rows.keys[entry.actor, entry.idempotency_key] = entry
        rows.partners |= changes.partners

    @staticmethod
    def _check(changes: Changes, rows: EventRows | None) -> None:
        """The schema's keys and checks."""
        event = changes.event
        if min(event.available_seats, event.held_seats, event.reserved_seats) < 0:
            raise RowRefused(f"impossible counters: {event}")
        expected = 0 if changes.version_read is None else changes.version_read + 1
        names = set(rows.keys) if rows else set()
        for entry in changes.entries:
            if entry.version != expected:
                raise RowRefused(f"entry {entry.version} stands where {expected} should")
            expected += 1
            if entry.idempotency_key is None:
                continue
            name = (entry.actor, entry.idempotency_key)
            if name in names:
                raise RowRefused(f"a second entry under the key {name}")
            names.add(name)

    def events_due(self, now: int, limit: int) -> list[str]:
        """Events of which a sweep would end something."""
        due = [
            id_ for id_, rows in self.events.items() if rows.due(now, self.frozen, for_sweep=True)
        ]
        return due[:limit]
