"""What nemeses act on: the server of a sale under load, and what was done to it so far."""

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.faults.history.sale import Keys
from tests.faults.history.violations import Violation
from tests.faults.history.wire import Identity, Wire
from tests.faults.nemeses.clock import Clock
from tests.server import Server
from ticketboss.domain.ledger import LedgerEntry


@dataclass(slots=True)
class Scene:
    """One sale as one line of nemeses sees it, who act one after the other.

    `tally` counts what they did, `found` is what they saw that must not be, `copies` are the
    ledgers of the backups that they took. `name` is that of their clients.
    """

    server: Server
    keys: Keys
    event_id: str
    name: str
    chance: random.Random
    clock: Clock | None = None
    tally: Counter[str] = field(default_factory=Counter)
    found: list[Violation] = field(default_factory=list)
    copies: list[Sequence[LedgerEntry]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def new_name(self) -> str:
        """A name that nobody else in the sale has."""
        return f"{self.name}-{next(self.numbers)}"

    @contextmanager
    def client(self, identity: Identity, port: int, connect_seconds_max: float) -> Iterator[Wire]:
        """One more client of the sale, whose requests are part of its history."""
        name = self.new_name()
        path = self.server.folder / self.event_id / f"{name}.jsonl"
        with path.open("w", encoding="utf-8") as file:
            wire = Wire(port, name, identity, file, connect_seconds_max)
            try:
                yield wire
            finally:
                wire.close()


Act = Callable[[Scene], None]
