"""A test's own way to a PostgreSQL database, past the repository."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg

from tests import postgres
from ticketboss.repository.interface import Repository
from ticketboss.repository.postgres.migration import migrations
from ticketboss.repository.sql.transfer import TABLES

Connection = psycopg.Connection[tuple[Any, ...]]

# Foreign keys are not looked at in sessions like this; nobody is waited for longer.
OPTIONS = "-csession_replication_role=replica -clock_timeout=20s"
SELECT_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
SELECT_MIGRATIONS = "SELECT array_agg(number ORDER BY number) FROM {}.schema_migrations"
# Migrated and empty, as other tests have given them back: to make one takes 40 ms and 60 files.
_spare: list[str] = []


class PostgresSchema:
    """The schema that a URL of `tests.postgres.url_for` names."""

    def __init__(self, url: str) -> None:
        self.url = url
        parts = urlsplit(url)
        self.name = unquote(parts.query).rpartition("search_path=")[2]
        # What partners are never told about where it is.
        self.place = parts.netloc.rpartition("@")[2]
        self._server = parts._replace(query="").geturl()

    def execute(self, statement: str) -> int:
        """Run and commit one statement; gives the number of rows that it changed."""
        with self._connect() as connection:
            return connection.execute(statement.encode()).rowcount

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """All rows of one SELECT."""
        with self._connect() as connection:
            return connection.execute(query.encode()).fetchall()

    def stored(self) -> bytes:
        """All that it keeps."""
        with self._connect() as connection:
            tables = connection.execute(SELECT_TABLES).fetchall()
            return b"".join(_rows_of(connection, name) for (name,) in tables)

    @contextmanager
    def writes_locked(self) -> Iterator[None]:
        """Somebody else is about to change each of the events, for as long as the block lasts."""
        with self._connect() as connection, connection.transaction(force_rollback=True):
            connection.execute("SELECT 1 FROM events FOR UPDATE")
            yield

    def is_made(self) -> bool:
        """Whether there is anything at all."""
        return self.rows(SELECT_TABLES) != []

    def make_empty(self) -> None:
        """As it is before its first migration."""
        _own(f"CREATE SCHEMA IF NOT EXISTS {self.name}")

    def remove(self) -> None:
        """Remove it with all that is in it, whoever uses it."""
        _own(f"DROP SCHEMA IF EXISTS {self.name} CASCADE")

    def put_away(self) -> None:
        """Put it where no server finds it."""
        _own(f"ALTER SCHEMA {self.name} RENAME TO away_{self.name}")

    def put_back(self) -> None:
        """Undo `put_away`."""
        _own(f"ALTER SCHEMA away_{self.name} RENAME TO {self.name}")

    def migrate(self, repository: Repository) -> None:
        """Bring it up to date: it may be one that an earlier test has given back."""
        if _spare:
            _own(f"DROP SCHEMA {self.name}; ALTER SCHEMA {_spare.pop()} RENAME TO {self.name}")
        else:
            repository.migrate()

    def give_back(self) -> None:
        """No test uses it any longer: empty it for another one, or remove what is not as usual."""
        spare = f"spare_{self.name}"
        try:
            as_usual = _own(SELECT_MIGRATIONS.format(self.name)) == [([0, *sorted(migrations())],)]
        except psycopg.errors.UndefinedTable:
            as_usual = False
        if as_usual:
            tables = [f"{self.name}.{table.name}" for table in reversed(TABLES)]
            deletes = [f"DELETE FROM {table}" for table in tables]  # noqa: S608 - names of ours
            _own("; ".join([*deletes, f"ALTER SCHEMA {self.name} RENAME TO {spare}"]))
            _spare.append(spare)
        else:
            self.remove()

    def _connect(self) -> Connection:
        return psycopg.connect(self._server, options=f"{OPTIONS} -csearch_path={self.name}")


def _own(statements: str) -> list[tuple[Any, ...]]:
    """Run statements in one transaction of our own session; gives the rows of a single SELECT."""
    cursor = postgres.owner(18).execute(statements.encode())
    return cursor.fetchall() if cursor.description else []


def _rows_of(connection: Connection, table: str) -> bytes:
    with connection.cursor().copy(f"COPY {table} TO STDOUT".encode()) as copy:
        return b"".join(bytes(part) for part in copy)
