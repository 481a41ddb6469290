"""Copying everything from one database to another, and the proof that both are equal."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
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
from ticketboss.repository.transfer import History, Table, Transfer

LOCK_WAIT_SECONDS_MAX = 10.0
PAGE_EVENTS = 100

# Told what is being done and in how many steps; gives what to call with the steps done.
Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


class CopyRefused(Exception):
    """Nothing was copied; `code` says why to programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Differences(Exception):
    """Nothing was copied: the source is damaged, or the copy was not equal to it."""

    def __init__(self, found: list[str]) -> None:
        super().__init__("\n".join(found))
        self.found = found


def copy_everything(source: Repository, target: Repository, progress: Progress) -> dict[str, int]:
    """Copy all rows while nobody writes to either side; gives how many each table has.

    The target has all of them or none. Raises CopyRefused, Differences, StorageUnavailable, and
    OutcomeUnknown when the target's COMMIT gave no answer.
    """
    copied: dict[str, int] | None = None
    try:
        with _opened("source", source) as rows_of_source:
            _refuse_damage(source, rows_of_source.history, progress)
            with _opened("target", target, _prepare_target) as rows_of_target:
                copied = ...
    except ...
    return copied
