"""The end of a long run: sums, or the first violation with its history."""

import shlex
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.faults.history import __main__ as program
from tests.faults.history.__main__ import main
from tests.faults.history.record import History, read_history
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
    printed = capsys.readouterr().out
    assert f"The history is in {kept}; to check it again: python -m" in printed
    command = shlex.split(printed.strip().rsplit(": ", 1)[1])
    assert command[1:3] == ["-m", "tests.faults.history"]
    assert CliRunner().invoke(main, command[3:]).exit_code == 1
    assert len(read_history(kept).operations) == len(history.operations)


def test_what_was_seen_besides_the_history_ends_the_run_as_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        Totals().judge(history_of(BEGINNING), tmp_path, [Violation("backup", "it is torn")])
    assert "The shortest (backup): it is torn." in capsys.readouterr().out


def test_one_sale_of_a_long_run_is_had_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold: list[tuple[str, str]] = []

    def run_sale(_server: Any, _keys: Any, event_id: str, seed: str, *_: Any) -> History:
        sold.append((event_id, seed))
        return history_of(BEGINNING)

    monkeypatch.setattr(program, "Server", lambda *_, **__: nullcontext())
    monkeypatch.setattr(program, "make_keys", lambda server: server)
    monkeypatch.setattr(program, "run_sale", run_sale)
    done = CliRunner().invoke(main, ["--seed", "7", "--sale", "3", "--folder", str(tmp_path)])
    assert (done.exit_code, sold) == (0, [("sale-7-3", "7-3")])
    assert "in 1 sales" in done.output
