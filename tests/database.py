"""The database of a test: SQLite, or PostgreSQL in a run with `pytest --backend postgres`."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from tests import postgres
from tests.postgres_schema import PostgresSchema
from tests.sqlite_file import SqliteFile
from ticketboss.repository.interface import Repository
from ticketboss.repository.postgres.repository import PostgresRepository
from ticketboss.repository.sqlite.repository import SqliteRepository

# The option of the run, as its other processes see it.
BACKEND_NAME = "BACKEND_OF_THE_TEST_RUN"
BACKENDS = ("sqlite", "postgres")

Database = SqliteFile | PostgresSchema
Opened = TypeVar("Opened", bound=Repository)

_opened = ExitStack()


def backend() -> str:
    """What this run tests on."""
    return os.environ.get(BACKEND_NAME, BACKENDS[0])


def database_url(folder: Path, name: str = "ticketboss.db") -> str:
    """A database of its own for each folder and name; it is there, or its file can be made."""
    if backend() == "postgres":
        return postgres.url_for(folder / name)
    return f"sqlite:///{folder / name}"


def url_of_no_database(folder: Path) -> str:
    """A database that cannot be made: it would have to be in a file, or behind a port of nobody."""
    if backend() == "postgres":
        return f"postgresql://ticketboss@127.0.0.1:1/{quote(folder.name)}"
    (folder / "a-file").touch()
    return f"sqlite:///{folder}/a-file/ticketboss.db"


def database_at(url: str) -> Database:
    """The database behind a URL, past the repository."""
    return PostgresSchema(url) if backend() == "postgres" else SqliteFile(url)


@contextmanager
def all_closed_behind() -> Iterator[None]:
    """Close what the following functions open inside the block, the last first."""
    with _opened:
        yield


def new_database(folder: Path) -> Database:
    """A database that is not migrated yet."""
    database = database_at(database_url(folder))
    _opened.callback(database.give_back)
    return database


def opened(repository: Opened) -> Opened:
    """The same repository, to be closed with the others."""
    _opened.callback(repository.close)
    return repository


def repository_at(url: str, clock: Callable[[], int] | None = None) -> Repository:
    """A repository with its usual clock, or one of the test's (milliseconds since 1970, UTC)."""
    if backend() == "postgres":
        return opened(PostgresRepository(url, clock))
    path = str(SqliteFile(url).path)
    return opened(SqliteRepository(path, clock=clock) if clock else SqliteRepository(path))
