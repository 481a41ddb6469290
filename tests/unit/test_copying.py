"""Copying from one SQLite to another: what is counted, told and compared, page by page."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.moving import Bars, Side, filled_pair
from ticketboss.engine import copying, verifier
from ticketboss.engine.copying import copy_everything
from ticketboss.repository.sql import transfer

pytestmark = pytest.mark.sqlite_only("the contract suite copies to and from PostgreSQL")

SQLITE = "sqlite-rollback"
PATIENCE_SECONDS = 30.0


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Side, Side]]:
    with filled_pair((SQLITE, SQLITE), tmp_path) as both:
        yield both


def test_what_was_copied_is_counted_and_each_stage_tells_all_its_steps(
    pair: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the events, the rows and the entries of an event take several pages."""
    monkeypatch.setattr(copying, "PAGE_EVENTS", 2)
    monkeypatch.setattr(copying, "PAGE_ENTRIES", 3)
    monkeypatch.setattr(verifier, "PAGE_ENTRIES", 3)
    monkeypatch.setattr(transfer, "PAGE_ROWS", 2)
    source, target = pair
    bars = Bars()
    counts = copy_everything(source.repository, target.repository, bars)
    rows = source.rows()
    assert target.rows() == rows
    assert counts == {table: len(of_table) for table, of_table in rows.items()}
    entries, everything = counts["ledger"], sum(counts.values())
    assert bars.seen == [
        ("Checking the source", entries, entries),
        ("Copying", everything, everything),
        ("Checking the copy", entries, entries),
        ("Comparing", everything, everything),
    ]
