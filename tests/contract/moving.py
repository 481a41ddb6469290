"""Two databases, one of which is to be copied to the other."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import postgres
from tests.contract.backends import BACKENDS, SQLITE_DRIVERS, sqlite_path
from tests.contract.everything import fill_everything
from tests.postgres_schema import PostgresSchema
from tests.sqlite_file import SqliteFile
from ticketboss.repository.interface import Repository
from ticketboss.repository.postgres.transfer import PostgresTransfer
from ticketboss.repository.sql.transfer import SqlTransfer

# Every kind of SQLite goes to PostgreSQL and back, and PostgreSQL to another one.
PAIRS = [
    *((name, "postgres-18") for name in BACKENDS if name != "postgres-18"),
    *(("postgres-18", name) for name in SQLITE_DRIVERS),
]
BOTH_WAYS = [("sqlite-rollback", "postgres-18"), ("postgres-18", "sqlite-rollback")]
SQLITE_COLUMNS = """
SELECT tables.name, columns.name
  FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns
 WHERE tables.type = 'table' AND tables.name != 'schema_migrations'
"""
POSTGRES_COLUMNS = """
SELECT table_name, column_name FROM information_schema.columns
 WHERE table_schema = current_schema() AND table_name != 'schema_migrations'
"""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: through its repository, and past it."""

    backend: str
    folder: Path
    repository: Repository
    database: SqliteFile | PostgresSchema

    @property
    def loaded_by(self) -> type[SqlTransfer]:
        """The class whose `load` fills it."""
        return SqlTransfer if self.backend in SQLITE_DRIVERS else PostgresTransfer

    def columns(self) -> dict[str, list[str]]:
        """The columns of all tables, as the database itself knows them, in no particular order."""
        if not self.database.is_made():
            return {}
        is_file = isinstance(self.database, SqliteFile)
        found: dict[str, list[str]] = {}
        for table, column in self.database.rows(SQLITE_COLUMNS if is_file else POSTGRES_COLUMNS):
            found.setdefault(table, []).append(column)
        return found

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of all tables that have some, in no particular order."""
        select = "SELECT {} FROM {}".format
        by_table = {
            table: self.database.rows(select(", ".join(sorted(columns)), table))
            for table, columns in self.columns().items()
        }
        return {table: sorted(rows, key=repr) for table, rows in by_table.items() if rows}


@contextmanager
def side(backend: str, folder: Path) -> Iterator[Side]:
    """A database of its own in the folder, which is made."""
    folder.mkdir()
    repository = BACKENDS[backend](folder)
    database: SqliteFile | PostgresSchema
    if backend in SQLITE_DRIVERS:
        database = SqliteFile(f"sqlite:///{sqlite_path(folder)}")
    else:
        version = int(backend.removeprefix("postgres-"))
        database = PostgresSchema(postgres.url_for(folder, version))
    yield Side(backend, folder, repository, database)
    repository.close()


@contextmanager
def filled_pair(backends: tuple[str, str], folder: Path) -> Iterator[tuple[Side, Side]]:
    """A source with rows of every kind, and a target that nobody has prepared."""
    with side(backends[0], folder / "source") as source, side(backends[1], folder / "target") as to:
        source.repository.migrate()
        fill_everything(source.repository)
        yield source, to


class Bars:
    """Progress that a test can see, with places where it can make things happen."""

    def __init__(self, behind: dict[str, Callable[[], object]] | None = None) -> None:
        """`behind` says what to run when a stage is done, by the stage's label."""
        self._behind = behind or {}
        # Label, steps that were announced, steps that were done.
        self.seen: list[tuple[str, int, int]] = []

    @contextmanager
    def __call__(self, label: str, steps: int) -> Iterator[Callable[[int], None]]:
        done: list[int] = []
        yield done.append
        self.seen.append((label, steps, sum(done)))
        self._behind.get(label, lambda: None)()
