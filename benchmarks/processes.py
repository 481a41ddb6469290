"""What the processes of a server use: CPU time and memory."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

CLOCK_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# Where they stand in /proc/<pid>/stat behind the command's name (proc(5)): of the process itself
# and of its children that have ended.
USER_TICKS, SYSTEM_TICKS = (11, 13), (12, 14)


def tree(pid: int) -> Iterator[int]:
    """The process and all that descend from it."""
    yield pid
    for thread in Path(f"/proc/{pid}/task").iterdir():
        for child in (thread / "children").read_text().split():
            yield from tree(int(child))


def cpu_seconds(pid: int) -> float:
    """CPU time that the process and its descendants have used, in user and in system mode."""
    return sum(cpu_seconds_by_mode(pid))


def cpu_seconds_by_mode(pid: int) -> tuple[float, float]:
    """The same apart: in user mode, and in system mode."""
    while True:
        # Who ends while we look is counted with its parent from then on: look again.
        with suppress(FileNotFoundError, ProcessLookupError):
            ticks = [_ticks(each) for each in list(tree(pid))]
            user, system = (sum(each) / CLOCK_TICKS_PER_SECOND for each in zip(*ticks, strict=True))
            return user, system
        Path(f"/proc/{pid}").stat()


def resident_bytes(pid: int) -> int:
    """What a process has in memory, also what it shares with others."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError(pid)


def _ticks(pid: int) -> tuple[int, int]:
    behind_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system = (
        sum(int(behind_name[place]) for place in places) for places in (USER_TICKS, SYSTEM_TICKS)
    )
    return user, system
