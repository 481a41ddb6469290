"""Bringing a database up to date, and refusing one that is not."""

import contextlib
from pathlib import Path

import pytest

from tests.contract.backends import BACKENDS, write
from tests.contract.process import answer, ask, let_go, started
from tests.unit.examples import EVENT_ID, create_event, reserve
from ticketboss.repository.interface import Repository, SchemaMismatch, StorageUnavailable
from ticketboss.repository.postgres import migration as postgres_migration
from ticketboss.repository.sqlite import migration as sqlite_migration

PROCESSES = 4
DATABASES = 20
NOTHING = "0\n"


@pytest.fixture
def names(backend: str) -> list[str]:
    """The migrations that a new database needs, in order."""
    of_backend = sqlite_migration if backend.startswith("sqlite") else postgres_migration
    return list(of_backend.migrations().values())


def test_migrating_again_changes_nothing(unmigrated: Repository, names: list[str]) -> None:
    applied = unmigrated.migrate()
    assert applied == sorted(applied) == names
    assert applied[0].startswith("0001_")
    write(unmigrated, create_event(500))
    write(unmigrated, reserve(3, "r1"))
    before = unmigrated.totals(EVENT_ID)
    assert unmigrated.migrate() == []
    assert unmigrated.totals(EVENT_ID) == before


def test_a_migrated_database_is_ready(repository: Repository, second: Repository) -> None:
    repository.check()
    second.check()


def test_a_database_that_does_not_exist_is_unavailable(unmigrated: Repository) -> None:
    with pytest.raises(StorageUnavailable):
        unmigrated.check()


def test_using_a_database_that_was_not_migrated_says_that_nothing_was_written(
    unmigrated: Repository,
) -> None:
    with pytest.raises(StorageUnavailable):
        unmigrated.event(EVENT_ID)
    with pytest.raises(StorageUnavailable):
        write(unmigrated, create_event())


def test_several_processes_that_migrate_at_once_apply_everything_once(
    backend: str, tmp_path: Path, names: list[str]
) -> None:
    with contextlib.ExitStack() as stack:
        processes = [
            stack.enter_context(started(backend, tmp_path, "migrate")) for _ in range(PROCESSES)
        ]
        # Many databases, because only some of the meetings happen at the worst moment.
        for number in range(DATABASES):
            for process in processes:
                ask(process, f"database{number}")
            applied = [answer(process) for process in processes]
            assert sorted(applied) == [NOTHING] * (PROCESSES - 1) + [f"{len(names)}\n"]
            repository = BACKENDS[backend](tmp_path / f"database{number}")
            repository.check()
            repository.close()


def test_migrating_beside_a_writer_waits_and_loses_nothing(
    repository: Repository, backend: str, tmp_path: Path
) -> None:
    ids = [f"r{number}" for number in range(20)]
    with started(backend, tmp_path, "sell", *ids) as seller:
        let_go(seller)
        while seller.poll() is None:
            assert repository.migrate() == []
        assert seller.returncode == 0
    assert len(repository.reservations(EVENT_ID, ids)) == 20


def test_a_schema_mismatch_is_a_storage_that_cannot_be_used() -> None:
    assert issubclass(SchemaMismatch, StorageUnavailable)
