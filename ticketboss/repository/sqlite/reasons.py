"""What an operator can do about an error of SQLite's."""

import sqlite3

from ticketboss.repository.sqlite.waiting import primary_code

PERMISSIONS = "the server's account must be able to write to the file and to its folder"
_RESTORE = "stop the server, keep its files as they are and restore a copy"
# The driver cannot even say what is wrong.
NO_TEXT = f"the file is damaged: what should be text is none ({_RESTORE})"
_REMEDIES = {
    sqlite3.SQLITE_CANTOPEN: PERMISSIONS,
    sqlite3.SQLITE_CORRUPT: _RESTORE,
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
