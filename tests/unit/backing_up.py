"""A database to be backed up, and what may not be left of a backup that failed."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.unit.examples import create_event, reserve
from tests.unit.operating import Operator
from ticketboss.repository.sqlite.driver import choose_driver


class Keeper(Operator):
    """An operator with one reservation to lose; `folder` has nothing but the database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "data"
        super().__init__(self.folder)
        self.run("migrate")
        self.sell(create_event(), reserve(2))
        self.path = self.folder / "ticketboss.db"

    @property
    def files(self) -> set[str]:
        """What is in the database's folder, but for what belongs to the database itself."""
        names = {path.name for path in self.folder.iterdir()}
        return names - {self.path.name + suffix for suffix in ("", "-wal", "-shm")}

    def back_up(self, to: Path | str, *options: str) -> Path:
        """Make a backup that must succeed; gives where it is."""
        return Path(self.document("backup", str(to), *options)["path"])


def rows_of(path: Path, query: str) -> list[tuple[Any, ...]]:
    """All rows of one SELECT, read as from a disk that nobody can write to."""
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        return connection.execute(query).fetchall()


def make_sqlite(path: Path, *statements: str) -> None:
    """Run statements on a file of SQLite's, which need not exist."""
    with closing(choose_driver().module.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
