"""What the engine tells of its work, for whoever measures it."""

from collections.abc import Sequence

from ticketboss.domain.commands import Command
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.engine.answers import Answer


class Meter:
    """Listens to nothing; metrics override what they want to know.

    Its methods must be quick and must not fail: they are called on the way of every write.
    """

    def batch(self, commands: int, queued: int) -> None:
        """A batch of so many commands was taken, and so many more wait in this process."""

    def queued(self, commands: int) -> None:
        """So many commands wait in this process; told now and then, also while a batch lasts."""

    def answered(self, answers: Sequence[tuple[Command, Answer]]) -> None:
        """These commands got these answers."""

    def committed(self, seconds: float, entries: Sequence[LedgerEntry]) -> None:
        """These entries were committed; `seconds` has the wait for the write lock in it."""

    def lock_wait(self, seconds: float) -> None:
        """A writer waited so long for the write lock, and got it or gave up."""

    def conflict(self) -> None:
        """Somebody else was faster: a plan is made again."""


NO_METER = Meter()
