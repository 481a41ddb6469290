"""A way past the repository to a SQLite file that no server has open."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from ticketboss.repository.sqlite.driver import choose_driver


@contextmanager
def connected(url: str, synchronous: str) -> Iterator[sqlite3.Connection]:
    """A connection with explicit transactions, to the file of a database URL."""
    path = url.removeprefix("sqlite:///")
    connection: sqlite3.Connection = choose_driver().module.connect(path, isolation_level=None)
    with closing(connection):
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        yield connection
