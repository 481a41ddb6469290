"""How a submitted command ends."""

from dataclasses import dataclass

from ticketboss.domain.ledger import LedgerEntry
from ticketboss.domain.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Accepted:
    """The command is on disk as `entry`; `replayed` when an earlier request had done it.

    `version` is the event's at the decision where that is later than the entry's. `entries` are
    all that the command has written just now, `entry` the first of them.
    """

    entry: LedgerEntry
    replayed: bool = False
    version: int | None = None
    entries: tuple[LedgerEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class AlreadySo:
    """All was as asked at the event's `version`; the entry `entry_version` had made it so."""

    version: int
    entry_version: int


class CommandRefused(Exception):
    """The command was decided and refused; `version` is the event's at that decision."""

    def __init__(self, refusal: Refusal, version: int | None) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal
        self.version = version


class Overloaded(Exception):
    """There was no room or no time to decide; the command had no effect."""


Answer = Accepted | AlreadySo | BaseException
