"""What a figure cannot be read without: the machine, and how quick its disk syncs."""

import os
import platform
import statistics
import time
from pathlib import Path

from ticketboss.repository.sqlite.driver import choose_driver

SYNCS = 200
SYNC_BYTES = 4096


def describe(folder: Path) -> dict[str, str]:
    """The machine, and the disk that `folder` is on."""
    driver = choose_driver()
    journal = "WAL" if driver.wal_safe else "rollback journal"
    return {
        "cpu": f"{_cpu_model()}, {os.cpu_count()} cores",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "sqlite": f"{driver.sqlite_version}, {journal}, synchronous=FULL",
        "fdatasync": f"{sync_median_ms(folder):.2f} ms, median of {SYNCS}",
    }


def sync_median_ms(folder: Path) -> float:
    """The median time of fdatasync after appending one page to a file in `folder`."""
    times = []
    page = b"\0" * SYNC_BYTES
    path = folder / "sync-probe"
    with path.open("wb", buffering=0) as file:
        for _ in range(SYNCS):
            file.write(page)
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - started)
    path.unlink()
    return statistics.median(times) * 1000


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
