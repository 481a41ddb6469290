"""Copying everything from one database to another, and the proof that both are equal."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import zip_longest

from ticketboss.domain.events import Event
from ticketboss.engine.verifier import PAGE_ENTRIES, Verifier
from ticketboss.repository.interface import (
    Conflict,
    LockTimeout,
    OutcomeUnknown,
    Repository,
    StorageUnavailable,
)
from ticketboss.repository.transfer import History, Row, Table, Transfer

LOCK_WAIT_SECONDS_MAX = 10.0
PAGE_EVENTS = 100

# Given what begins and in how many steps; gives what to call with the number of steps done.
Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


class CopyRefused(Exception):
    """Nothing was copied; `code` says why to programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Differences(Exception):
    """Nothing was copied: the source is damaged, or the copy did not come out equal to it."""

    def __init__(self, found: list[str]) -> None:
        super().__init__("\n".join(found))
        self.found = found


def copy_everything(source: Repository, target: Repository, progress: Progress) -> dict[str, int]:
    """Copy all rows while nobody writes on either side; gives how many each table has.

    All is compared before the target's COMMIT, so the target has everything or nothing. Raises
    CopyRefused, Differences or StorageUnavailable when it has nothing, and OutcomeUnknown when
    that is not certain.
    """
    try:
        with _locked("source", source) as rows_of_source:
            with _named("target"):
                _refuse_filled(target.filled_tables())
                target.migrate()
            with _locked("target", target) as rows_of_target:
                # Once more: somebody may have been faster than the lock.
                tables = rows_of_target.tables
                _refuse_filled([table.name for table in tables if rows_of_target.count(table)])
                _refuse_damage(source, rows_of_source, progress)
                return _copy(rows_of_source, rows_of_target, progress)
    except (LockTimeout, Conflict) as error:
        raise CopyRefused("target_locked", "Somebody else used the target: copy again.") from error
    except OutcomeUnknown as error:
        raise OutcomeUnknown(
            f"It is not known whether the copy was kept ({error}). Copy again: a target that is "
            f"then not empty has everything."
        ) from error


@contextmanager
def _locked(side: str, repository: Repository) -> Iterator[Transfer]:
    with ExitStack() as stack:
        with _named(side):
            repository.check()
            deadline = time.monotonic() + LOCK_WAIT_SECONDS_MAX
            transfer = stack.enter_context(repository.transfer(deadline))
        yield transfer


@contextmanager
def _named(side: str) -> Iterator[None]:
    """Have errors say which of the two databases they are about."""
    try:
        yield
    except (LockTimeout, Conflict) as error:
        raise CopyRefused(
            f"{side}_locked",
            f"The {side} is being written to, and its lock was not to be had in "
            f"{LOCK_WAIT_SECONDS_MAX:g} seconds: stop whoever writes, and copy again.",
        ) from error
    except StorageUnavailable as error:
        raise type(error)(f"The {side}: {error}") from error


def _refuse_damage(source: Repository, rows: Transfer, progress: Progress) -> None:
    damage = [*source.damage(), *replayed("Checking the source", rows.history, progress)]
    if damage:
        raise Differences([f"The source: {each}" for each in damage])


def _refuse_filled(tables: list[str]) -> None:
    if tables:
        raise CopyRefused(
            "target_not_empty",
            f"The target is not empty, it has rows in {', '.join(tables)}: name a new database.",
        )


def _copy(source: Transfer, target: Transfer, progress: Progress) -> dict[str, int]:
    rows = {table.name: source.count(table) for table in source.tables}
    with progress("Copying", sum(rows.values())) as advance:
        for table in source.tables:
            for page in source.pages(table):
                target.load(table, page)
                advance(len(page))
    found = [
        f"The copy: {each}" for each in replayed("Checking the copy", target.history, progress)
    ]
    with progress("Comparing", sum(rows.values())) as advance:
        for table in source.tables:
            found += _compared(table, source, target, advance)
    if found:
        raise Differences(found)
    return rows


def replayed(label: str, history: History, progress: Progress) -> Iterator[str]:
    """Replay every ledger, and say where it differs from the rows."""
    entries = sum(event.version + 1 for event in _events(history))
    with progress(label, entries) as advance:
        for event in _events(history):
            page_done = _Pages(event.version + 1, advance).done
            result = Verifier(history, event.event_id, page_done).verify()
            if result is not None:
                yield from (f"{event.event_id}: {each}" for each in result.differences)


class _Pages:
    """How far the replay of one event is, told page by page."""

    def __init__(self, entries: int, advance: Callable[[int], None]) -> None:
        self._left = entries
        self._advance = advance

    def done(self) -> None:
        entries = min(self._left, PAGE_ENTRIES)
        self._left -= entries
        self._advance(entries)


def _events(history: History) -> Iterator[Event]:
    after_event_id = ""
    while page := history.events(after_event_id, PAGE_EVENTS):
        yield from page
        after_event_id = page[-1].event_id


def _compared(
    table: Table, source: Transfer, target: Transfer, advance: Callable[[int], None]
) -> Iterator[str]:
    """Compare a table by its count and row by row, and name the first row that differs."""
    counts = source.count(table), target.count(table)
    if counts[0] != counts[1]:
        yield f"{table.name} has {counts[0]} rows in the source and {counts[1]} in the target"
    nothing: list[Row] = []
    for ours, theirs in zip_longest(source.pages(table), target.pages(table), fillvalue=nothing):
        for our_row, their_row in zip_longest(ours, theirs):
            if our_row != their_row:
                key = (our_row or their_row)[: len(table.key)]
                yield f"{table.name}: {' '.join(map(str, key))} differs"
                return
        advance(len(ours))
