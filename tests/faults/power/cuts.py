"""Cuts of the power at every place of a recording, by several processes."""

import random
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from tests.faults.memory import IN_MEMORY
from tests.faults.power.checks import Told, complaints
from tests.faults.power.disk import LOSSES, Disk, Loss
from tests.faults.power.trace import Step
from ticketboss.repository.sqlite.driver import Driver, choose_driver

PROCESSES = 2
# So that one that is ended early has been everywhere.
ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Cut:
    """The power fails behind the first `place` steps; `loss` and `seed` say what is left."""

    place: int
    loss: Loss
    seed: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A cut after which something was wrong."""

    cut: Cut
    found: list[str]

    def __str__(self) -> str:
        cut = self.cut
        return f"behind step {cut.place}, {cut.loss} lost, seed {cut.seed}: {'; '.join(self.found)}"


def some_cuts(steps: int, images: int, seed: int) -> list[Cut]:
    """So many cuts, spread evenly over the recording; each with a kind of loss by chance."""
    chance = random.Random(seed)
    return [
        Cut(1 + number * steps // images, chance.choice(LOSSES), f"{seed}-{number}")
        for number in range(images)
    ]


def cuts_at(place: int, seed: int) -> list[Cut]:
    """A cut of each kind behind so many steps; the same ones each time."""
    return [Cut(place, loss, f"{seed}-{place}") for loss in LOSSES]


def all_cuts(steps: int, seed: int) -> Iterator[list[Cut]]:
    """Each kind at each place of a recording, in rounds that are spread over all of it."""
    for first in range(1, ROUNDS + 1):
        places = range(first, steps + 1, ROUNDS)
        if places:
            yield [cut for place in places for cut in cuts_at(place, seed)]


def broken(
    steps: Sequence[Step], wanted: Sequence[Cut], *, rollback_journal: bool = False
) -> list[Broken]:
    """Make and check an image for each cut; gives those with which something is wrong."""
    share = -(-len(wanted) // PROCESSES)
    parts = [wanted[start : start + share] for start in range(0, len(wanted), share)]
    # Processes of their own kind: a forked one would have this one's SQLite.
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as processes:
        found = processes.map(partial(_check, steps, rollback_journal), parts)
        return [one for part in found for one in part]


def _check(steps: Sequence[Step], rollback_journal: bool, wanted: Sequence[Cut]) -> list[Broken]:
    # Images are opened as servers do it, with many syncs, and nobody cuts their own power.
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
        driver = _driver(rollback_journal=rollback_journal)
        return list(_checked(steps, wanted, Path(folder), driver))


def _checked(
    steps: Sequence[Step], wanted: Sequence[Cut], folder: Path, driver: Driver
) -> Iterator[Broken]:
    disk, told, done = Disk(), Told(), 0
    for cut in wanted:
        for step in steps[done : cut.place]:
            disk.apply(step)
            told.hear(step)
        done = cut.place
        if found := complaints(disk.image(cut.loss, cut.seed), told, folder, driver):
            yield Broken(cut, found)


def _driver(*, rollback_journal: bool) -> Driver:
    chosen = choose_driver()
    return Driver(chosen.module, wal_safe=False) if rollback_journal else chosen
