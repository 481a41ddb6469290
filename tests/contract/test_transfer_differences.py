"""A copy is kept only if it is proved to be equal, and a damaged source is not copied."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.contract.moving import BOTH_WAYS, Bars, Side, filled_pair, side
from ticketboss.engine.copying import Differences, copy_everything
from ticketboss.repository.sql.transfer import SqlTransfer
from ticketboss.repository.transfer import Row, Table

SQLITE, POSTGRES = BOTH_WAYS[0]
# In SQL, past the foreign keys.
DAMAGES = {
    "UPDATE events SET available_seats = available_seats - 1 WHERE event_id = 'drop'": "drop: ",
    "DELETE FROM reservations WHERE reservation_id = 'k1'": "reservation k1 has no row",
}
# A column of the first row of a table, changed on its way, and what is said of it in the end; of
# what a ledger tells as well, the replay has spoken before.
MANGLED = {
    ("events", "name"): "events: another differs",
    ("reservations", "reference"): "reservations: another r00 differs",
    ("ledger", "commit_id"): "ledger: another 0 differs",
    ("partners", "name"): "partners: abc-corp differs",
    ("api_keys", "key_hash"): "api_keys: k1 differs",
    ("admin_log", "detail"): "admin_log: log-",
}
REPLAYED = ("events", "reservations")


@pytest.fixture(params=BOTH_WAYS, ids=" to ".join)
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Side, Side]]:
    with filled_pair(request.param, tmp_path) as both:
        yield both


@pytest.mark.parametrize(("statement", "said"), DAMAGES.items(), ids=DAMAGES.values())
def test_a_damaged_source_is_not_copied(pair: tuple[Side, Side], statement: str, said: str) -> None:
    source, target = pair
    source.database.execute(statement)
    bars = Bars()
    with pytest.raises(Differences, match=f"The source: .*{said}"):
        copy_everything(source.repository, target.repository, bars)
    assert [label for label, *_ in bars.seen] == ["Checking the source"]
    assert target.rows() == {}


def test_rows_of_no_event_are_damage_as_well(tmp_path: Path) -> None:
    with (
        side(SQLITE, tmp_path / "source") as source,
        side(POSTGRES, tmp_path / "target") as target,
    ):
        source.repository.migrate()
        source.database.execute("INSERT INTO partner_seats VALUES ('nowhere', 'abc-corp', 1, 0)")
        with pytest.raises(Differences) as differences:
            copy_everything(source.repository, target.repository, Bars())
        assert differences.value.found == ["The source: 1 rows of partner_seats belong to no event"]
        assert target.rows() == {}


@pytest.mark.parametrize(("where", "said"), MANGLED.items(), ids=map(".".join, MANGLED))
def test_a_row_that_arrives_changed_is_named_and_nothing_is_kept(
    pair: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch, where: tuple[str, str], said: str
) -> None:
    source, target = pair
    into = target.loaded_by
    load = into.load

    def mangle(transfer: SqlTransfer, table: Table, rows: Sequence[Row]) -> None:
        if table.name == where[0]:
            number = table.columns.index(where[1])
            row = list(rows[0])
            row[number] = _other(row[number])
            rows = [tuple(row), *rows[1:]]
        load(transfer, table, rows)

    monkeypatch.setattr(into, "load", mangle)
    with pytest.raises(Differences) as differences:
        copy_everything(source.repository, target.repository, Bars())
    *replayed, compared = differences.value.found
    assert compared.startswith(said)
    assert [each[:18] for each in replayed] == ["The copy: another:"] * (where[0] in REPLAYED)
    assert target.rows() == {}


def _other(value: object) -> object:
    if isinstance(value, int):
        return value ^ 1
    # As long as before, and JSON where it was JSON.
    return value.swapcase() if isinstance(value, str) else "new"


@pytest.mark.parametrize("table_name", ["reservations", "partner_seats", "admin_log"])
def test_a_row_that_does_not_arrive_is_counted(
    pair: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch, table_name: str
) -> None:
    source, target = pair
    into = target.loaded_by
    load = into.load

    def lose(transfer: SqlTransfer, table: Table, rows: Sequence[Row]) -> None:
        load(transfer, table, rows[1:] if table.name == table_name else rows)

    monkeypatch.setattr(into, "load", lose)
    with pytest.raises(Differences, match=rf"{table_name} has \d+ rows in the source and \d+ in"):
        copy_everything(source.repository, target.repository, Bars())
    assert target.rows() == {}
