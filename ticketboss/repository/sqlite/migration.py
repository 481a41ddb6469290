"""Numbered SQL files, each applied once and in order."""

import sqlite3
import time
from collections.abc import Iterator
from importlib.resources import files

from ticketboss.repository.interface import SchemaMismatch

CREATE_VERSION_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    number     INTEGER NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT
"""
SELECT_SCHEMA_VERSION = "SELECT coalesce(max(number), 0) FROM schema_migrations"
SELECT_VERSION_TABLE = """
SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'
"""
INSERT_MIGRATION = """
INSERT INTO schema_migrations (number, name, applied_at) VALUES (:number, :name, :applied_at)
"""


def migrations() -> dict[int, str]:
    """The names of this program's migration files, by number."""
    folder = files(__package__) / "migrations"
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".sql"))
    return {int(name.split("_")[0]): name for name in names}


def apply_migrations(connection: sqlite3.Connection) -> list[str]:
    """Apply what is missing, inside the caller's write transaction; gives the names applied."""
    connection.execute(CREATE_VERSION_TABLE)
    known = migrations()
    found = schema_version(connection)
    refuse_newer(found, max(known))
    missing = [number for number in known if number > found]
    for number in missing:
        script = (files(__package__) / "migrations" / known[number]).read_text(encoding="utf-8")
        for statement in _statements(script):
            connection.execute(statement)
        connection.execute(
            INSERT_MIGRATION,
            {"number": number, "name": known[number], "applied_at": time.time_ns() // 1_000_000},
        )
    return [known[number] for number in missing]


def schema_version(connection: sqlite3.Connection) -> int:
    """The number of the newest migration that this database has seen, 0 for none."""
    if not connection.execute(SELECT_VERSION_TABLE).fetchall()[0][0]:
        return 0
    version: int = connection.execute(SELECT_SCHEMA_VERSION).fetchall()[0][0]
    return version


def refuse_newer(found: int, known: int) -> None:
    """Raise SchemaMismatch for a database from a later version of this program."""
    if found > known:
        raise SchemaMismatch(
            f"The database has schema {found}, this TicketBoss knows up to {known}: "
            f"start the newer TicketBoss, or restore the backup made before its migration."
        )


def _statements(script: str) -> Iterator[str]:
    # Not executescript(): it would commit our transaction before it begins.
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
