"""What an operator can do about an error of SQLite's."""

import sqlite3
from typing import NoReturn

from ticketboss.repository.interface import Contradiction, StorageUnavailable
from ticketboss.repository.sqlite.migration import shipped_schema
from ticketboss.repository.sqlite.waiting import primary_code

PERMISSIONS = "the server's account must be able to write to the file and to its folder"
RESTORE = "stop the server, keep its files as they are and restore a copy"
VERIFY = "the file is damaged, or TicketBoss has a bug; 'python -m ticketboss verify' says which"
# The driver cannot even say what is wrong.
NO_TEXT = f"the file is damaged: what should be text is none ({RESTORE})"
_NO_JSON = f"the file is damaged: a value is of another type ({RESTORE})"
_CHECK_FAILED = "CHECK constraint failed: "
_REMEDIES = {
    sqlite3.SQLITE_CANTOPEN: PERMISSIONS,
    sqlite3.SQLITE_CORRUPT: RESTORE,
    sqlite3.SQLITE_FULL: "free some space",
    sqlite3.SQLITE_IOERR: "look for errors of the disk in the system's log, and for its limits",
    sqlite3.SQLITE_NOTADB: "DATABASE_URL names another file, or it is damaged: restore a copy",
    sqlite3.SQLITE_PERM: PERMISSIONS,
    sqlite3.SQLITE_READONLY: PERMISSIONS,
}


def reason(error: sqlite3.Error) -> str:
    """What SQLite says, and what to do where that is known."""
    remedy = _REMEDIES.get(primary_code(error))
    return f"{error} ({remedy})" if remedy else str(error)


def failed_check(error: sqlite3.Error) -> Exception | None:
    """What it means that a check has failed; None for other errors.

    One bit of its text in the file may have turned, and it now refuses what is right: then no
    migration has made it. A check of ours is right, and the numbers that it refuses are not.
    """
    check = str(error).removeprefix(_CHECK_FAILED)
    if check == str(error):
        return None
    if check in shipped_schema():
        return Contradiction(f"a check stopped the write: {check} ({VERIFY})")
    return StorageUnavailable(f"the file's schema is damaged: it has the check {check} ({RESTORE})")


def refuse_value(value: object) -> NoReturn:
    """For a value from the file that is no JSON, since its columns have only numbers and texts.

    Raises StorageUnavailable for bytes, and TypeError for what cannot come from the file.
    """
    if isinstance(value, bytes):
        raise StorageUnavailable(_NO_JSON)
    raise TypeError(f"{type(value).__name__} is no JSON")
