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
        # The one without a refusal for longest comes first.
        self._events: dict[str, None] = {}
        self._file: _File | None = None
        if self._folder is not None:
            path = self._folder / f"{slot}{SUFFIX}"
            self._file = _File(path)
            weakref.finalize(self, self._file.close)
            # Whoever had the slot before was a worker of the same server: its counts go on.
            self._counts.update(_read(path))
            self._events = {event_id: None for event_id, _ in self._counts if event_id}

    def add(self, counts: Mapping[Place, int]) -> None:
        """Count so many more refusals at each place."""
        with self._lock:
            for place, count in counts.items():
                counted = self._counted_as(place)
                self._counts[counted] += count
                if self._file is not None:
                    self._file.write(counted, self._counts[counted])

    def _counted_as(self, place: Place) -> Place:
        """The place itself, if there is room for it, or can be made."""
        event_id = place[0]
        self._events.pop(event_id, None)
        self._events[event_id] = None
        if place not in self._counts and len(self._counts) >= REFUSED_PARTNERS_MAX:
            oldest = next(iter(self._events))
            if oldest == event_id:
                return OTHERS
            self._forget(oldest)
        return place

    def _forget(self, event_id: str) -> None:
        """Let the partners of an event go; others are refused now."""
        del self._events[event_id]
        for place in [each for each in self._counts if each[0] == event_id]:
            del self._counts[place]
        if self._file is not None:
            self._file.begin_anew(self._counts)

    def all(self) -> Mapping[Place, int]:
        """The counts of all workers together, of partners beyond the limit as OTHERS."""
        if self._folder is None:
            return dict(self._counts)
        summed: Counter[Place] = Counter()
        for file in self._folder.glob(f"*{SUFFIX}"):
            summed.update(_read(file))
        return summed


class _File:
    """The counts of one process, where the others read them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._values: Any = MmapedDict(str(path))  # type: ignore[no-untyped-call]

    def write(self, place: Place, count: int) -> None:
        self._values.write_value(json.dumps(place), count, 0.0)

    def begin_anew(self, counts: Mapping[Place, int]) -> None:
        """Have these counts alone: nothing can be taken out of such a file."""
        new = self._path.with_suffix(".anew")
        new.unlink(missing_ok=True)
        self._values.close()
        self._values = MmapedDict(str(new))  # type: ignore[no-untyped-call]
        for place, count in counts.items():
            self.write(place, count)
        new.replace(self._path)

    def close(self) -> None:
        self._values.close()


def _read(file: Path) -> dict[Place, int]:
    found = MmapedDict.read_all_values_from_file(str(file))  # type: ignore[no-untyped-call]
    read: dict[Place, int] = {}
    for key, value, _, _ in found:
        event_id, partner_id = json.loads(key)
        read[event_id, partner_id] = int(value)
    return read
