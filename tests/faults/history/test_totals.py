"""The end of a long run: sums, or the first violation with its history."""

from pathlib import Path

import pytest

from tests.faults.history.record import read_history
from tests.faults.history.test_checker import BEGINNING, history_of
from tests.faults.history.totals import Totals
from tests.faults.history.violations import Violation


def test_sales_without_a_violation_are_added_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    totals = Totals()
    for _ in range(2):
        totals.judge(history_of(BEGINNING), tmp_path)
    totals.tell()
    asked = 2 * (len(BEGINNING) + 1)
    assert f"{asked} operations" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_a_violation_ends_the_run_and_its_history_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history = history_of(BEGINNING)
    del history.ending.reservations[0]
    with pytest.raises(SystemExit) as ended:
        Totals().judge(history, tmp_path)
    assert ended.value.code == 1
    [kept] = tmp_path.iterdir()
    assert f"The history is in {kept}" in capsys.readouterr().out
    assert len(read_history(kept).operations) == len(history.operations)


def test_what_was_seen_besides_the_history_ends_the_run_as_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        Totals().judge(history_of(BEGINNING), tmp_path, [Violation("backup", "it is torn")])
    assert "The shortest (backup): it is torn." in capsys.readouterr().out
