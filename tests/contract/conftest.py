"""The repositories that the contract is tested with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.backends import BACKENDS, SQLITE_DRIVERS, write
from tests.unit.examples import create_event
from ticketboss.repository.interface import Repository
from ticketboss.repository.sqlite.driver import Driver


@pytest.fixture(params=sorted(BACKENDS))
def backend(request: pytest.FixtureRequest) -> str:
    """Each backend by name."""
    name: str = request.param
    return name


@pytest.fixture(params=sorted(SQLITE_DRIVERS))
def driver(request: pytest.FixtureRequest) -> Driver:
    """Each way to use SQLite, for what only SQLite has."""
    return SQLITE_DRIVERS[request.param]


@pytest.fixture
def unmigrated(backend: str, tmp_path: Path) -> Iterator[Repository]:
    """A database that nobody has prepared."""
    repository = BACKENDS[backend](tmp_path)
    yield repository
    repository.close()


@pytest.fixture
def repository(unmigrated: Repository) -> Repository:
    """A migrated database with the event "drop" of 500 seats."""
    unmigrated.migrate()
    write(unmigrated, create_event(500))
    return unmigrated


@pytest.fixture
def second(backend: str, repository: Repository, tmp_path: Path) -> Iterator[Repository]:
    """The same database, opened once more."""
    repository = BACKENDS[backend](tmp_path)
    yield repository
    repository.close()
