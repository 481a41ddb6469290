"""PostgreSQL's migrations: in one transaction, one machine after the other."""

from psycopg import errors

from ticketboss.repository.postgres.session import Session
from ticketboss.repository.sql import migration

CREATE_VERSION_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    number     BIGINT NOT NULL PRIMARY KEY,
    name       TEXT   NOT NULL,
    applied_at BIGINT NOT NULL
)
"""
# The row that machines which start together queue for.
INSERT_START = """
INSERT INTO schema_migrations (number, name, applied_at) VALUES (0, 'start', 0)
ON CONFLICT (number) DO NOTHING
"""
LOCK_START = "SELECT number FROM schema_migrations WHERE number = 0 FOR UPDATE"
# Creating the same table at the same moment fails for one of two machines.
CREATED_TWICE = (errors.UniqueViolation, errors.DuplicateTable, errors.DuplicateObject)
CREATE_TRIES_MAX = 5


def migrations() -> dict[int, str]:
    """The names of the migration files, by number."""
    return migration.migrations_in(__package__)


def apply_migrations(session: Session) -> list[str]:
    """Apply what is missing; gives the names of what was applied."""
    _create_version_table(session)
    with session.transaction():
        session.execute(LOCK_START).fetchall()
        return migration.apply_missing(session, __package__, migrations())


def schema_version(session: Session) -> int:
    """The number of the newest migration that this database has seen, 0 for none."""
    if session.execute("SELECT to_regclass('schema_migrations')").fetchall() == [(None,)]:
        return 0
    return migration.schema_version(session)


def _create_version_table(session: Session) -> None:
    for tries_left in reversed(range(CREATE_TRIES_MAX)):
        try:
            session.execute(CREATE_VERSION_TABLE)
            session.execute(INSERT_START)
        except CREATED_TWICE:
            if not tries_left:
                raise
        else:
            return
