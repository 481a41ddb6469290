"""Where events are kept: SQL and nothing else."""

from pathlib import Path

from ticketboss.repository.interface import Repository

SQLITE_PREFIX = "sqlite:///"


def open_repository(url: str) -> Repository:
    """The repository behind a database URL; it connects at its first use.

    `sqlite:///relative/path.db` and `sqlite:////absolute/path.db` are understood.
    Raises ValueError for any other URL.
    """
    from ticketboss.repository.sqlite.repository import SqliteRepository

    path = url.removeprefix(SQLITE_PREFIX)
    if path in (url, "", ":memory:") or path.endswith("/") or Path(path).is_dir():
        raise ValueError("must name a file, like sqlite:///path/to/ticketboss.db")
    return SqliteRepository(path)
