"""Moving a whole database: how PostgreSQL keeps writers out, and its fast way to load rows."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import inf

import psycopg

from ticketboss.repository.interface import LockTimeout, OutcomeUnknown
from ticketboss.repository.postgres.connection import BEGIN_WRITE
from ticketboss.repository.postgres.dialect import POSTGRES
from ticketboss.repository.postgres.errors import meaning
from ticketboss.repository.postgres.session import Session
from ticketboss.repository.sql.connection import Clock, Connection
from ticketboss.repository.sql.transfer import TABLES, SqlTransfer
from ticketboss.repository.transfer import Row, Table

# Whoever writes waits, and nobody else. A stronger lock would wait for locks on rows as well, and
# foreign keys take these in no order: some writers of api_keys have come from partners, others go
# there next.
LOCK_TABLES = f"""
LOCK TABLE {", ".join(table.name for table in TABLES)} IN SHARE ROW EXCLUSIVE MODE
"""
# Between two pages we wait for the other database, which may take longer than a request may.
SET_TIMEOUTS = """
SELECT set_config('lock_timeout', :milliseconds, true),
       set_config('idle_in_transaction_session_timeout', '0', true)
"""


class PostgresTransfer(SqlTransfer):
    """A Transfer that loads rows by COPY."""

    def __init__(self, session: Session, clock: Callable[[Connection], Clock]) -> None:
        super().__init__(session, POSTGRES, clock)
        self._session = session

    def load(self, table: Table, rows: Sequence[Row]) -> None:
        statement = f"COPY {table.name} ({', '.join(table.columns)}) FROM STDIN"
        with self._session.cursor().copy(statement.encode()) as copy:
            for row in rows:
                copy.write_row(row)


@contextmanager
def alone(session: Session, deadline: float) -> Iterator[None]:
    """A transaction in which nobody else writes; see `Repository.transfer`.

    It ends with the session where an exception leaves it.
    """
    try:
        session.execute(BEGIN_WRITE)
        _lock(session, deadline)
        yield
    except psycopg.Error as error:
        raise meaning(error) from error
    try:
        session.execute("COMMIT")
    except psycopg.Error as error:
        raise OutcomeUnknown(str(error).strip()) from error


def _lock(session: Session, deadline: float) -> None:
    session.deadline = deadline
    milliseconds = max(1, int((deadline - time.monotonic()) * 1000))
    try:
        session.execute(SET_TIMEOUTS, {"milliseconds": str(milliseconds)})
        session.execute(LOCK_TABLES)
    except psycopg.OperationalError as error:
        # Each table may be waited for that long; and the server may not answer at all.
        if time.monotonic() >= deadline:
            raise LockTimeout from error
        raise
    session.deadline = inf
