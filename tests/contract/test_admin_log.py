"""The admin log: one line for each decision, written with it or not at all."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contract.backends import refusal_of
from tests.contract.partners import add_key, api_key, freeze, hash_of, line
from tests.contract.process import started
from tests.contract.test_locking import LATE_SECONDS_MAX, WAIT_SECONDS
from ticketboss.domain.access import AdminLogEntry, Partner
from ticketboss.repository.interface import Repository, StorageUnavailable
from ticketboss.repository.sql import access as sql_access

FROZEN = Partner("abc-corp", "abc-corp", frozen=True)
# Each change with a line that may be one that is there already.
CHANGES: dict[str, Callable[[Repository, AdminLogEntry], object]] = {
    "add a key": lambda repository, written: repository.access.add_key(
        api_key("key-2", "new"), hash_of("key-2"), "New Ltd", written
    ),
    "revoke a key": lambda repository, written: repository.access.revoke_key("key-1", written),
    "freeze": lambda repository, written: repository.access.set_frozen(FROZEN, written),
    "freeze an unknown partner": lambda repository, written: repository.access.set_frozen(
        Partner("new", "new", frozen=True), written
    ),
}
each_change = pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())


def _everything(repository: Repository) -> object:
    access = repository.access
    return access.keys("", 10), access.partners("", 10), access.admin_log(None, 10)


def test_there_are_no_lines_at_first(repository: Repository) -> None:
    assert repository.access.admin_log(None, 10) == []


@each_change
def test_each_change_leaves_its_line_as_it_was_given(
    repository: Repository,
    second: Repository,
    change: Callable[[Repository, AdminLogEntry], object],
) -> None:
    add_key(repository, "key-1")
    detail: dict[str, Any] = {
        "keyId": "key ☃",
        "partnerId": None,
        "isTest": False,
        "limits": [1, {"a": "b"}],
    }
    written = line("any_action", **detail)
    change(repository, written)
    assert second.access.admin_log(None, 1) == [written]


def test_lines_come_the_latest_first_and_go_on_before_a_cursor(repository: Repository) -> None:
    for partner_id in "abcde":
        freeze(repository, partner_id)
    pages: list[list[AdminLogEntry]] = []
    before_log_id = None
    while page := repository.access.admin_log(before_log_id, 2):
        pages.append(page)
        before_log_id = page[-1].log_id
    partners = [[each.detail["partnerId"] for each in page] for page in pages]
    assert partners == [["e", "d"], ["c", "b"], ["a"]]


def test_lines_that_are_written_meanwhile_do_not_move_the_next_page(
    repository: Repository,
) -> None:
    for partner_id in "abc":
        freeze(repository, partner_id)
    first = repository.access.admin_log(None, 2)
    freeze(repository, "d")
    (last,) = repository.access.admin_log(first[-1].log_id, 2)
    assert last.detail == {"partnerId": "a"}


def test_a_cursor_need_not_be_a_line_that_is_there(repository: Repository) -> None:
    freeze(repository, "a")
    assert repository.access.admin_log("log-", 10) == []
    assert len(repository.access.admin_log("log-~", 10)) == 1


@each_change
def test_a_change_whose_line_cannot_be_written_does_not_happen(
    repository: Repository,
    backend: str,
    change: Callable[[Repository, AdminLogEntry], object],
) -> None:
    add_key(repository, "key-1")
    before = _everything(repository)
    (there,) = repository.access.admin_log(None, 1)
    with pytest.raises(refusal_of(backend), match="admin_log"):
        change(repository, there)
    assert _everything(repository) == before


def test_a_key_that_cannot_be_added_leaves_neither_a_line_nor_a_partner(
    repository: Repository, backend: str
) -> None:
    add_key(repository, "key-1")
    before = _everything(repository)
    with pytest.raises(refusal_of(backend), match="api_keys"):
        repository.access.add_key(api_key("key-2", "new"), hash_of("key-1"), "New Ltd", line())
    assert not repository.access.add_key(
        api_key("key-1", "new"), hash_of("key-2"), "New Ltd", line()
    )
    assert _everything(repository) == before


@each_change
def test_a_storage_that_stays_locked_is_unavailable_and_nothing_is_written(
    repository: Repository,
    backend: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Repository, AdminLogEntry], object],
) -> None:
    add_key(repository, "key-1")
    before = _everything(repository)
    monkeypatch.setattr(sql_access, "WRITE_WAIT_SECONDS_MAX", WAIT_SECONDS)
    with started(backend, tmp_path, "hold-access"):
        begun = time.monotonic()
        with pytest.raises(StorageUnavailable, match="locked for writing"):
            change(repository, line())
        assert WAIT_SECONDS <= time.monotonic() - begun < WAIT_SECONDS + LATE_SECONDS_MAX
        # Whoever only reads is not kept out.
        assert _everything(repository) == before
    assert _everything(repository) == before


def test_the_log_of_a_database_that_was_not_migrated_is_unavailable(
    unmigrated: Repository,
) -> None:
    with pytest.raises(StorageUnavailable):
        unmigrated.access.admin_log(None, 10)
