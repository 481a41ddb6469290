"""`make bench` in its shortest form: what it says must be true, however fast anybody is."""

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import bench, rig, servers
from benchmarks.catalogue import (
    QUICK,
    QUICK_SECONDS_MAX,
    WHOLE,
    Scale,
    planned_seconds,
    workloads,
)
from benchmarks.report import Run
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
    titles = [line for line in report.splitlines() if line.startswith("### ")]
    assert titles == [
        "### POST of one seat on one event, 32 connections",
        "### GET with If-None-Match: 304",
        "### A drop: 2,000 requests for 500 seats",
    ]
    assert re.search(r"^- took: \d+ s$", report, re.MULTILINE)
    assert "| TicketBoss | " in report
    # A second on a busy machine tells nothing of the ratio, so it may be any.
    assert re.search(r"to the bare hello \| at least 0\.6 \| \d+\.\d\d \|", report)
    assert "| GET: a second, to the bare hello | at least 0.85 | not measured" in report
    chart = (tmp_path / "bench.svg").read_text()
    assert chart.startswith("<svg")
    assert ">TicketBoss<" in chart


@pytest.mark.parametrize(
    # Half a minute of a quick one is for starting, filling and checking.
    ("scale", "seconds_max"),
    [(QUICK, QUICK_SECONDS_MAX - 30), (WHOLE, 25 * 60)],
    ids=["quick", "whole"],
)
def test_no_more_is_planned_than_there_is_time_for(scale: Scale, seconds_max: int) -> None:
    planned = planned_seconds(scale, workloads(scale))

    assert seconds_max / 2 < planned <= seconds_max


def test_a_quick_run_that_was_not_quick_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter((0.0, 121.0, 0.0, 119.0))
    nothing = Run({}, [], [], [], {}, 0, [])
    monkeypatch.setattr(bench, "require_wrk", lambda: None)
    monkeypatch.setattr(bench, "measure", lambda *_: nothing)
    monkeypatch.setattr(bench, "monotonic", lambda: next(clock))

    slow, quick = (
        CliRunner().invoke(bench.main, ["--quick", "--output", str(tmp_path)]) for _ in range(2)
    )

    assert "after 121 s.\nThat is more than the 120 s it should take." in slow.output
    assert "after 119 s." in quick.output
    assert "more than" not in quick.output


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
