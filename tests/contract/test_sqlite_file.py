"""The SQLite file: missing, foreign, from another time, or with a log that is not safe."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.backends import SQLITE_DRIVERS, sqlite_path, write
from tests.unit.examples import EVENT_ID, create_event, reserve
from ticketboss.repository import open_repository
from ticketboss.repository.interface import SchemaMismatch, StorageUnavailable
from ticketboss.repository.sqlite.driver import Driver, choose_driver
from ticketboss.repository.sqlite.repository import SqliteRepository

PAGE_BYTES = 4096
# A leaf without cells, whose content would begin at its end (https://sqlite.org/fileformat2.html).
EMPTY_INDEX_PAGE = bytes([0x0A, 0, 0, 0, 0, *PAGE_BYTES.to_bytes(2, "big"), 0])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return sqlite_path(tmp_path)


@pytest.fixture
def repository(driver: Driver, path: Path) -> Iterator[SqliteRepository]:
    repository = SqliteRepository(str(path), driver)
    yield repository
    repository.close()


def _journal_mode(path: Path) -> str:
    """The mode that the file itself is in; a rollback journal is the same for all of them."""
    return "wal" if path.read_bytes()[18:20] == b"\x02\x02" else "rollback"


def _execute(driver: Driver, path: Path, statement: str) -> None:
    connection = driver.module.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_both_journals_are_tested_where_a_safe_sqlite_is_installed() -> None:
    safe = {driver.wal_safe for driver in SQLITE_DRIVERS.values()}
    assert safe == ({True, False} if choose_driver().wal_safe else {False})


def test_checking_a_missing_database_does_not_make_one(
    repository: SqliteRepository, path: Path
) -> None:
    with pytest.raises(StorageUnavailable):
        repository.check()
    assert not path.exists()


def test_migrating_makes_the_folders_too(driver: Driver, tmp_path: Path) -> None:
    repository = SqliteRepository(str(tmp_path / "a" / "b" / "odd ?#%41 name.db"), driver)
    repository.migrate()
    repository.check()
    repository.close()
    assert (tmp_path / "a" / "b" / "odd ?#%41 name.db").is_file()


def test_a_url_names_the_file(tmp_path: Path) -> None:
    repository = open_repository(f"sqlite:///{tmp_path}/drop.db")
    repository.migrate()
    repository.close()
    assert (tmp_path / "drop.db").is_file()


def test_the_journal_is_the_one_that_is_safe(
    repository: SqliteRepository, driver: Driver, path: Path
) -> None:
    repository.migrate()
    repository.close()
    assert _journal_mode(path) == ("wal" if driver.wal_safe else "rollback")


def test_an_operator_is_warned_only_of_a_slower_journal(
    repository: SqliteRepository, driver: Driver
) -> None:
    warnings = repository.warnings()
    assert bool(warnings) is not driver.wal_safe
    assert all(driver.sqlite_version in warning for warning in warnings)


@pytest.mark.parametrize("made", ["an empty file", "an empty version table"])
def test_a_database_without_our_schema_names_the_remedy(
    repository: SqliteRepository, driver: Driver, path: Path, made: str
) -> None:
    path.touch()
    if made == "an empty version table":
        repository.migrate()
        _execute(driver, path, "DELETE FROM schema_migrations")
    with pytest.raises(SchemaMismatch, match="python -m ticketboss migrate"):
        repository.check()


def test_a_database_of_a_later_release_is_left_alone(
    repository: SqliteRepository, driver: Driver, path: Path
) -> None:
    repository.migrate()
    _execute(driver, path, "INSERT INTO schema_migrations VALUES (9999, '9999_later.sql', 0)")
    with pytest.raises(SchemaMismatch, match="schema 9999"):
        repository.check()
    with pytest.raises(SchemaMismatch, match="schema 9999"):
        repository.migrate()


def test_a_file_that_is_no_database_is_unavailable_and_left_as_it_is(
    repository: SqliteRepository, path: Path
) -> None:
    path.write_bytes(b"something else entirely" * 100)
    for use in (repository.check, repository.migrate, lambda: repository.event(EVENT_ID)):
        with pytest.raises(StorageUnavailable):
            use()
    assert path.read_bytes() == b"something else entirely" * 100


def test_a_folder_in_its_place_is_unavailable(repository: SqliteRepository, path: Path) -> None:
    path.mkdir()
    for use in (repository.check, repository.migrate):
        with pytest.raises(StorageUnavailable):
            use()


@pytest.mark.skipif(not choose_driver().wal_safe, reason="no SQLite here may keep a log")
def test_an_unsafe_sqlite_refuses_a_log_until_the_migration_has_changed_the_journal(
    path: Path,
) -> None:
    safe = choose_driver()
    before = SqliteRepository(str(path), safe)
    before.migrate()
    write(before, create_event())
    before.close()
    assert _journal_mode(path) == "wal"

    unsafe = SqliteRepository(str(path), Driver(safe.module, wal_safe=False))
    for use in (unsafe.check, lambda: unsafe.event(EVENT_ID), lambda: unsafe.snapshot("drop", [])):
        with pytest.raises(StorageUnavailable, match="write-ahead log"):
            use()
    unsafe.migrate()
    assert unsafe.event(EVENT_ID) is not None
    unsafe.close()
    assert _journal_mode(path) == "rollback"

    again = SqliteRepository(str(path), safe)
    assert again.event(EVENT_ID) is not None
    again.migrate()
    again.close()
    assert _journal_mode(path) == "wal"


def test_a_new_folder_is_synced_into_its_parent(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a power cut after the first start could take the folder and all that is in it."""
    synced = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    repository = SqliteRepository(str(tmp_path / "new" / "newer" / "ticketboss.db"), driver)
    repository.migrate()
    repository.close()
    assert synced == [str(tmp_path), str(tmp_path / "new")]


def test_rows_without_an_event_are_damage(
    repository: SqliteRepository, driver: Driver, path: Path
) -> None:
    repository.migrate()
    write(repository, create_event())
    assert repository.damage() == []
    _execute(driver, path, "DELETE FROM events")
    assert repository.damage() == ["1 rows of ledger belong to no event"]


def test_an_entry_that_cannot_be_read_is_unavailable_and_no_bug(
    repository: SqliteRepository, driver: Driver, path: Path
) -> None:
    repository.migrate()
    write(repository, create_event())
    connection = driver.module.connect(path, isolation_level=None)
    # As damage does it, which knows no constraints.
    connection.execute("PRAGMA ignore_check_constraints = ON")
    connection.execute("UPDATE ledger SET detail = '{' WHERE version = 0")
    connection.close()
    with pytest.raises(StorageUnavailable, match="entry of the ledger is damaged"):
        repository.ledger(EVENT_ID, -1, 10)


def test_an_index_that_has_lost_its_rows_is_damage(
    repository: SqliteRepository, driver: Driver, path: Path
) -> None:
    repository.migrate()
    write(repository, create_event())
    write(repository, reserve())
    repository.close()
    connection = driver.module.connect(path)
    find_page = "SELECT rootpage FROM sqlite_schema WHERE name = 'reservations_created'"
    [(page,)] = connection.execute(find_page).fetchall()
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE_BYTES)
        file.write(EMPTY_INDEX_PAGE)
    assert any("reservations_created" in line for line in repository.damage())
