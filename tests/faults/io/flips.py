"""Damaged files one after the other, each asked for everything."""

import subprocess
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.io.damage import Damage, put
from tests.faults.io.witness import PAGES, Answers, Witness
from tests.faults.power.checks import EVENT_ID
from tests.faults.power.trace import DATABASE
from tests.unit.examples import create_event, hold, reserve
from ticketboss.engine.committer import Committer
from ticketboss.repository.sqlite.repository import SqliteRepository

RESERVATIONS = 400
PARTNERS = 7
SEATS = 100_000
EVERY = 40
# A database with everything in its file, and one with its newest commits in the log.
TEMPLATES = ("settled", "logged")


@dataclass(slots=True)
class Findings:
    """What became of each damage, by its place; `broken` are those that break a rule."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


class Room:
    """The templates of one database, and a folder in which damaged copies are looked at."""

    def __init__(self, folder: Path) -> None:
        self.templates = {name: folder / name for name in TEMPLATES}
        self._folder = folder / "damaged"
        self._reservation_ids: list[str] = []
        for made in (*self.templates.values(), self._folder):
            made.mkdir()
        self._make(folder / "made")

    def look_at(self, template: str, damages: Iterable[Damage]) -> Findings:
        """Have the same application meet each of the damages of one template."""
        findings = Findings()
        asked = self._reservation_ids[:RESERVATIONS:EVERY]
        with closing(Witness(self._folder)) as witness:
            put(self.templates[template], self._folder, None)
            truth = witness.reads(asked)
            if witness.complaints() or any(status != 200 for status, _ in truth.values()):
                raise AssertionError(f"The template is not sound: {witness.complaints()} {truth}")
            for damage in damages:
                witness.close()
                put(self.templates[template], self._folder, damage)
                verdict = _verdict(witness, truth, asked, damage)
                findings.counts[damage.place, verdict] += 1
                if verdict.startswith("broken"):
                    findings.broken.append(f"{template} {damage}: {verdict}")
        return findings

    def _make(self, folder: Path) -> None:
        folder.mkdir()
        path = folder / DATABASE
        with closing(SqliteRepository(str(path))) as repository:
            repository.migrate()
            committer = Committer(repository, 10, 10)
            committer.submit(create_event(SEATS, event_id=EVENT_ID))
            self._sell(committer, RESERVATIONS)
        subprocess.run(["cp", path, self.templates["settled"]], check=True)
        with closing(SqliteRepository(str(path))) as repository:
            self._sell(Committer(repository, 10, 10), EVERY)
            # While it is open, so that the log is there; by another process, for its locks.
            files = [path, path.with_name(f"{DATABASE}-wal")]
            subprocess.run(["cp", *files, self.templates["logged"]], check=True)

    def _sell(self, committer: Committer, count: int) -> None:
        for number in range(count):
            command = reserve if number % 5 else hold
            # The same in every run, so that a bit is at the same place when it is turned again.
            reservation_id = f"{len(self._reservation_ids):08x}-0000-7000-8000-000000000000"
            committer.submit(
                command(
                    1 + number % 3,
                    reservation_id,
                    event_id=EVENT_ID,
                    partner_id=f"partner-{number % PARTNERS}",
                    reference=f"PO-{number % 90}",
                    key=f"key-{reservation_id}",
                )
            )
            self._reservation_ids.append(reservation_id)


def _verdict(witness: Witness, truth: Answers, asked: list[str], damage: Damage) -> str:
    """What the damage did. A server may fail and say so; it may not lie without being found out."""
    said = witness.reads(asked)
    try:
        complaints = witness.complaints()
    except Exception as error:  # noqa: BLE001 - whatever it is, the command would show its traceback
        return f"broken: verify ends with {error!r}"
    wrote = witness.writes(asked[0])
    if bugs := [path for path, (status, _) in (said | wrote).items() if status == 500]:
        return f"broken: internal error at {bugs}"
    different = [path for path in said if said[path] != truth[path] and said[path][0] != 503]
    if different and not complaints and not _is_an_earlier_state(said, truth, damage):
        return f"broken: nothing is found, but it lies at {different}"
    if different:
        return "lied, and verify says so" if complaints else "an earlier state"
    unavailable = any(status == 503 for status, _ in (said | wrote).values())
    if complaints:
        return "refused, and verify says so" if unavailable else "verify says so"
    return "refused" if unavailable else "without effect"


def _is_an_earlier_state(said: Answers, truth: Answers, damage: Damage) -> bool:
    """Whether the end of the log is lost, with sums that are right for what is left."""
    if not damage.file.endswith("-wal"):
        return False
    (status, now), (_, then) = said[PAGES[0]], truth[PAGES[0]]
    return status == 200 and now["version"] < then["version"]
