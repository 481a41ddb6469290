"""One connection to PostgreSQL: statements with our names for parameters, waits with an end."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from math import inf
from typing import Any, Self, TypeVar, cast

import psycopg
from psycopg.abc import PQGen
from psycopg.adapt import Dumper
from psycopg.errors import Diagnostic
from psycopg.types.numeric import Int8Dumper
from psycopg.types.string import StrDumperUnknown

Answer = TypeVar("Answer")
Row = tuple[Any, ...]

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
PARAMETER = re.compile(r":(\w+)")
WAIT_INTERVAL_SECONDS = 0.1
# Whoever is stopped inside a transaction holds a row's lock no longer than this.
IDLE_IN_TRANSACTION_SECONDS_MAX = 3
# How long sent bytes may stay without an answer of the other machine's network.
UNACKNOWLEDGED_SECONDS_MAX = 5

# Whatever the server's defaults are, these hold for our sessions. Operators may ask for more than
# "on": with remote_apply a standby has also applied what was answered.
PREPARE_SESSION = f"""
SET client_encoding = 'UTF8';
SET default_transaction_isolation = 'read committed';
SET idle_in_transaction_session_timeout = '{IDLE_IN_TRANSACTION_SECONDS_MAX}s';
SET tcp_user_timeout = '{UNACKNOWLEDGED_SECONDS_MAX}s';
SET client_min_messages = 'warning';
SELECT set_config('synchronous_commit',
                  CASE current_setting('synchronous_commit')
                  WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false)
"""


@lru_cache(maxsize=256)
def _in_psycopg_style(statement: str) -> str:
    return PARAMETER.sub(r"%(\1)s", statement).replace("?", "%s")


class _Integer(Int8Dumper):
    """One type for all integers: psycopg would prepare a statement for each size again."""


class _Flag(Dumper):
    """Booleans are 0 and 1 in the tables."""

    oid = Int8Dumper.oid

    def dump(self, obj: bool) -> bytes:
        return b"1" if obj else b"0"


class _Text(StrDumperUnknown):
    """Text that PostgreSQL cannot hold is looked up as what is in no valid text: not there.

    Nothing of that kind is written: whatever is, was validated.
    """

    def dump(self, obj: str) -> bytes:
        return UNSTORABLE.sub("\uffff", obj).encode()


class NamedCursor(psycopg.Cursor[Row]):
    """A cursor whose parameters are named like `:event_id`, or `?` for many rows."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        return super().execute(_in_psycopg_style(query), params, **options)

    def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
        super().executemany(_in_psycopg_style(query), params_seq, **options)

    def fetchall(self) -> list[Row]:
        session = cast(Session, self.connection)
        session.sync()
        rows = super().fetchall()
        session.lock_wait_is_over()
        return rows


class Session(psycopg.Connection[Row]):
    """A connection that stops waiting for its server at `deadline` (monotonic seconds).

    Without that, a server that was stopped, or a standby that is gone, would hold us for ever.
    """

    deadline = inf
    last_used = 0.0
    warned = False
    _statements_sent: psycopg.Pipeline | None = None
    _lock_wanted_at: float | None = None
    _observe_lock_wait: Callable[[float], None]

    @classmethod
    def connect(cls, conninfo: str = "", **options: Any) -> Self:
        """Connect and prepare the session, in one go or not at all."""
        session = super().connect(
            conninfo, **(options | {"autocommit": True, "cursor_factory": NamedCursor})
        )
        session.adapters.register_dumper(int, _Integer)
        session.adapters.register_dumper(bool, _Flag)
        session.adapters.register_dumper(str, _Text)
        session.add_notice_handler(session._notice)
        try:
            session.execute(PREPARE_SESSION)
        except BaseException:
            session.close()
            raise
        session.last_used = time.monotonic()
        return session

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each of the rows."""
        self.cursor().executemany(statement, rows)

    @contextmanager
    def pipelined(self) -> Iterator[None]:
        """Inside the block statements are sent without waiting, until rows are fetched."""
        try:
            with self.pipeline() as self._statements_sent:
                try:
                    yield
                finally:
                    self._statements_sent = None
        except psycopg.OperationalError as error:
            killed = error.__context__
            if killed is None or isinstance(killed, Exception):
                raise
            # Whoever is killed at the end of a pipeline is told by psycopg that it cannot end.
            raise killed from None

    def sync(self) -> None:
        """Have all that was sent so far answered.

        In psycopg's own way the server would wait within the pipeline, where it does not count a
        client that was stopped as idle, and would keep its locks for ever.
        """
        if self._statements_sent is not None:
            self._statements_sent.sync()

    def wait(
        self,
        gen: PQGen[Answer],
        interval: float = WAIT_INTERVAL_SECONDS,
        timeout: float | None = None,
    ) -> Answer:
        left = self.deadline - time.monotonic()
        if left < inf:
            timeout = max(0.0, left if timeout is None else min(left, timeout))
        try:
            return super().wait(gen, interval, timeout)
        except psycopg.OperationalError:
            if time.monotonic() >= self.deadline:
                # Its answer may still come, and must not be taken for the next one's.
                self.pgconn.finish()
            raise

    def observe_lock(self, observe: Callable[[float], None]) -> None:
        """Tell `observe` the seconds from now until the first rows came.

        The first rows of a write transaction are those of the row that it locks.
        """
        self._lock_wanted_at = time.perf_counter()
        self._observe_lock_wait = observe

    def lock_wait_is_over(self) -> None:
        """Called whenever rows came, and at the end of a write transaction."""
        if self._lock_wanted_at is not None:
            self._observe_lock_wait(time.perf_counter() - self._lock_wanted_at)
            self._lock_wanted_at = None

    def _notice(self, _: Diagnostic) -> None:
        self.warned = True
