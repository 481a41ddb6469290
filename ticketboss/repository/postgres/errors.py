"""What PostgreSQL's errors mean to us; codes are SQLSTATEs of its manual, appendix A."""

import psycopg

from ticketboss.repository.interface import Conflict, LockTimeout, StorageUnavailable

SERIALIZATION_FAILURE, DEADLOCK = "40001", "40P01"
LOCK_NOT_AVAILABLE = "55P03"
UNDEFINED_TABLE, NO_PRIVILEGE = "42P01", "42501"
# Somebody else's, where ours should be made.
TABLE_EXISTS = "42P07"


def is_conflict(error: psycopg.Error) -> bool:
    """Whether the transaction was rolled back because another one was in its way."""
    return error.sqlstate in (SERIALIZATION_FAILURE, DEADLOCK)


def meaning(error: psycopg.Error) -> Exception:
    """The exception of the interface that an error before COMMIT stands for.

    Errors about our own statements stay what they are: bugs.
    """
    if is_conflict(error):
        return Conflict()
    if error.sqlstate == LOCK_NOT_AVAILABLE:
        return LockTimeout()
    if _is_bug(error):
        return error
    return StorageUnavailable(str(error))


def _is_bug(error: psycopg.Error) -> bool:
    if error.sqlstate in (UNDEFINED_TABLE, NO_PRIVILEGE, TABLE_EXISTS):
        return False
    return isinstance(error, (psycopg.IntegrityError, psycopg.DataError, psycopg.ProgrammingError))
