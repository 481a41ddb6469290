"""The rows in the tables of those who are measured, against what they have acknowledged."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import bench, rig
from benchmarks.peers.statements import SCHEMA
from benchmarks.rig import HOT, Rig, post
from benchmarks.rows import Promised, miscounts
from benchmarks.samples import Round
from benchmarks.workloads import Steady, Workload
from tests.benchmarks.needs import needs_wrk

NAME = "Flask FULL"


def database(folder: Path, rows: int, counted: int) -> Path:
    """A peer's database with one event of so many rows, and a cancelled one that counts nothing."""
    path = folder / "peer.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCHEMA.read_text())
        connection.execute("INSERT INTO events VALUES ('hot', 'Hot', 9, 0, ?, 0)", (counted,))
        connection.executemany(
            "INSERT INTO reservations (reservation_id, event_id, partner_id, seats, status)"
            " VALUES (?, 'hot', 'p', 1, ?)",
            [(str(number), "confirmed") for number in range(rows)] + [("another", "cancelled")],
        )
        connection.commit()
    return path


@pytest.mark.parametrize("rows", [5, 6, 7])
def test_rows_for_requests_whose_answer_nobody_saw_may_be_there(tmp_path: Path, rows: int) -> None:
    assert list(miscounts(database(tmp_path, rows, rows), ["hot"], Promised(5, 7))) == []


@pytest.mark.parametrize(
    ("rows", "counted", "wrong"),
    [
        (4, 4, "5 reservations were acknowledged, 4 rows are there"),
        (8, 8, "7 reservations were asked for at most, 8 rows are there"),
        (6, 5, "hot counts 5 reservations and has 6 rows"),
    ],
)
def test_rows_that_are_missing_or_too_many_are_told(
    tmp_path: Path, rows: int, counted: int, wrong: str
) -> None:
    assert list(miscounts(database(tmp_path, rows, counted), ["hot"], Promised(5, 7))) == [wrong]


@needs_wrk
def test_a_run_ends_as_wrong_after_the_round_in_which_a_peer_lost_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts = Steady("post", "POST", [NAME], [post(HOT)], [HOT], reservations=1, connections=2)
    whole_round = bench.run_round

    def lossy(up: Rig, number: int, wanted: Sequence[Workload], seconds: float) -> Round:
        samples = whole_round(up, number, wanted, seconds)
        with closing(sqlite3.connect(up.servers[NAME].database_path, timeout=30)) as connection:
            connection.execute("DELETE FROM reservations WHERE rowid = 1")
            connection.commit()
        return samples

    monkeypatch.setattr(rig, "WARM_UP_ANSWERS", 20)
    monkeypatch.setattr(bench, "workloads", lambda _: [posts])
    monkeypatch.setattr(bench, "run_round", lossy)
    run = CliRunner().invoke(
        bench.main, ["--rounds", "2", "--seconds", "1", "--output", str(tmp_path)]
    )

    assert run.exit_code == 1
    assert "Round 2" not in run.output
    assert f"**WRONG: {NAME}: hot counts " in (tmp_path / "bench.md").read_text()
