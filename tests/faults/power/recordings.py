"""The recordings of the short form: each is made once, two at a time, however many ask for it."""

import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.faults.power.planted import (
    DELETED_JOURNAL,
    ROLLBACK_JOURNAL,
    SHORT_LOG,
    SYNCHRONOUS_NORMAL,
    TOLD_BEFORE_THE_COMMIT,
    UNSYNCED_BEGINNING,
)
from tests.faults.power.recording import record
from tests.faults.power.trace import Step
from tests.planting import Patch

SEED = int(os.environ.get("POWER_SEED", "1"))
REQUESTS = 400
CONTROL_REQUESTS = 40
AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Kind:
    """How much is asked of a server, and what is planted in it."""

    requests: int
    patches: Sequence[Patch] = ()


LOG = Kind(REQUESTS, SHORT_LOG)
JOURNAL = Kind(REQUESTS, ROLLBACK_JOURNAL)
CARELESS_LOG = Kind(CONTROL_REQUESTS, SYNCHRONOUS_NORMAL)
CARELESS_JOURNAL = Kind(CONTROL_REQUESTS, (*SYNCHRONOUS_NORMAL, *ROLLBACK_JOURNAL))
TOLD_EARLY = Kind(CONTROL_REQUESTS, TOLD_BEFORE_THE_COMMIT)
UNSYNCED_LOG = Kind(REQUESTS, UNSYNCED_BEGINNING)
ONLY_DELETED = Kind(CONTROL_REQUESTS, DELETED_JOURNAL)


class Recordings:
    """Recordings in folders of their own within `folder`."""

    def __init__(self, folder: Path, threads: ThreadPoolExecutor) -> None:
        self._folder = folder
        self._threads = threads
        self._begun: dict[Kind, tuple[Path, Future[list[Step]]]] = {}

    def begin(self, *kinds: Kind) -> None:
        """Make these as soon as it is their turn."""
        for kind in kinds:
            if kind not in self._begun:
                folder = self._folder / str(len(self._begun))
                making = self._threads.submit(record, folder, kind.requests, SEED, kind.patches)
                self._begun[kind] = folder, making

    def steps(self, kind: Kind) -> list[Step]:
        """What happened on the disk."""
        self.begin(kind)
        return self._begun[kind][1].result()

    def folder(self, kind: Kind) -> Path:
        """Where one is that was begun: `trace` is what strace wrote."""
        return self._begun[kind][0]
