"""What goes wrong in a run, and how often: drawn once for each seed."""

from dataclasses import dataclass
from random import Random

from tests.faults.simulation.kernel import Manner

# How a COMMIT ends: answered, or not; then it is there, is not, or comes later.
FATES = ("landed", "lost", "late under the lock", "late without a lock")
CALL_SECONDS_MAX = 0.01


@dataclass(slots=True)
class Odds:
    """How often each thing happens, from 0 to 1, per call that it can happen to."""

    unavailable: float = 0.0
    unknown: float = 0.0
    lock_timeout: float = 0.0
    race: float = 0.0
    bug: float = 0.0
    stuck: float = 0.0
    rolled_back: float = 0.0
    # Of the nemeses: whether they are about at all.
    crashes: bool = False
    kills: bool = False
    hogs: bool = False
    jumps: bool = False
    freezes: bool = False


class Dice:
    """The random of one run, with its odds."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.is_calm = False
        # A quarter of the runs have no faults at all, only races.
        wild = random.random() < 0.75
        self.odds = Odds(
            unavailable=self._often(wild, 0.08),
            unknown=self._often(wild, 0.4),
            lock_timeout=self._often(wild, 0.05),
            race=self._often(True, 0.3),
            bug=self._often(wild, 0.03),
            stuck=self._often(wild, 0.03),
            rolled_back=self._often(wild, 0.2),
            crashes=wild and random.random() < 0.5,
            kills=wild and random.random() < 0.5,
            hogs=wild and random.random() < 0.3,
            jumps=random.random() < 0.5,
            freezes=random.random() < 0.4,
        )
        self.manner = Manner(
            sticky=random.choice([0.0, 0.0, 0.5, 0.9]),
            stall=random.choice([0.0, 0.0, 0.002, 0.01]),
        )
        self.has_sweepers = random.random() < 0.7
        self.one_lock = random.random() < 0.5
        self.limits = {
            "BATCH_ENTRIES_MAX": random.choice([1, 3, 8, 256]),
            "DUE_MAX": random.choice([1, 2, 5, 256]),
            "CONTENDED_EVENTS_MAX": random.choice([1, 10_000]),
        }
        self.processes = random.choice([1, 2, 2, 3])
        self.clients = random.choice([3, 6, 9, 12])
        self.requests = random.choice([4, 6, 8])
        self.queue_length_max = random.choice([3, 20, 100])
        self.command_seconds_max = random.choice([0.05, 0.3, 1.0])
        # How long clients think between two requests, at most.
        self.pause_seconds = random.choice([0.0, 0.02, 0.2, 1.0])
        self.patience_seconds = random.choice([0.02, 0.2, 2.0])

    def _often(self, is_possible: bool, odds_max: float) -> float:
        return self.random.random() * odds_max if is_possible and self.random.random() < 0.6 else 0

    def happens(self, odds: float) -> bool:
        """Whether something of these odds happens now; nothing does at the end of a run."""
        return not self.is_calm and odds > 0 and self.random.random() < odds

    def call_seconds(self) -> float:
        """How long a call of the database lasts: mostly next to nothing."""
        return float(CALL_SECONDS_MAX * self.random.random() ** 4)

    def stuck_seconds(self, command_seconds_max: float) -> float:
        """How long something stands still: perhaps longer than anybody may wait."""
        return float(self.random.random() * 2 * command_seconds_max)
