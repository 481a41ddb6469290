"""A pool of sessions, and the transactions on them."""

import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool, PoolTimeout

from ticketboss.repository.interface import (
    Conflict,
    LockTimeout,
    OutcomeUnknown,
    StorageUnavailable,
)
from ticketboss.repository.postgres.errors import is_conflict, meaning
from ticketboss.repository.postgres.session import UNACKNOWLEDGED_SECONDS_MAX, Session

CONNECTIONS_MAX = 8
# Writes that wait, for a row or for a standby, must leave connections to the reads.
WRITING_CONNECTIONS_MAX = 6
# How long a request waits for a connection, beside the time that each further host of the URL is
# given; after that the database is called unavailable.
CONNECTION_WAIT_SECONDS_MAX = 2.0
CONNECT_SECONDS_MAX = 2
READ_WAIT_SECONDS_MAX = 5.0
# A connection that was quiet for longer is tried before it is used.
UNTRIED_SECONDS_MAX = 1.0

# The URL may say otherwise. Keep-alives find a dead machine while we wait for its answer.
CONNECTION_DEFAULTS: dict[str, str | int] = {
    "application_name": "ticketboss",
    "connect_timeout": CONNECT_SECONDS_MAX,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "target_session_attrs": "read-write",
    "tcp_user_timeout": UNACKNOWLEDGED_SECONDS_MAX * 1000,
}

BEGIN_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
BEGIN_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
# Longer than any command may take.
TRANSACTION_SECONDS_MAX = 30
SET_TRANSACTION_TIMEOUT = f"""
SELECT set_config('transaction_timeout', '{TRANSACTION_SECONDS_MAX}s', false)
 WHERE CAST(current_setting('server_version_num') AS integer) >= 170000
"""
SET_LOCK_TIMEOUT = "SELECT set_config('lock_timeout', :milliseconds, true)"


