"""The program that strace runs: one play after the other, each in a process of its own.

`python -m tests.faults.io.runs FILE`, which has its orders. strace counts the calls of each process
by itself, and fails those from one number on. So that it is another call of each
play, a process first makes as many calls in vain as the numbers differ by.
"""

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from tests.faults.io.faults import FILE_SUFFIXES
from tests.faults.io.play import Play
from tests.faults.power.trace import DATABASE
from ticketboss.repository.sqlite.driver import Driver, choose_driver

TOLD, TOLD_LATER, PROCESSES = "told.json", "told-later.json", "processes"
# Of no open file.
NO_DESCRIPTOR = 9_999


@dataclass(frozen=True, slots=True)
class Orders:
    """`firsts` are the calls of the plays that fail first, `last` the number that strace knows.

    Each play leaves its files in a folder of the number's name. Where it has no hope its process
    is killed, and another one asks for the same again, without failing calls.
    """

    folder: str
    template: str
    call: str
    firsts: list[int]
    last: int
    hopeful: bool
    rollback_journal: bool

    def write(self) -> Path:
        """Write them for `main`, and give the file."""
        path = Path(self.folder) / "orders.json"
        path.write_text(json.dumps(asdict(self)))
        return path


def driver(*, rollback_journal: bool) -> Driver:
    """The usual driver, or one that may keep no write-ahead log."""
    chosen = choose_driver()
    return Driver(chosen.module, wal_safe=False) if rollback_journal else chosen


def main(path: str) -> None:
    """Obey the orders of a file."""
    orders = Orders(**json.loads(Path(path).read_text()))
    folder, work = Path(orders.folder), Path(orders.folder) / "work"
    for first in orders.firsts:
        work.mkdir()
        for file in Path(orders.template).iterdir():
            # Under another name: to open these files by their own is what strace counts.
            shutil.copyfile(file, work / "copy")
            (work / "copy").rename(work / file.name)
        processes = [_in_a_process(partial(_play_with_failures, orders, work, first))]
        if not orders.hopeful:
            again = partial(_play, orders, work / TOLD_LATER, hopeful=True)
            processes.append(_in_a_process(again))
        (work / PROCESSES).write_text(" ".join(map(str, processes)))
        work.rename(folder / str(first))


def _play_with_failures(orders: Orders, work: Path, first: int) -> None:
    in_vain = _in_vain(orders.call, work / DATABASE)
    for _ in range(orders.last - first):
        with suppress(OSError):
            in_vain()
    _play(orders, work / TOLD, hopeful=orders.hopeful)


def _play(orders: Orders, told: Path, *, hopeful: bool) -> None:
    chosen = driver(rollback_journal=orders.rollback_journal)
    play = Play(told.with_name(DATABASE), chosen, hopeful=hopeful)
    play.run().write(told)
    if not hopeful:
        # Not by the end of this function either, which closes what nobody has any more.
        os.kill(os.getpid(), signal.SIGKILL)


def _in_a_process(act: Callable[[], None]) -> int:
    """Do something in a process that ends behind it; gives its id."""
    process = os.fork()
    if process:
        os.waitpid(process, 0)
        return process
    try:
        act()
    except Exception:  # noqa: BLE001 - what it is goes to whoever runs the harness
        traceback.print_exc()
    finally:
        # Not back into the loop of the parent.
        os._exit(0)


def _in_vain(call: str, database: Path) -> Callable[[], object]:
    """A call of this kind that does nothing."""
    nowhere = database.with_name(f"{DATABASE}{FILE_SUFFIXES[-1]}") / "nowhere"
    calls: dict[str, Callable[[], object]] = {
        "sync": _sync_in_vain,
        "write": lambda: os.pwrite(NO_DESCRIPTOR, b"", 0),
        "truncate": lambda: os.ftruncate(NO_DESCRIPTOR, 0),
        "open": lambda: os.open(database, os.O_RDONLY | os.O_DIRECTORY),
        "read": lambda: os.pread(NO_DESCRIPTOR, 1, 0),
        "remove": lambda: nowhere.unlink(),
    }
    return calls[call]


def _sync_in_vain() -> None:
    # Either may be what SQLite was compiled with, and they are counted apart.
    for sync in (os.fsync, os.fdatasync):
        with suppress(OSError):
            sync(NO_DESCRIPTOR)


if __name__ == "__main__":
    main(sys.argv[1])
