"""Where events are kept: SQL and nothing else."""

from importlib.util import find_spec
from pathlib import Path

from ticketboss.repository.interface import Repository

SQLITE_PREFIX = "sqlite:///"
POSTGRES_PREFIXES = ("postgresql://", "postgres://")


def open_repository(url: str, *, checkpoints: bool = True) -> Repository:
    """The repository behind a database URL; it connects at its first use.

    Without `checkpoints` a SQLite database's write-ahead log is left to another program.

    `sqlite:///relative/path.db`, `sqlite:////absolute/path.db` and libpq's `postgresql://` URLs
    are understood. Raises ValueError for any other URL.
    """
    if url.startswith(POSTGRES_PREFIXES):
        return _open_postgres(url)
    from ticketboss.repository.sqlite.repository import SqliteRepository

    path = url.removeprefix(SQLITE_PREFIX)
    if path in (url, "", ":memory:") or path.endswith("/") or Path(path).is_dir():
        raise ValueError(
            "must name a file, like sqlite:///path/to/ticketboss.db, or a PostgreSQL database, "
            "like postgresql://NAME:PASSWORD@HOST:PORT/DATABASE"
        )
    return SqliteRepository(path, checkpoints=checkpoints)


def _open_postgres(url: str) -> Repository:
    if not find_spec("psycopg") or not find_spec("psycopg_pool"):
        raise ValueError("needs psycopg; install requirements-postgres.txt")
    # Here, because who uses SQLite need not have it.
    from ticketboss.repository.postgres.repository import PostgresRepository

    return PostgresRepository(url)
