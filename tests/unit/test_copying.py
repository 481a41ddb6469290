"""Copying from one SQLite to another: what is counted, told and compared, page by page."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.contract.backends import write
from tests.contract.moving import Bars, Side, filled_pair
from tests.unit.examples import create_event
from ticketboss.engine import copying, verifier
from ticketboss.engine.copying import CopyRefused, Differences, copy_everything
from ticketboss.repository.interface import (
    Conflict,
    LockTimeout,
    OutcomeUnknown,
    StorageUnavailable,
)
from ticketboss.repository.sql import transfer
from ticketboss.repository.sql.transfer import SqlTransfer
from ticketboss.repository.transfer import Row, Table

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
    write(source.repository, create_event(1, event_id="2026"))
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


def test_a_damaged_source_is_told_line_by_line(pair: tuple[Side, Side]) -> None:
    source, target = pair
    source.database.execute("DELETE FROM reservations WHERE event_id = 'called-off'")
    source.database.execute("INSERT INTO partner_seats VALUES ('nowhere', 'abc-corp', 1, 0)")
    with pytest.raises(Differences) as raised:
        copy_everything(source.repository, target.repository, Bars())
    assert raised.value.found == [
        "The source: 1 rows of partner_seats belong to no event",
        "The source: called-off: reservation r1 has no row",
        "The source: called-off: the ledger made 1 reservations, there are 0 rows",
    ]
    assert str(raised.value).splitlines() == raised.value.found
    assert target.rows() == {}


@pytest.mark.parametrize("filled_too_late", [False, True])
def test_a_target_that_is_not_empty_is_told_with_what_it_has(
    pair: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch, filled_too_late: bool
) -> None:
    source, target = pair
    target.repository.migrate()
    target.database.execute("INSERT INTO partners VALUES ('abc-corp', 'ABC', 0, 0)")
    target.database.execute("INSERT INTO admin_log VALUES ('1', 0, 'operator', 'freeze', '{}')")
    if filled_too_late:
        monkeypatch.setattr(target.repository, "filled_tables", list)
    else:
        # What somebody uses is not even migrated.
        monkeypatch.setattr(target.repository, "migrate", pytest.fail)
    with pytest.raises(CopyRefused) as raised:
        copy_everything(source.repository, target.repository, Bars())
    assert raised.value.code == "target_not_empty"
    assert str(raised.value) == (
        "The target is not empty, it has rows in partners, admin_log: name a new database."
    )


def test_the_first_row_that_differs_is_named_by_its_key_in_each_table(
    pair: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch
) -> None:
    def mangle(transfer: SqlTransfer, table: Table, rows: Sequence[Row]) -> None:
        if table.name == "ledger":
            # No replay reads the last column, the commit's id.
            rows = [*rows[:1], *((*row[:-1], 77) for row in rows[1:])]
        load(transfer, table, rows[:-1] if table.name == "admin_log" else rows)

    load = SqlTransfer.load
    source, target = pair
    monkeypatch.setattr(SqlTransfer, "load", mangle)
    with pytest.raises(Differences) as raised:
        copy_everything(source.repository, target.repository, Bars())
    (_, _), (event_id, version), *_ = source.database.rows(
        "SELECT event_id, version FROM ledger ORDER BY event_id, version"
    )
    *_, (last,) = source.database.rows("SELECT log_id FROM admin_log ORDER BY log_id")
    lines = len(source.rows()["admin_log"])
    assert raised.value.found == [
        f"ledger: {event_id} {version} differs",
        f"admin_log has {lines} rows in the source and {lines - 1} in the target",
        f"admin_log: {last} differs",
    ]
    assert target.rows() == {}


@pytest.mark.parametrize("error", [LockTimeout, Conflict])
def test_a_lock_that_is_lost_while_it_is_copied_is_the_targets(
    pair: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fail(*_: object) -> None:
        raise error

    source, target = pair
    monkeypatch.setattr(SqlTransfer, "load", fail)
    with pytest.raises(CopyRefused) as raised:
        copy_everything(source.repository, target.repository, Bars())
    assert raised.value.code == "target_locked"
    assert str(raised.value) == "Somebody else used the target: copy again."


def test_an_unknown_end_says_how_to_find_out(
    pair: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OutcomeUnknown("no answer from the COMMIT")

    source, target = pair
    monkeypatch.setattr(SqlTransfer, "load", fail)
    with pytest.raises(OutcomeUnknown) as raised:
        copy_everything(source.repository, target.repository, Bars())
    assert str(raised.value) == (
        "It is not known whether the copy was kept (no answer from the COMMIT). Copy again: a "
        "target that is then not empty has everything."
    )


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_side_whose_lock_is_not_to_be_had_is_named(
    pair: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch, side: str
) -> None:
    monkeypatch.setattr(copying, "LOCK_WAIT_SECONDS_MAX", 0.2)
    source, target = pair
    target.repository.migrate()
    # It would wait for the same lock, for longer.
    monkeypatch.setattr(target.repository, "migrate", list)
    locked = {"source": source, "target": target}[side]
    with locked.database.writes_locked(), pytest.raises(CopyRefused) as raised:
        copy_everything(source.repository, target.repository, Bars())
    assert raised.value.code == f"{side}_locked"
    assert str(raised.value) == (
        f"The {side} is being written to, and its lock was not to be had in 0.2 seconds: stop "
        "whoever writes, and copy again."
    )
    assert target.rows() == {}


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_side_without_its_storage_is_named(
    pair: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch, side: str
) -> None:
    def fail(*_: object) -> None:
        raise StorageUnavailable("no such disk")

    source, target = pair
    monkeypatch.setattr({"source": source, "target": target}[side].repository, "check", fail)
    with pytest.raises(StorageUnavailable, match=rf"^The {side}: no such disk$"):
        copy_everything(source.repository, target.repository, Bars())
    assert target.rows() == {}
