"""How often each partner was refused, over all workers: for the operators' page alone.

Not in `/metrics`, whose series tell of no partner.
"""

import json
import threading
import weakref
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prometheus_client.mmap_dict import MmapedDict

# An event and a partner; in open mode partners have any names that they like.
Place = tuple[str, str]
REFUSED_PARTNERS_MAX = 1_000
OTHERS: Place = ("", "")
# Not that of the library's files, all of which it adds up for /metrics.
SUFFIX = ".refusals"


class RefusalCounts:
    """Counts of this process, in a file that the other workers read too."""

    def __init__(self, folder: str | None, slot: str) -> None:
        """`slot` is this process's alone in the folder; without a folder nobody else reads."""
        self._folder = None if folder is None else Path(folder)
        self._lock = threading.Lock()
        self._counts: Counter[Place] = Counter()
        self._values: Any = None
        if self._folder is not None:
            file = self._folder / f"{slot}{SUFFIX}"
            self._values = MmapedDict(str(file))  # type: ignore[no-untyped-call]
            weakref.finalize(self, self._values.close)
            # Whoever had the slot before was a worker of the same server: its counts go on.
            self._counts.update(_read(file))

    def add(self, counts: Mapping[Place, int]) -> None:
        """Count so many more refusals at each place."""
        with self._lock:
            for place, count in counts.items():
                known = place in self._counts or len(self._counts) < REFUSED_PARTNERS_MAX
                counted = place if known else OTHERS
                self._counts[counted] += count
                if self._values is not None:
                    self._values.write_value(json.dumps(counted), self._counts[counted], 0.0)

    def all(self) -> Mapping[Place, int]:
        """The counts of all workers together, of partners beyond the limit as OTHERS."""
        if self._folder is None:
            return dict(self._counts)
        summed: Counter[Place] = Counter()
        for file in self._folder.glob(f"*{SUFFIX}"):
            summed.update(_read(file))
        return summed


def _read(file: Path) -> dict[Place, int]:
    found = MmapedDict.read_all_values_from_file(str(file))  # type: ignore[no-untyped-call]
    read: dict[Place, int] = {}
    for key, value, _, _ in found:
        event_id, partner_id = json.loads(key)
        read[event_id, partner_id] = int(value)
    return read
