"""Which SQLite is used, and whether it may keep a write-ahead log."""

import sqlite3
import sys
from types import ModuleType

import pytest

from ticketboss.repository.sqlite.driver import choose_driver, is_wal_safe

UNSAFE = (3, 51, 2)
SAFE = (3, 51, 3)


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 7, 0), False),
        ((3, 40, 1), False),
        ((3, 43, 9), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 44, 7), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_a_log_is_kept_only_by_a_sqlite_without_the_bug(
    version: tuple[int, ...], safe: bool
) -> None:
    assert is_wal_safe(version) is safe


@pytest.fixture
def replacement(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """An installed pysqlite3 whose version a test can set."""
    module = ModuleType("pysqlite3.dbapi2")
    monkeypatch.setitem(sys.modules, "pysqlite3.dbapi2", module)
    return module


def _own_version(monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int]) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)


def test_the_interpreters_own_sqlite_is_taken_when_it_is_safe(
    monkeypatch: pytest.MonkeyPatch, replacement: ModuleType
) -> None:
    _own_version(monkeypatch, SAFE)
    replacement.sqlite_version_info = (3, 99, 0)  # type: ignore[attr-defined]
    driver = choose_driver()
    assert (driver.module, driver.wal_safe) == (sqlite3, True)


def test_pysqlite3_is_taken_when_only_it_is_safe(
    monkeypatch: pytest.MonkeyPatch, replacement: ModuleType
) -> None:
    _own_version(monkeypatch, UNSAFE)
    replacement.sqlite_version_info = SAFE  # type: ignore[attr-defined]
    replacement.sqlite_version = "3.51.3"  # type: ignore[attr-defined]
    driver = choose_driver()
    assert (driver.module, driver.wal_safe) == (replacement, True)
    assert driver.sqlite_version == "3.51.3"


def test_without_pysqlite3_an_unsafe_sqlite_keeps_no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    _own_version(monkeypatch, UNSAFE)
    monkeypatch.setitem(sys.modules, "pysqlite3.dbapi2", None)
    driver = choose_driver()
    assert (driver.module, driver.wal_safe) == (sqlite3, False)


def test_a_pysqlite3_with_the_bug_is_no_help(
    monkeypatch: pytest.MonkeyPatch, replacement: ModuleType
) -> None:
    _own_version(monkeypatch, UNSAFE)
    replacement.sqlite_version_info = (3, 50, 6)  # type: ignore[attr-defined]
    driver = choose_driver()
    assert (driver.module, driver.wal_safe) == (sqlite3, False)


@pytest.mark.skipif(sys.platform != "linux", reason="pysqlite3 is locked for Linux only")
def test_what_is_installed_for_production_keeps_a_log() -> None:
    assert choose_driver().wal_safe
