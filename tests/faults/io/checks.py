"""What must be true of what clients were told, once the database is opened again."""

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.faults.io.faults import CALLS_OF_WRITERS, Fault
from tests.faults.io.told import Told
from tests.faults.power import checks as power
from tests.faults.power.disk import Disk, Loss
from tests.faults.power.trace import DATABASE, Answer, Step, steps
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.engine.verifier import Verifier
from ticketboss.repository.interface import Repository, StorageUnavailable
from ticketboss.repository.sqlite.driver import Driver
from ticketboss.repository.sqlite.repository import SqliteRepository

ENTRIES_MAX = 10_000
KEYS_MAX = 1_000
# The traced processes have one thread each, and this number instead of theirs.
THE_PROCESS = "1"
KILLED = "+++ killed by SIGKILL +++"
CUTS_LATER = 3


@dataclass(frozen=True, slots=True)
class Aftermath:
    """The folder that one play has left, and what its clients were told."""

    folder: Path
    told: Told
    fault: Fault
    driver: Driver

    def wrong(self) -> list[str]:
        """What breaks the rules, in sentences."""
        told = self.told
        found = [told.bug] if told.bug else []
        if not told.recovered:
            found.append(f"it did not recover: {told.answers}")
        # Who reads behind a failed commit in a rollback journal has to roll it back first.
        could_read = self.driver.wal_safe and self.fault.call in CALLS_OF_WRITERS
        if could_read and told.later_reads_failed:
            found.append(f"{told.later_reads_failed} reads failed, though reading was possible")
        try:
            with closing(SqliteRepository(str(self.folder / DATABASE), self.driver)) as reopened:
                return found + list(self._lies(reopened))
        except StorageUnavailable as error:
            return [*found, f"it cannot be opened again: {error}"]

    def _lies(self, reopened: Repository) -> Iterator[str]:
        yield from reopened.damage()
        verified = Verifier(reopened, power.EVENT_ID).verify()
        yield from ["the event is gone"] if verified is None else verified.differences
        entries = reopened.ledger(power.EVENT_ID, -1, ENTRIES_MAX)
        yield from self._lies_about_writes(entries)
        available = {entry.version: entry.available_seats for entry in entries}
        for version, seats in self.told.reads:
            if available.get(version) != seats:
                yield f"version {version} was read with {seats} available seats"
        keys = {key.key_id for key in reopened.access.keys("", KEYS_MAX)}
        if lost := set(self.told.issued_keys) - keys:
            yield f"{len(lost)} keys were issued and are not there"

    def _lies_about_writes(self, entries: list[LedgerEntry]) -> Iterator[str]:
        told = self.told
        versions = {e.idempotency_key: e.version for e in entries if e.idempotency_key}
        for key, version in told.accepted.items():
            if versions.get(key) != version:
                yield f"{key} was accepted as version {version}, and is {versions.get(key)}"
        for key in told.without_effect:
            if key in versions:
                yield f"{key} was without effect, and is version {versions[key]}"

    def wrong_after_cuts(
        self, traced: Sequence[str], database: Path, template: Path, seed: str
    ) -> tuple[int, list[str]]:
        """Cut the power now and then; gives the number of cuts, and what is wrong.

        A sync that failed has made nothing safe. `database` is where the play had it.
        """
        recorded = _steps(traced, database)
        chance = random.Random(seed)
        cuts: list[tuple[int, Loss]] = [
            (len(recorded), "all"),
            (chance.randint(0, len(recorded)), "all"),
            (chance.randint(0, len(recorded)), "torn"),
        ]
        if KILLED in traced:
            # What the next process tells first is what the dead one may have left unsynced.
            before = len(_steps(traced[: traced.index(KILLED)], database))
            later = (at for at, step in enumerate(recorded) if isinstance(step.operation, Answer))
            cuts += [(at + 1, "all") for at in later if at >= before][:CUTS_LATER]
        found = []
        scratch = self.folder / "image"
        scratch.mkdir()
        for place, loss in cuts:
            disk = Disk.with_files({path.name: path.read_bytes() for path in template.iterdir()})
            heard = power.Told()
            for step in recorded[:place]:
                disk.apply(step)
                heard.hear(step)
            complaints = power.complaints(disk.image(loss, seed), heard, scratch, self.driver)
            found += [f"after a power cut at step {place}: {each}" for each in complaints]
        return len(cuts), found


def _steps(traced: Iterable[str], database: Path) -> list[Step]:
    lines = (f"{THE_PROCESS} {line}" for line in traced if not line.startswith("pread64("))
    return steps(lines, database)