class PostgresConnections:
    """Sessions that are opened when they are first wanted, so after gunicorn has forked."""

    def __init__(self, url: str) -> None:
        """Raises ValueError for a URL that libpq does not understand."""
        try:
            parameters = conninfo_to_dict(url)
            ports = [int(port or 1) for port in str(parameters.get("port", "")).split(",")]
            seconds = int(parameters.get("connect_timeout") or CONNECT_SECONDS_MAX)
        except (psycopg.ProgrammingError, ValueError):
            ports = []
        if not ports or not all(0 < port < 65_536 for port in ports):
            # Not repeated here: it may have a password.
            raise ValueError("must look like postgresql://NAME:PASSWORD@HOST:PORT/DATABASE")
        self.conninfo = make_conninfo("", **(CONNECTION_DEFAULTS | parameters))
        # All hosts but the last may be dark, and each is given its time.
        hosts = str(parameters.get("host", "")).count(",")
        self.connection_wait_seconds = CONNECTION_WAIT_SECONDS_MAX + hosts * seconds
        self.observe_lock_wait: Callable[[float], None] = lambda _: None
        self._opening = threading.Lock()
        self._may_write = threading.BoundedSemaphore(WRITING_CONNECTIONS_MAX)
        self._opened: ConnectionPool[Session] | None = None

    def fetch(
        self, statement: str, parameters: dict[str, Any], deadline: float | None = None
    ) -> list[Any]:
        """As in `sql.connection.Connections`."""
        with self._reader(deadline) as session:
            return session.execute(statement, parameters).fetchall()

    @contextmanager
    def reading(self, deadline: float | None = None) -> Iterator[Session]:
        """As in `sql.connection.Connections`: one state of the database, by REPEATABLE READ."""
        with self._reader(deadline) as session, session.pipelined():
            session.execute(BEGIN_READ)
            yield session
            session.execute("COMMIT")

    @contextmanager
    def writing(self, deadline: float) -> Iterator[Session]:
        """As in `sql.connection.Connections`. What is sent is awaited when rows are fetched."""
        with self._errors_named(deadline), self._writers_turn(deadline) as session:
            milliseconds = max(1, int((deadline - time.monotonic()) * 1000))
            session.observe_lock(self.observe_lock_wait)
            try:
                with session.pipelined():
                    session.execute(BEGIN_WRITE)
                    session.execute(SET_LOCK_TIMEOUT, {"milliseconds": str(milliseconds)})
                    yield session
            finally:
                session.lock_wait_is_over()
            _commit(session)

    def connect(self) -> Session:
        """A session of one's own, outside the pool; StorageUnavailable says why there is none."""
        try:
            return Session.connect(self.conninfo)
        except psycopg.Error as error:
            raise StorageUnavailable(str(error).strip()) from error

    def close(self) -> None:
        """Close all sessions, and the threads of the pool."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    @contextmanager
    def _reader(self, deadline: float | None) -> Iterator[Session]:
        until = time.monotonic() + READ_WAIT_SECONDS_MAX if deadline is None else deadline
        try:
            with self._errors_named(until), self._lent(until) as session:
                yield session
        except LockTimeout as error:
            if deadline is not None:
                raise
            raise StorageUnavailable("PostgreSQL did not answer in time.") from error

    @contextmanager
    def _writers_turn(self, deadline: float) -> Iterator[Session]:
        """Lend a session to a write when there are not too many of them."""
        if not self._may_write.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise LockTimeout
        try:
            with self._lent(deadline) as session:
                yield session
        finally:
            self._may_write.release()

    @contextmanager
    def _lent(self, deadline: float) -> Iterator[Session]:
        """Lend a session. After any exception but a lost race it is closed, not used again."""
        pool = self._pool()
        wait = min(self.connection_wait_seconds, deadline - time.monotonic())
        try:
            session = pool.getconn(timeout=wait)
        except PoolTimeout as error:
            if time.monotonic() >= deadline:
                raise LockTimeout from error
            raise StorageUnavailable("No connection to PostgreSQL was to be had.") from error
        session.deadline, session.warned = deadline, False
        try:
            yield session
        except Conflict:
            session.execute("ROLLBACK")
            raise
        except BaseException:
            if session.broken and time.monotonic() < deadline:
                # The server hung up, most likely on the others as well.
                pool.drain()
            session.close()
            raise
        finally:
            session.last_used = time.monotonic()
            pool.putconn(session)

    def _pool(self) -> ConnectionPool[Session]:
        with self._opening:
            if self._opened is None:
                self._opened = ConnectionPool(
                    self.conninfo,
                    connection_class=Session,
                    min_size=0,
                    max_size=CONNECTIONS_MAX,
                    timeout=self.connection_wait_seconds,
                    # Longer attempts would wait longer and longer; the next request begins anew.
                    reconnect_timeout=CONNECTION_WAIT_SECONDS_MAX,
                    configure=_bound_transactions,
                    check=_try_when_quiet,
                    open=True,
                )
                # For who ends without `close`: the end of Python, from 3.12 on, leaves threads
                # where they are, and the pool would wait 20 seconds for them.
                weakref.finalize(self, self._opened.close)
            return self._opened

    @contextmanager
    def _errors_named(self, deadline: float) -> Iterator[None]:
        try:
            yield
        except psycopg.OperationalError as error:
            if time.monotonic() >= deadline:
                raise LockTimeout from error
            raise meaning(error) from error
        except psycopg.Error as error:
            raise meaning(error) from error


def _bound_transactions(session: Session) -> None:
    """End also those that stop while they send statements, where PostgreSQL (17) can do that."""
    session.execute(SET_TRANSACTION_TIMEOUT)


def _try_when_quiet(session: Session) -> None:
    """Raise an error if a session that was quiet for a while has lost its server."""
    now = time.monotonic()
    if now - session.last_used > UNTRIED_SECONDS_MAX:
        session.deadline = now + CONNECT_SECONDS_MAX
        session.execute("")


def _commit(session: Session) -> None:
    """Raises Conflict where nothing was committed, OutcomeUnknown where that is not certain."""
    if time.monotonic() >= session.deadline:
        raise LockTimeout
    try:
        status = session.execute("COMMIT").statusmessage
    except psycopg.Error as error:
        if is_conflict(error):
            raise Conflict from error
        raise OutcomeUnknown(str(error)) from error
    except BaseException as error:
        raise OutcomeUnknown(str(error)) from error
    if status != "COMMIT":
        raise RuntimeError(f"COMMIT was answered with {status}")
    if session.warned:
        # It is there, but a standby may not have it: the wait for it was cancelled.
        raise OutcomeUnknown("the commit may not be replicated")
