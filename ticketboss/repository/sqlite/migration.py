"""SQLite's migrations: applied under the write lock, in one transaction."""

from functools import cache

from ticketboss.repository.sql import migration
from ticketboss.repository.sql.connection import Connection

CREATE_VERSION_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    number     INTEGER NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT
"""
SELECT_VERSION_TABLE = """
SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'
"""


def migrations() -> dict[int, str]:
    """The names of the migration files, by number."""
    return migration.migrations_in(__package__)


@cache
def shipped_schema() -> str:
    """The statements of all migrations."""
    return "\n".join(migration.script(__package__, name) for name in migrations().values())


def apply_migrations(connection: Connection) -> list[str]:
    """Apply what is missing, inside the caller's write transaction; gives the names applied."""
    connection.execute(CREATE_VERSION_TABLE)
    return migration.apply_missing(connection, __package__, migrations())


def schema_version(connection: Connection) -> int:
    """The number of the newest migration that this database has seen, 0 for none."""
    if not connection.execute(SELECT_VERSION_TABLE).fetchall()[0][0]:
        return 0
    return migration.schema_version(connection)
