"""A disk that has kept what was synced, and of everything else what chance left on it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, Self, get_args

from tests.faults.power.trace import (
    Make,
    Operation,
    Remove,
    Step,
    Sync,
    SyncFolder,
    Truncate,
    Write,
)

SECTOR_BYTES = 512
Loss = Literal["all", "none", "part", "torn"]
LOSSES: tuple[Loss, ...] = get_args(Loss)
Image = dict[str, bytes]


@dataclass(slots=True)
class _File:
    """What is safe, and what was written since, with the place in the trace."""

    safe: bytearray = field(default_factory=bytearray)
    unsynced: list[tuple[int, Write | Truncate]] = field(default_factory=list)

    def sync(self, began: int) -> None:
        """What had been written when the sync began is safe; what overlapped it need not be."""
        while self.unsynced and self.unsynced[0][0] < began:
            _apply(self.safe, self.unsynced.pop(0)[1])

    def content(self, loss: Loss, chance: random.Random) -> bytes:
        content = bytearray(self.safe)
        for _, change in self.unsynced:
            for kept in _kept(change, loss, chance):
                _apply(content, kept)
        return bytes(content)


@dataclass(slots=True)
class Disk:
    """The files of one folder, and the changes of their names that no sync has made safe yet."""

    names: dict[str, _File] = field(default_factory=dict)
    safe_names: dict[str, _File] = field(default_factory=dict)
    unsynced_names: list[tuple[int, Make | Remove, _File]] = field(default_factory=list)

    @classmethod
    def with_files(cls, image: Image) -> Self:
        """A disk on which these files are safe."""
        names = {name: _File(bytearray(content)) for name, content in image.items()}
        return cls(names, dict(names))

    def apply(self, step: Step) -> None:
        """Let one operation happen."""
        match step.operation:
            case Write(file=file) | Truncate(file=file) as change:
                self.names[file].unsynced.append((step.place, change))
            case Sync(file=file, began=began):
                self.names[file].sync(began)
            case _:
                self._apply_to_names(step)

    def _apply_to_names(self, step: Step) -> None:
        match step.operation:
            case Make(file=file) as made:
                if file not in self.names:
                    self.names[file] = _File()
                    self.unsynced_names.append((step.place, made, self.names[file]))
            case Remove(file=file) as removed:
                self.unsynced_names.append((step.place, removed, self.names.pop(file)))
            case SyncFolder(began=began):
                while self.unsynced_names and self.unsynced_names[0][0] < began:
                    _, change, named = self.unsynced_names.pop(0)
                    _rename(self.safe_names, change, named)

    def image(self, loss: Loss, seed: str) -> Image:
        """The files after a power cut now; `loss` is what became of all that was not synced.

        Names are lost from the last one back, as journalling file systems do.
        """
        chance = random.Random(seed)
        names = dict(self.safe_names)
        count = len(self.unsynced_names)
        kept = {"all": 0, "none": count}.get(loss, chance.randint(0, count))
        for _, change, named in self.unsynced_names[:kept]:
            _rename(names, change, named)
        return {name: file.content(loss, chance) for name, file in names.items()}


def _rename(names: dict[str, _File], change: Make | Remove, file: _File) -> None:
    if isinstance(change, Make):
        names[change.file] = file
    else:
        names.pop(change.file, None)


def _apply(content: bytearray, change: Operation) -> None:
    match change:
        case Truncate(size=size):
            del content[size:]
            content.extend(bytes(size - len(content)))
        case Write(offset=offset, data=data):
            # What lies between the old end and the write reads as zeros.
            content.extend(bytes(max(0, offset - len(content))))
            content[offset : offset + len(data)] = data


def _kept(
    change: Write | Truncate, loss: Loss, chance: random.Random
) -> Iterator[Write | Truncate]:
    """What is left of one change: it, nothing, or some sectors of a write."""
    if loss == "all" or (loss != "none" and chance.random() < 0.5):
        return
    if loss == "torn" and isinstance(change, Write):
        yield from _sectors(change, chance)
    else:
        yield change


def _sectors(write: Write, chance: random.Random) -> Iterator[Write]:
    start = 0
    while start < len(write.data):
        end = start + SECTOR_BYTES - (write.offset + start) % SECTOR_BYTES
        if chance.random() < 0.5:
            yield Write(write.file, write.offset + start, write.data[start:end])
        start = end
