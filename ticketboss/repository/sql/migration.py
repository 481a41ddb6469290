"""Numbered SQL files, each applied once and in order."""

import time
from collections.abc import Iterator
from importlib.resources import files

from ticketboss.repository.interface import SchemaMismatch
from ticketboss.repository.sql.connection import Connection

SELECT_SCHEMA_VERSION = "SELECT coalesce(max(number), 0) FROM schema_migrations"
INSERT_MIGRATION = """
INSERT INTO schema_migrations (number, name, applied_at) VALUES (:number, :name, :applied_at)
"""


def migrations_in(backend: str) -> dict[int, str]:
    """The names of the migration files of a backend's package, by number."""
    folder = files(backend) / "migrations"
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".sql"))
    return {int(name.split("_")[0]): name for name in names}


def apply_missing(connection: Connection, backend: str, known: dict[int, str]) -> list[str]:
    """Apply what is missing of `known`, inside a transaction that keeps other migrations out.

    Gives the names of what was applied. Raises SchemaMismatch for a newer database.
    """
    found = schema_version(connection)
    refuse_newer(found, max(known))
    missing = [number for number in known if number > found]
    for number in missing:
        for statement in _statements(script(backend, known[number])):
            connection.execute(statement)
        connection.execute(
            INSERT_MIGRATION,
            {"number": number, "name": known[number], "applied_at": time.time_ns() // 1_000_000},
        )
    return [known[number] for number in missing]


def script(backend: str, name: str) -> str:
    """The text of a migration file of a backend's package."""
    return (files(backend) / "migrations" / name).read_text(encoding="utf-8")


def schema_version(connection: Connection) -> int:
    """The number of the newest migration that this database has seen, 0 for none."""
    version: int = connection.execute(SELECT_SCHEMA_VERSION).fetchall()[0][0]
    return version


def refuse_other(found: int, known: int) -> None:
    """Raise SchemaMismatch unless the database has just the schema that is known."""
    refuse_newer(found, known)
    if found < known:
        raise SchemaMismatch(
            f"The database has schema {found}, this TicketBoss needs {known}: "
            f"run 'python -m ticketboss migrate'."
        )


def refuse_newer(found: int, known: int) -> None:
    """Raise SchemaMismatch for a database from a later version of this program."""
    if found > known:
        raise SchemaMismatch(
            f"The database has schema {found}, this TicketBoss knows up to {known}: "
            f"start the newer TicketBoss, or restore the backup made before its migration."
        )


def _statements(text: str) -> Iterator[str]:
    """The statements of a script, each of which ends with a semicolon at the end of a line."""
    statement = ""
    for line in text.splitlines(keepends=True):
        statement += line
        if line.rstrip().endswith(";") and not line.lstrip().startswith("--"):
            yield statement
            statement = ""
