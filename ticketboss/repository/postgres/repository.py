"""Events, reservations and their ledger in PostgreSQL."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import psycopg

from ticketboss.repository.interface import StorageUnavailable, Transaction
from ticketboss.repository.postgres.clock import DatabaseClock
from ticketboss.repository.postgres.connection import READ_WAIT_SECONDS_MAX, PostgresConnections
from ticketboss.repository.postgres.dialect import POSTGRES
from ticketboss.repository.postgres.errors import meaning
from ticketboss.repository.postgres.migration import (
    apply_migrations,
    migrations,
    schema_version,
)
from ticketboss.repository.postgres.session import Session
from ticketboss.repository.postgres.transfer import PostgresTransfer, alone
from ticketboss.repository.sql import statements
from ticketboss.repository.sql.connection import Clock, Connection
from ticketboss.repository.sql.migration import refuse_other
from ticketboss.repository.sql.repository import ExclusiveTransaction, SqlRepository
from ticketboss.repository.sql.transfer import filled_tables
from ticketboss.repository.transfer import Transfer

MIGRATION_WAIT_SECONDS_MAX = 60.0

# libpq would take a part of such a password for the host or the database, and tell it in errors.
TORN_PASSWORD = re.compile(r"//([^?]*@){2}|//[^?@/]*/[^?]*@")

# Row locks are in the write-ahead log: the COMMIT behind one waits until the standby has it, and
# so all that was committed before.
LOCK_EVENT = "SELECT version FROM events WHERE event_id = :event_id FOR UPDATE"
LOCK_COMMIT_ID = f"{statements.SELECT_COMMIT_ID} FOR UPDATE"
SELECT_NOW = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)"
COUNT_TABLES = "SELECT count(to_regclass(:name))"
SELECT_RISKS = """
SELECT name FROM pg_settings
 WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off' ORDER BY name
"""
SELECT_READ_ONLY = "SELECT current_setting('transaction_read_only')"


class PostgresRepository(SqlRepository):
    """A Repository (see `ticketboss.repository.interface`) over one database.

    `clock` gives milliseconds since 1970, UTC; without one, the database's clock does.
    """

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        """Raises ValueError for a URL that is none."""
        if TORN_PASSWORD.search(url):
            raise ValueError("must have %40 for an @ in a name or password, and %2F for a /")
        self._connections = PostgresConnections(url)
        self._clock: Clock | None = clock
        self._database_clock = DatabaseClock(self._look_at_the_clock)
        super().__init__(self._connections, POSTGRES, self._ask_for_the_time)

    def migrate(self) -> list[str]:
        with self._own_session(MIGRATION_WAIT_SECONDS_MAX) as session:
            return apply_migrations(session)

    def check(self) -> None:
        with self._own_session(READ_WAIT_SECONDS_MAX) as session:
            read_only = session.execute(SELECT_READ_ONLY).fetchall() == [("on",)]
            encoding = session.info.parameter_status("server_encoding")
            found = schema_version(session)
        if read_only:
            raise StorageUnavailable("This PostgreSQL takes no writes: it is a standby.")
        if encoding != "UTF8":
            raise StorageUnavailable(
                f"The database's encoding is {encoding}; create one with ENCODING 'UTF8'."
            )
        refuse_other(found, known=max(migrations()))

    def warnings(self) -> list[str]:
        found = self._connections.fetch(SELECT_RISKS, {})
        return [
            f"PostgreSQL runs with {name} = off: a power cut loses what was acknowledged."
            for (name,) in found
        ]

    def exclusive(
        self, event_id: str, work: Callable[[Transaction], None], deadline: float
    ) -> None:
        with self._connections.writing(deadline) as session:
            session.execute(LOCK_EVENT, {"event_id": event_id}).fetchall()
            work(ExclusiveTransaction(session, self._reader))

    def make_durable(self, event_id: str, deadline: float) -> None:
        with self._connections.writing(deadline) as session:
            session.execute(LOCK_EVENT, {"event_id": event_id}).fetchall()

    def commit_id(self, event_id: str, version: int, deadline: float | None = None) -> int | None:
        until = time.monotonic() + READ_WAIT_SECONDS_MAX if deadline is None else deadline
        with self._connections.writing(until) as session:
            parameters = {"event_id": event_id, "version": version}
            found = session.execute(LOCK_COMMIT_ID, parameters).fetchall()
        return found[0][0] if found else None

    def now(self) -> int:
        return (self._clock or self._database_clock)()

    def damage(self) -> list[str]:
        # Its foreign keys are always checked.
        return []

    def filled_tables(self) -> list[str]:
        with self._own_session(READ_WAIT_SECONDS_MAX) as session:
            return filled_tables(session, COUNT_TABLES)

    @contextmanager
    def transfer(self, deadline: float) -> Iterator[Transfer]:
        with closing(self._connections.connect()) as session, alone(session, deadline):
            refuse_other(schema_version(session), known=max(migrations()))
            yield PostgresTransfer(session, self._ask_for_the_time)

    def observe_lock_waits(self, observe: Callable[[float], None]) -> None:
        self._connections.observe_lock_wait = observe

    def tidy(self) -> None:
        """Nothing to do: PostgreSQL has processes of its own for that."""

    def log_bytes(self) -> int:
        return 0

    def close(self) -> None:
        self._connections.close()

    @contextmanager
    def _own_session(self, seconds_max: float) -> Iterator[Session]:
        """A session outside the pool: what keeps it from connecting is told in the error."""
        with closing(self._connections.connect()) as session:
            session.deadline = time.monotonic() + seconds_max
            try:
                yield session
            except psycopg.Error as error:
                if time.monotonic() >= session.deadline:
                    raise StorageUnavailable("PostgreSQL did not answer in time.") from error
                raise meaning(error) from error

    def _look_at_the_clock(self) -> int:
        now: int = self._connections.fetch(SELECT_NOW, {})[0][0]
        return now

    def _ask_for_the_time(self, connection: Connection) -> Clock:
        """Asked behind the event's row: whoever waits for its lock decides at the time after."""
        if self._clock is not None:
            return self._clock
        cursor = connection.execute(SELECT_NOW)

        def now() -> int:
            told: int = cursor.fetchall()[0][0]
            return told

        return now
