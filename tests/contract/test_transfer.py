"""Moving everything to another database, where all goes on as if nothing had happened."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.contract.backends import BACKENDS
from tests.contract.everything import KEYED, fill_everything
from tests.contract.moving import BOTH_WAYS, PAIRS, Bars, Side, filled_pair, side
from tests.contract.partners import hash_of
from tests.unit.examples import EVENT_ID, confirm, hold, reserve
from ticketboss.domain.commands import Command
from ticketboss.domain.ledger import EFFECTS, EVENT_KINDS
from ticketboss.engine.committer import Committer
from ticketboss.engine.copying import copy_everything
from ticketboss.engine.verifier import Verifier
from ticketboss.repository.interface import Repository
from ticketboss.repository.sql import transfer
from ticketboss.repository.sql.transfer import TABLES, SqlTransfer
from ticketboss.repository.transfer import Row, Table

STATUSES = {"held", "confirmed", "cancelled", "expired"}


@pytest.fixture(params=PAIRS, ids=" to ".join)
def any_pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Side, Side]]:
    with filled_pair(request.param, tmp_path) as both:
        yield both


@pytest.fixture(params=BOTH_WAYS, ids=" to ".join)
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Side, Side]]:
    with filled_pair(request.param, tmp_path) as both:
        yield both


def _committer(repository: Repository) -> Committer:
    return Committer(repository, command_seconds_max=25.0, queue_length_max=10)


def _differences(repository: Repository) -> list[str]:
    return [
        difference
        for event in repository.events("", 100)
        if (result := Verifier(repository, event.event_id).verify())
        for difference in result.differences
    ]


def test_the_source_of_these_tests_has_rows_of_every_kind(tmp_path: Path) -> None:
    with side("sqlite-rollback", tmp_path / "source") as source:
        source.repository.migrate()
        fill_everything(source.repository)
        rows = source.rows()
        assert rows.keys() == source.columns().keys()
        kinds = source.database.rows("SELECT DISTINCT kind FROM ledger")
        statuses = source.database.rows("SELECT DISTINCT status FROM reservations")
    assert {kind for (kind,) in kinds} == EFFECTS.keys() | EVENT_KINDS
    assert {status for (status,) in statuses} == STATUSES


@pytest.mark.parametrize("backend", sorted(BACKENDS))
def test_tables_and_columns_that_are_copied_are_all_that_there_are(
    backend: str, tmp_path: Path
) -> None:
    with side(backend, tmp_path / "source") as source:
        source.repository.migrate()
        found = {table: sorted(columns) for table, columns in source.columns().items()}
    assert found == {table.name: sorted(table.columns) for table in TABLES}


def test_everything_is_copied_as_it_is(any_pair: tuple[Side, Side]) -> None:
    source, target = any_pair
    before = source.rows()
    counts = copy_everything(source.repository, target.repository, Bars())
    assert target.rows() == source.rows() == before
    assert counts == {table: len(rows) for table, rows in before.items()}


@pytest.mark.parametrize("page_rows", [1, 7])
def test_no_more_than_a_page_is_in_memory_and_nothing_is_lost_between_two(
    pair: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch, page_rows: int
) -> None:
    source, target = pair
    monkeypatch.setattr(transfer, "PAGE_ROWS", page_rows)
    lengths = []
    into = target.loaded_by
    load = into.load

    def measured(whole: SqlTransfer, table: Table, rows: Sequence[Row]) -> None:
        lengths.append(len(rows))
        load(whole, table, rows)

    monkeypatch.setattr(into, "load", measured)
    copy_everything(source.repository, target.repository, Bars())
    assert target.rows() == source.rows()
    assert max(lengths) == page_rows


def test_the_copy_answers_the_same_keys_with_the_same_answers(pair: tuple[Side, Side]) -> None:
    source, target = pair
    copy_everything(source.repository, target.repository, Bars())
    for command in KEYED:
        there = _committer(target.repository).submit(command)
        assert there.replayed
        assert there.entry == _committer(source.repository).submit(command).entry


def test_the_copy_knows_keys_partners_and_whose_commit_each_entry_was(
    pair: tuple[Side, Side],
) -> None:
    source, target = pair
    copy_everything(source.repository, target.repository, Bars())
    here, there = source.repository, target.repository
    found = [there.access.live_key(hash_of(key_id)) for key_id in ("k1", "k2", "k3", "k4")]
    assert [key and key.key_id for key in found] == ["k1", "k2", "k3", None]
    assert there.access.partners("", 100) == here.access.partners("", 100)
    assert there.access.admin_log(None, 100) == here.access.admin_log(None, 100)
    commit_id = here.commit_id(EVENT_ID, 1)
    assert commit_id is not None
    assert there.commit_id(EVENT_ID, 1) == commit_id


def test_the_copy_goes_on_selling(pair: tuple[Side, Side]) -> None:
    source, target = pair
    copy_everything(source.repository, target.repository, Bars())
    before = target.repository.event(EVENT_ID)
    assert before is not None
    committer = _committer(target.repository)
    commands: list[Command] = [hold(2, "new", key="new"), confirm("new"), reserve(1, "newer")]
    for command in commands:
        assert not committer.submit(command).replayed
    after = target.repository.event(EVENT_ID)
    assert after is not None
    assert after.version == before.version + len(commands)
    assert after.reservation_count == before.reservation_count + 2
    assert _differences(target.repository) == []


@pytest.mark.parametrize("backends", BOTH_WAYS, ids=" to ".join)
def test_an_empty_database_can_be_copied(backends: tuple[str, str], tmp_path: Path) -> None:
    with (
        side(backends[0], tmp_path / "source") as source,
        side(backends[1], tmp_path / "target") as target,
    ):
        source.repository.migrate()
        counts = copy_everything(source.repository, target.repository, Bars())
        target.repository.check()
    assert counts == dict.fromkeys((table.name for table in TABLES), 0)


def test_a_target_that_was_migrated_before_is_as_good_as_a_new_one(
    pair: tuple[Side, Side],
) -> None:
    source, target = pair
    target.repository.migrate()
    copy_everything(source.repository, target.repository, Bars())
    assert target.rows() == source.rows()


def test_every_stage_tells_all_of_its_steps(pair: tuple[Side, Side]) -> None:
    source, target = pair
    bars = Bars()
    counts = copy_everything(source.repository, target.repository, bars)
    rows, entries = sum(counts.values()), counts["ledger"]
    assert bars.seen == [
        ("Checking the source", entries, entries),
        ("Copying", rows, rows),
        ("Checking the copy", entries, entries),
        ("Comparing", rows, rows),
    ]
