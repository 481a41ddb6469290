"""Copies that are refused before they begin: the target stays as it is."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.contract.backends import BACKENDS, SQLITE_DRIVERS, within, write
from tests.contract.moving import BOTH_WAYS, Bars, Side, filled_pair, side
from tests.contract.partners import add_key, freeze
from tests.contract.process import started
from tests.contract.schema_one import make_first_database
from tests.unit.examples import create_event
from ticketboss.engine import copying
from ticketboss.engine.copying import CopyRefused, copy_everything
from ticketboss.repository.interface import Repository, SchemaMismatch

SQLITE, POSTGRES = BOTH_WAYS[0]
LOCK_WAIT_SECONDS = 0.3
FILLS: dict[str, Callable[[Repository], object]] = {
    "events": lambda repository: write(repository, create_event(1)),
    "partners": lambda repository: freeze(repository, "abc-corp"),
    "api_keys": lambda repository: add_key(repository, "key-1", None),
}


@pytest.fixture(params=BOTH_WAYS, ids=" to ".join)
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Side, Side]]:
    with filled_pair(request.param, tmp_path) as both:
        yield both


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "LOCK_WAIT_SECONDS_MAX", LOCK_WAIT_SECONDS)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("holding", ["hold", "hold-access"])
def test_a_writer_that_does_not_let_go_of_the_source_is_named(
    pair: tuple[Side, Side], holding: str
) -> None:
    source, target = pair
    with (
        started(source.backend, source.folder, holding),
        pytest.raises(CopyRefused, match="The source is being written to") as refused,
    ):
        copy_everything(source.repository, target.repository, Bars())
    assert refused.value.code == "source_locked"
    assert target.columns() == {}


@pytest.mark.usefixtures("impatient")
def test_a_writer_that_does_not_let_go_of_the_target_is_named(
    pair: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = pair
    target.repository.migrate()
    # It would wait for the same lock, for longer.
    monkeypatch.setattr(target.repository, "migrate", list)
    other = BACKENDS[target.backend](target.folder)
    with (
        other.transfer(within()),
        pytest.raises(CopyRefused, match="The target is being written to") as refused,
    ):
        copy_everything(source.repository, target.repository, Bars())
    other.close()
    assert refused.value.code == "target_locked"
    assert target.rows() == {}


@pytest.mark.parametrize("table", FILLS)
def test_a_target_that_is_not_empty_stays_as_it_is(pair: tuple[Side, Side], table: str) -> None:
    source, target = pair
    target.repository.migrate()
    FILLS[table](target.repository)
    before = target.rows()
    with pytest.raises(CopyRefused, match=f"has rows in .*{table}") as refused:
        copy_everything(source.repository, target.repository, Bars())
    assert refused.value.code == "target_not_empty"
    assert target.rows() == before


def test_a_target_that_is_filled_before_it_is_locked_stays_as_it_is(
    pair: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = pair
    target.repository.migrate()
    write(target.repository, create_event(1))
    before = target.rows()
    monkeypatch.setattr(target.repository, "filled_tables", list)
    with pytest.raises(CopyRefused, match="has rows in events, ledger:"):
        copy_everything(source.repository, target.repository, Bars())
    assert target.rows() == before


def test_a_database_cannot_be_copied_to_itself(pair: tuple[Side, Side]) -> None:
    source, _ = pair
    before = source.rows()
    again = BACKENDS[source.backend](source.folder)
    with pytest.raises(CopyRefused, match="The target is not empty"):
        copy_everything(source.repository, again, Bars())
    again.close()
    assert source.rows() == before


def test_a_target_of_an_older_schema_with_rows_is_not_even_migrated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        side(SQLITE, tmp_path / "source") as source,
        side(SQLITE, tmp_path / "target") as target,
    ):
        source.repository.migrate()
        make_first_database(target.folder, SQLITE_DRIVERS[SQLITE], monkeypatch)
        before = target.columns(), target.rows()
        with pytest.raises(CopyRefused, match="not empty"):
            copy_everything(source.repository, target.repository, Bars())
        assert (target.columns(), target.rows()) == before


def test_a_source_of_an_older_schema_is_refused_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        side(SQLITE, tmp_path / "source") as source,
        side(POSTGRES, tmp_path / "target") as target,
    ):
        make_first_database(source.folder, SQLITE_DRIVERS[SQLITE], monkeypatch)
        with pytest.raises(SchemaMismatch, match=r"The source: .* 'python -m ticketboss migrate'"):
            copy_everything(source.repository, target.repository, Bars())
        assert target.columns() == {}


def test_a_source_that_changes_its_schema_before_it_is_locked_is_refused(
    pair: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = pair
    source.database.execute("INSERT INTO schema_migrations VALUES (99, '0099_later.sql', 0)")
    monkeypatch.setattr(source.repository, "check", lambda: None)
    with pytest.raises(SchemaMismatch, match="The source: The database has schema 99"):
        copy_everything(source.repository, target.repository, Bars())
    assert target.columns() == {}
