"""The wall clock of a server: libfaketime shifts it, and leaves the monotonic clock alone."""

import shutil
import subprocess
import time
from email.utils import parsedate_to_datetime
from pathlib import Path

import requests

from tests.faults.nemeses.processes import is_running

PROGRAM = "faketime"
# The Date header has no fractions, and the answer is on its way for a moment.
TOLERANCE_SECONDS = 3.0
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where libfaketime has it
# Python sleeps until a time of the monotonic clock, which libfaketime takes for one of the other.
SLEEPS_BY_SELECT = """
import select, time

def sleep(seconds):
    select.select((), (), (), seconds)

time.sleep = sleep
"""


def is_installed() -> bool:
    """Whether clocks can be shifted here."""
    return shutil.which(PROGRAM) is not None


def _library() -> str:
    """Where the library is: the program knows, on every architecture."""
    shown = subprocess.run(
        [PROGRAM, "-f", "+0", "printenv", "LD_PRELOAD"], capture_output=True, text=True, check=True
    )
    return shown.stdout.strip()


class Clock:
    """A clock that jumps; all processes with its `settings` in their environment have it.

    `farthest_seconds` is how far it ever was from the clock of this machine.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "clock"
        self.seconds = 0
        self.farthest_seconds = 0
        self.set(0)
        (folder / "sitecustomize.py").write_text(SLEEPS_BY_SELECT)
        self.settings = {
            "LD_PRELOAD": _library(),
            "FAKETIME_TIMESTAMP_FILE": str(self._path),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "PYTHONPATH": str(folder),
            # gunicorn writes monotonic times to a file, and reads them again.
            "NO_FAKE_STAT": "1",
        }

    def set(self, seconds: int) -> None:
        """Let it jump to so many seconds before or behind this machine's."""
        new = self._path.with_suffix(".new")
        new.write_text(f"{seconds:+d}\n")
        # At once, because a server may look at any time.
        new.replace(self._path)
        self.seconds = seconds
        self.farthest_seconds = max(self.farthest_seconds, abs(seconds))


def remove_traces() -> None:
    """Remove the memory that libfaketime had in processes that were killed."""
    for path in SHARED_MEMORY.glob("*faketime_s?m_*"):
        if not is_running(int(path.name.rpartition("_")[2])):
            path.unlink(missing_ok=True)


def seconds_ahead(url: str) -> float:
    """By how much the clock of the server behind a URL is ahead, as its answers say."""
    date = requests.get(f"{url}/healthz", timeout=10).headers["Date"]
    return parsedate_to_datetime(date).timestamp() - time.time()
