"""The database's file: made once, by the migration, with the journal mode that it keeps."""

import os
import sqlite3
from pathlib import Path

from ticketboss.repository.interface import StorageUnavailable
from ticketboss.repository.sqlite.driver import Driver
from ticketboss.repository.sqlite.reasons import NO_TEXT, PERMISSIONS, reason
from ticketboss.repository.sqlite.waiting import journal_mode, patiently


def create_file(path: Path, driver: Driver, deadline: float) -> None:
    """Make the file and its folder if they are missing, and set the journal mode.

    `deadline` is in monotonic seconds. Raises LockTimeout when the mode has to change and
    others use the file all the time, StorageUnavailable when it cannot be made.
    """
    try:
        make_folder(path.absolute().parent)
        connection = driver.module.connect(path, isolation_level=None, timeout=0)
    except OSError as error:
        raise StorageUnavailable(str(error)) from error
    except driver.module.Error as error:
        raise StorageUnavailable(reason(error)) from error
    wanted = "wal" if driver.wal_safe else "truncate"
    try:
        patiently(driver, lambda: _set_journal_mode(connection, wanted), deadline)
    except driver.module.Error as error:
        raise StorageUnavailable(reason(error)) from error
    except UnicodeDecodeError as error:
        raise StorageUnavailable(NO_TEXT) from error
    finally:
        connection.close()
    if not os.access(path, os.W_OK):
        # SQLite itself says that only to the first writer.
        raise StorageUnavailable(f"The file may only be read ({PERMISSIONS}).")


def _set_journal_mode(connection: sqlite3.Connection, wanted: str) -> None:
    if journal_mode(connection) != wanted:
        connection.execute(f"PRAGMA journal_mode = {wanted}").fetchall()


def make_folder(folder: Path) -> None:
    """Make a folder and its parents so that they are still there after a power cut."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    descriptor = os.open(folder.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
