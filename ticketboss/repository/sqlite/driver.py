"""Which SQLite is used, and whether it may keep a write-ahead log.

SQLite 3.7.0 to 3.51.2 can corrupt a WAL database when several connections write or checkpoint
at the same time (https://sqlite.org/wal.html, "the WAL-reset bug"); 3.51.3 mended it, and so did
the backports 3.50.7 and 3.44.6. A rollback journal is slower, and never had the bug.
"""

import importlib
import sqlite3
from dataclasses import dataclass
from types import ModuleType

WAL_SAFE_SINCE = (3, 51, 3)
WAL_SAFE_BACKPORTS = ((3, 50, 7), (3, 44, 6))


@dataclass(frozen=True, slots=True)
class Driver:
    """A DB-API module over some SQLite; `wal_safe` says whether WAL may be used with it."""

    module: ModuleType
    wal_safe: bool

    @property
    def sqlite_version(self) -> str:
        return str(self.module.sqlite_version)


def is_wal_safe(version: tuple[int, ...]) -> bool:
    """Whether a SQLite of this version is free of the WAL-reset bug."""
    return version >= WAL_SAFE_SINCE or any(
        version[:2] == backport[:2] and version >= backport for backport in WAL_SAFE_BACKPORTS
    )


def choose_driver() -> Driver:
    """The interpreter's own SQLite if it is safe, else PyPI's `pysqlite3`, else a slower journal.

    One process must use one SQLite only: two of them in a process break each other's file locks.
    """
    if is_wal_safe(sqlite3.sqlite_version_info):
        return Driver(sqlite3, wal_safe=True)
    try:
        module = importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        return Driver(sqlite3, wal_safe=False)
    if is_wal_safe(module.sqlite_version_info):
        return Driver(module, wal_safe=True)
    return Driver(sqlite3, wal_safe=False)
