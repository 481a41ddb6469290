"""A test's own way to a SQLite database, past the repository."""

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from ticketboss.repository.interface import Repository
from ticketboss.repository.sqlite.driver import choose_driver


class SqliteFile:
    """The file behind a URL; foreign keys are not looked at."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.path = Path(url.removeprefix("sqlite:///"))
        # What partners are never told about where it is.
        self.place = str(self.path.parent)

    def execute(self, statement: str) -> int:
        """Run and commit one statement; gives the number of rows that it changed."""
        with closing(self._connect()) as connection:
            return connection.execute(statement).rowcount

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """All rows of one SELECT."""
        with closing(self._connect()) as connection:
            return connection.execute(query).fetchall()

    def stored(self) -> bytes:
        """All that it has kept, from what was deleted as well."""
        files = sorted(self.path.parent.glob(f"{self.path.name}*"))
        # By another process: closing a file here would drop this process's locks on it.
        return subprocess.run(["cat", *files], capture_output=True, check=True).stdout

    @contextmanager
    def writes_locked(self) -> Iterator[None]:
        """Somebody else is about to write, for as long as the block lasts."""
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield

    def is_made(self) -> bool:
        """Whether there is anything at all."""
        return self.path.exists()

    def make_empty(self) -> None:
        """As it is before its first migration."""
        self.path.touch()

    def remove(self) -> None:
        """Remove it with all that is in it, whoever uses it."""
        self.path.unlink(missing_ok=True)

    def put_away(self) -> None:
        """Put it where no server finds it; nobody may be using it."""
        self.path.rename(self._away)

    def put_back(self) -> None:
        """Undo `put_away`."""
        self._away.rename(self.path)

    def migrate(self, repository: Repository) -> None:
        """Bring it up to date."""
        repository.migrate()

    def give_back(self) -> None:
        """No test uses it any longer; its folder goes away by itself."""

    @property
    def _away(self) -> Path:
        return self.path.with_suffix(".away")

    def _connect(self) -> sqlite3.Connection:
        connection: sqlite3.Connection = choose_driver().module.connect(
            self.path, isolation_level=None
        )
        return connection
