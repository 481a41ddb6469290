"""Faults of system calls, in the words of strace."""

from dataclasses import dataclass
from pathlib import Path

# What the database's files are worked with, by the names that strace has for it.
CALLS = {
    "sync": "fsync,fdatasync",
    "write": "pwrite64",
    "truncate": "ftruncate",
    "open": "openat",
    "read": "pread64",
    "remove": "unlink",
}
# Those without which nothing that is open has to be given up.
CALLS_OF_WRITERS = ("sync", "write", "truncate", "remove")
ERRORS = ("EIO", "ENOSPC")
# How many calls fail in a row; None: all from the first one on.
SPANS = {"once": 1, "twice": 2, "ten times": 10, "for ever": None}
FILE_SUFFIXES = ("", "-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of system call that fails with one error, so many times."""

    call: str
    error: str
    span: str

    def __str__(self) -> str:
        return f"{self.call} {self.error} {self.span}"

    @property
    def passes(self) -> bool:
        """Whether the calls succeed again some time."""
        return SPANS[self.span] is not None

    def injected(self, first: int) -> list[str]:
        """strace's option that fails the calls of each process from its `first` one on."""
        count = SPANS[self.span]
        when = f"{first}+" if count is None else f"{first}..{first + count - 1}"
        return ["-e", f"inject={CALLS[self.call]}:error={self.error}:when={when}"]


def only_about(database: Path) -> list[str]:
    """strace's options that leave all other files alone: only these calls count."""
    paths = [database.with_name(database.name + suffix) for suffix in FILE_SUFFIXES]
    return [option for path in paths for option in ("-P", str(path))]
