"""The database of a test: SQLite, or PostgreSQL in a run with `pytest --backend postgres`."""

import os
from pathlib import Path

from tests import postgres

# The option of the run, as its other processes see it.
BACKEND_NAME = "BACKEND_OF_THE_TEST_RUN"
BACKENDS = ("sqlite", "postgres")


def backend() -> str:
    """What this run tests on."""
    return os.environ.get(BACKEND_NAME, BACKENDS[0])


def database_url(folder: Path, name: str = "ticketboss.db") -> str:
    """A database of its own for each folder and name; it is there, or its file can be made."""
    if backend() == "postgres":
        return postgres.url_for(folder / name)
    return f"sqlite:///{folder / name}"
