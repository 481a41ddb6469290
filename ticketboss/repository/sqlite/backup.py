"""Copies of a database in one file, made while it is written to; and its lock as a whole."""

import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

from ticketboss.repository.interface import StorageUnavailable
from ticketboss.repository.sqlite.driver import Driver
from ticketboss.repository.sqlite.reasons import reason
from ticketboss.repository.sqlite.waiting import patiently

PAGES_PER_STEP = 1_000
NO_LOG = "PRAGMA journal_mode = DELETE"
SETTLE_SECONDS_MAX = 5.0
# SQLite's own name for a file's kind of content, which nobody else sets in ours: "TbBk".
BACKUP_MARK = 0x5462426B
HEADER_BYTES = 100
MAGIC = b"SQLite format 3\x00"
MARK_AT = slice(68, 72)
# All of the bytes that SQLite locks: https://sqlite.org/src/file/src/os.h, "PENDING_BYTE".
LOCKS_AT = 0x40000000
LOCKS_BYTES = 512

# Given what begins and in how many steps; gives what to call with the number of steps done.
Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


class InUse(Exception):
    """Somebody has the database open."""


def copy_pages(
    driver: Driver, source: sqlite3.Connection, target: Path, progress: Progress
) -> None:
    """Copy all that a read transaction sees into an empty file; others go on writing meanwhile.

    Syncs nothing.
    """
    (pages,) = source.execute("PRAGMA page_count").fetchone()
    try:
        with (
            closing(driver.module.connect(target, isolation_level=None, timeout=0)) as copy,
            progress("Copying", pages) as advance,
        ):
            copy.execute("PRAGMA journal_mode = OFF").fetchall()
            copy.execute("PRAGMA synchronous = OFF")
            steps = _Steps(advance)
            source.backup(copy, pages=PAGES_PER_STEP, progress=steps.done)
    except driver.module.Error as error:
        raise StorageUnavailable(f"Not copied to {target.parent}: {reason(error)}.") from error


class _Steps:
    """How far a copy is, told step by step."""

    def __init__(self, advance: Callable[[int], None]) -> None:
        self._advance = advance
        self._copied = 0

    def done(self, _: int, remaining: int, pages: int) -> None:
        self._advance(pages - remaining - self._copied)
        self._copied = pages - remaining


def settle(driver: Driver, path: Path, *, is_backup: bool) -> None:
    """End the write-ahead log that a copy was made to have, and mark it as what it is."""
    mark = f"PRAGMA application_id = {BACKUP_MARK if is_backup else 0}"
    deadline = time.monotonic() + SETTLE_SECONDS_MAX
    with closing(driver.module.connect(path, isolation_level=None, timeout=0)) as connection:
        try:
            patiently(driver, lambda: connection.execute(NO_LOG).fetchall(), deadline)
            connection.execute(mark)
        except driver.module.Error as error:
            raise StorageUnavailable(f"{reason(error)}.") from error


def is_sqlite(path: Path) -> bool:
    """Whether a file begins like a SQLite database. Nobody in this process may have it open."""
    return _header(path).startswith(MAGIC)


def is_backup(path: Path) -> bool:
    """Whether a file is a database with the mark of a backup, and no link to one."""
    if path.is_symlink() or not path.is_file():
        return False
    header = _header(path)
    return header.startswith(MAGIC) and header[MARK_AT] == BACKUP_MARK.to_bytes(4, "big")


def _header(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEADER_BYTES)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Have a file's locks, so that no SQLite can open it. Raises InUse when somebody has.

    Who keeps a write-ahead log has one for as long as a connection is open, so a server is seen
    though it is idle. With a rollback journal only who reads or writes just then is seen.
    """
    descriptor = os.open(path, os.O_RDWR)
    try:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, LOCKS_BYTES, LOCKS_AT)
        except OSError as error:
            raise InUse from error
        yield
    finally:
        os.close(descriptor)
