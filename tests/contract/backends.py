"""The backends that the contract is tested on, by name, so that other processes find them too."""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from tests import postgres
from ticketboss.domain.commands import Command
from ticketboss.engine.plan import make_plan
from ticketboss.repository.interface import Changes, Contradiction, Repository, Transaction
from ticketboss.repository.postgres.repository import PostgresRepository
from ticketboss.repository.sqlite.driver import Driver, choose_driver
from ticketboss.repository.sqlite.repository import SqliteRepository

PATIENCE_SECONDS = 30.0


def _sqlite_drivers() -> dict[str, Driver]:
    chosen = choose_driver()
    drivers = {"sqlite-rollback": Driver(chosen.module, wal_safe=False)}
    if chosen.wal_safe:
        drivers["sqlite-wal"] = chosen
    if chosen.module is not sqlite3:
        drivers["sqlite-rollback-stdlib"] = Driver(sqlite3, wal_safe=False)
    return drivers


SQLITE_DRIVERS = _sqlite_drivers()


def sqlite_path(folder: Path) -> Path:
    return folder / "ticketboss.db"


def _opener(driver: Driver) -> Callable[[Path], Repository]:
    return lambda folder: SqliteRepository(str(sqlite_path(folder)), driver)


def _postgres_opener(version: int) -> Callable[[Path], Repository]:
    return lambda folder: PostgresRepository(postgres.url_for(folder, version))


BACKENDS: dict[str, Callable[[Path], Repository]] = {
    name: _opener(driver) for name, driver in SQLITE_DRIVERS.items()
} | {f"postgres-{version}": _postgres_opener(version) for version in postgres.versions()}


def refusal_of(backend: str) -> type[Exception]:
    """What a backend raises when the schema refuses a row: a bug, never an answer."""
    if backend not in SQLITE_DRIVERS:
        return psycopg.IntegrityError
    refusal: type[Exception] = SQLITE_DRIVERS[backend].module.IntegrityError
    return refusal


def check_failure_of(backend: str) -> type[Exception]:
    """What a backend raises when a check of the schema refuses a row."""
    return Contradiction if backend in SQLITE_DRIVERS else psycopg.IntegrityError


def within(seconds: float = PATIENCE_SECONDS) -> float:
    """A deadline that many seconds from now."""
    return time.monotonic() + seconds


def plan(transaction: Transaction, *commands: Command) -> Changes:
    """What these commands of one event change on the snapshot of this moment."""
    snapshot = transaction.snapshot(commands[0].event_id, commands)
    changes = make_plan(snapshot, commands).changes
    assert changes is not None
    return changes


def write(transaction: Transaction, *commands: Command) -> Changes:
    """Plan these commands and commit them; nobody else may write meanwhile."""
    changes = plan(transaction, *commands)
    transaction.commit(changes, within())
    return changes
