"""The class of the run's repositories, for tests that make another one of it."""

from typing import TYPE_CHECKING

from tests.database import backend
from ticketboss.repository.postgres.repository import PostgresRepository
from ticketboss.repository.sqlite.repository import SqliteRepository

# To the type checker it is always the one; tests use nothing that the other does not have.
if TYPE_CHECKING or backend() == "sqlite":  # noqa: SIM108 - it understands no other form
    RealRepository = SqliteRepository
else:
    RealRepository = PostgresRepository


def place_of(url: str) -> str:
    """What such a repository on the database behind a URL is made with."""
    return url if backend() == "postgres" else url.removeprefix("sqlite:///")
