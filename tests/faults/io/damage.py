"""Files of a database with one bit turned over, or cut off, in every kind of place."""

import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

PAGE_BYTES = 4096
FILE_HEADER_BYTES = 100
LOG_HEADER_BYTES = 32
FRAME_HEADER_BYTES = 24
# By the first byte of a page. Large tables are kept as indexes are, since they are WITHOUT ROWID.
KINDS_OF_PAGES = {0x02: "index node", 0x0A: "index leaf", 0x0D: "table leaf"}
DATABASE_PLACES = ("file header", *KINDS_OF_PAGES.values())
LOG_PLACES = ("log header", "frame header", "frame page")


@dataclass(frozen=True, slots=True)
class Damage:
    """One bit that is turned over, or (with no `bit`) the end of a file; `at` counts bytes."""

    place: str
    file: str
    at: int
    bit: int | None

    def __str__(self) -> str:
        what = "cut off" if self.bit is None else f"bit {self.bit} turned"
        return f"{self.place}: {self.file} {what} at byte {self.at}"

    def inflict(self, folder: Path) -> None:
        """Change the file; nobody may have it open."""
        path = folder / self.file
        content = bytearray(path.read_bytes())
        if self.bit is None:
            del content[self.at :]
        else:
            content[self.at] ^= 1 << self.bit
        path.write_bytes(content)


def turned_bits(folder: Path, database: str, seed: str, each: int) -> Iterator[Damage]:
    """Some turned bits in each kind of place that the files in this folder have."""
    chance = random.Random(seed)
    content = (folder / database).read_bytes()
    for place in DATABASE_PLACES:
        yield from _bits(place, database, _spans(content, place), chance, each)
    log = folder / f"{database}-wal"
    if log.exists() and (length := log.stat().st_size):
        for place in LOG_PLACES:
            yield from _bits(place, log.name, _log_spans(length, place), chance, each)


def cuts(folder: Path, database: str, seed: str, each: int) -> Iterator[Damage]:
    """Some places to cut the files off, between pages and within them."""
    chance = random.Random(seed)
    for path in sorted(folder.glob(f"{database}*")):
        length = path.stat().st_size
        for number in range(each if length else 0):
            at = chance.randrange(length)
            whole_pages = path.name == database and number % 2
            yield Damage("cut", path.name, at - at % PAGE_BYTES if whole_pages else at, None)


def put(template: Path, folder: Path, damage: Damage | None) -> None:
    """Put a copy of the files there, damaged, as if it had always been there."""
    for path in folder.iterdir():
        path.unlink()
    for path in template.iterdir():
        shutil.copyfile(path, folder / path.name)
    if damage is not None:
        damage.inflict(folder)


def _bits(
    place: str, file: str, spans: list[range], chance: random.Random, each: int
) -> Iterator[Damage]:
    for _ in range(each if spans else 0):
        yield Damage(place, file, chance.choice(chance.choice(spans)), chance.randrange(8))


def _spans(content: bytes, place: str) -> list[range]:
    if place == "file header":
        return [range(FILE_HEADER_BYTES)]
    starts = range(PAGE_BYTES, len(content), PAGE_BYTES)
    return [
        range(start, start + PAGE_BYTES)
        for start in starts
        if KINDS_OF_PAGES.get(content[start]) == place
    ]


def _log_spans(length: int, place: str) -> list[range]:
    if place == "log header":
        return [range(LOG_HEADER_BYTES)]
    frame = FRAME_HEADER_BYTES + PAGE_BYTES
    starts = range(LOG_HEADER_BYTES, length - frame + 1, frame)
    part: Callable[[int], range] = {
        "frame header": lambda start: range(start, start + FRAME_HEADER_BYTES),
        "frame page": lambda start: range(start + FRAME_HEADER_BYTES, start + frame),
    }[place]
    return [part(start) for start in starts]
