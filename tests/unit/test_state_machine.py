"""All commands and reads in any order, on every kind of database: the model says what is right."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.contract.backends import SQLITE_DRIVERS
from tests.database import backend, new_database
from tests.sqlite_file import SqliteFile
from tests.unit.sale_reads import ReadSale
from ticketboss.repository.interface import Repository
from ticketboss.repository.postgres.repository import PostgresRepository
from ticketboss.repository.sqlite.repository import SqliteRepository

JOURNALS = [name for name in ("sqlite-wal", "sqlite-rollback") if name in SQLITE_DRIVERS]
KINDS = JOURNALS if backend() == "sqlite" else ["postgres"]


def opener(kind: str, url: str) -> Callable[[Callable[[], int]], Repository]:
    """What opens the database behind a URL, with a clock of the test's."""
    if kind == "postgres":
        return partial(PostgresRepository, url)
    path = str(SqliteFile(url).path)
    return lambda clock: SqliteRepository(path, SQLITE_DRIVERS[kind], clock)


@pytest.mark.parametrize("kind", KINDS)
def test_any_sequence_of_commands_does_what_the_model_says(kind: str, tmp_path: Path) -> None:
    opened = opener(kind, new_database(tmp_path).url)
    first = opened(lambda: 0)
    first.migrate()
    first.close()

    class OnThisDatabase(ReadSale):
        def reopened(self, clock: Callable[[], int]) -> Repository:
            return opened(clock)

    search = settings(
        deadline=None,
        max_examples=settings().max_examples * 3 // 4,
        stateful_step_count=50,
        suppress_health_check=[HealthCheck.too_slow],
    )
    run_state_machine_as_test(OnThisDatabase, settings=search)
