"""`make bench` in its shortest form: what it says must be true, however fast anybody is."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import bench, rig, servers
from benchmarks.rig import HOT, post, running
from benchmarks.servers import ExpressPeer
from tests.benchmarks.needs import needs_wrk

SHORTEST = ["--quick", "--only", "post-32", "--only", "drop", "--only", "get-304"]


@needs_wrk
def test_a_short_run_writes_a_table_and_a_chart_of_all_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rig, "WARM_UP_ANSWERS", 20)
    run = CliRunner().invoke(bench.main, [*SHORTEST, "--output", str(tmp_path)])

    assert run.exit_code == 0, run.output
    report = (tmp_path / "bench.md").read_text()
    assert "`verify` clean" in report
    for title in ("POST of one seat on one event, 32 connections", "A drop: 2,000", "304"):
        assert f"### {title}" in report or title in report
    assert "| TicketBoss | " in report
    assert "to the bare hello | at least 0.6 | 0." in report
    assert "| GET: a second, to the bare hello | at least 0.85 | not measured" in report
    chart = (tmp_path / "bench.svg").read_text()
    assert chart.startswith("<svg")
    assert ">TicketBoss<" in chart


def test_an_unknown_workload_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    run = CliRunner().invoke(bench.main, ["--only", "pots", "--output", str(tmp_path)])

    assert run.exit_code == 2
    assert "post-32" in run.output.replace("\n", " ")


def test_without_wrk_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    run = CliRunner().invoke(bench.main, [])

    assert run.exit_code == 2
    assert "apt install wrk" in run.output


def test_without_node_the_peers_of_node_are_left_out_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")

    names, left_out = servers.available(["TicketBoss", "Express NORMAL", "Express FULL"])

    assert names == ["TicketBoss"]
    assert set(left_out) == {"Express NORMAL", "Express FULL"}
    assert "apt install nodejs npm" in left_out["Express FULL"]


def test_without_its_packages_a_peer_says_how_to_install_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(servers, "EXPRESS", tmp_path)
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/node")

    assert "npm ci" in str(ExpressPeer.missing())


@needs_wrk
def test_a_run_that_loses_reservations_or_fails_is_called_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with running(["TicketBoss, no keys"], sizes=[0]) as up:
        name = "TicketBoss, no keys"
        up.drive(name, [post("nowhere")], 1, seconds=20, answers_max=3)
        up.acknowledge(name, [HOT], 7, unanswered=0)
        found = up.complaints()
        wrong = {"eventId": HOT, "totalSeats": 10, "availableSeats": 4, "reservationCount": 7}
        monkeypatch.setattr(up.servers[name], "event", lambda _: wrong)
        found_over_sold = up.complaints()

    assert f"{name}: 3 requests failed" in found
    assert f"{name}, {HOT}: 7 reservations were acknowledged, 0 are there" in found
    assert f"{name}, {HOT}: the sums of hot are wrong" in found_over_sold
