"""What the judge judges by: what partners were told, and what the server says of itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ticketboss.client.documents import EventSummary, LedgerEntry, Reservation
from ticketboss.rehearsal.asking import reference
from ticketboss.rehearsal.errands import Told


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The event before and after the drop, with all entries of its ledger in between.

    `differences` are what `verify` or the audit found; None where it could not be asked.
    """

    run: str
    before: EventSummary
    after: EventSummary
    entries: Sequence[LedgerEntry]
    told: Sequence[Told]
    differences: Sequence[str] | None = field(default_factory=list)
    unsent: int = 0

    @cached_property
    def by_version(self) -> Mapping[int, LedgerEntry]:
        """The entries by their version."""
        return {entry.version: entry for entry in self.entries}

    @cached_property
    def lives(self) -> Mapping[str, Sequence[LedgerEntry]]:
        """The entries of each reservation, in their order."""
        lives: dict[str, list[LedgerEntry]] = {}
        for entry in self.entries:
            if entry.reservation_id is not None:
                lives.setdefault(entry.reservation_id, []).append(entry)
        return lives

    @cached_property
    def made_for(self) -> Mapping[str, Sequence[LedgerEntry]]:
        """The entries that make a reservation, by the reference of the wish that they are for."""
        made: dict[str, list[LedgerEntry]] = {}
        for entry in self.entries:
            if entry.reference is not None and entry.kind in ("reserved", "held"):
                made.setdefault(entry.reference, []).append(entry)
        return made

    def made_by(self, told: Told) -> Sequence[LedgerEntry]:
        """The entries that make a reservation for the wish of an answer: one, if all is well."""
        return self.made_for.get(reference(self.run, told.errand.wish.number), ())

    def accepted(self, *actions: str) -> list[tuple[Told, Reservation]]:
        """What was answered yes, with the reservation that the answer shows."""
        return [
            (told, told.reservation)
            for told in self.told
            if told.is_accepted and told.reservation and told.errand.action in actions
        ]

    def available_at(self, version: int) -> int | None:
        """The seats that were available at a version, None if that is not of this drop."""
        if version == self.before.version:
            return self.before.available_seats
        entry = self.by_version.get(version)
        return None if entry is None else entry.available_seats
