"""From samples to ratios, targets, a table and a chart."""

from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from benchmarks.catalogue import PEERS, QUICK, SELLERS, workloads
from benchmarks.chart import svg
from benchmarks.growth import memory
from benchmarks.report import Run, markdown
from benchmarks.samples import Figure, Round, figure, ratio
from benchmarks.targets import Target, targets

POST = "post-32"
SVG = "{http://www.w3.org/2000/svg}"


def round_at(speed: float) -> Round:
    """One round on a machine of that speed."""
    rates = {
        "TicketBoss": 4000.0,
        "Express NORMAL": 2000.0,
        "FastAPI FULL": 1000.0,
        "hello": 8000.0,
    }
    return {
        (POST, name): {
            "rate": rate * speed,
            "seats": rate * speed,
            "p50_ms": 1.0,
            "p99_ms": 4e4 / rate / speed,
            "cpu_us": 1e6 / rate / speed,
            "failures": 0.0,
        }
        for name, rate in rates.items()
    }


ROUNDS = [round_at(speed) for speed in (1.0, 0.1, 1.0)]


def a_run(rounds: list[Round]) -> Run:
    return Run(
        facts={"date": "2026-11-22", "cpu": "a <fast> one"},
        workloads=workloads(QUICK),
        rounds=rounds,
        targets=targets(rounds, QUICK.sizes),
        left_out={"Express FULL": "Node.js is not installed"},
        acknowledged=7,
        complaints=[],
    )


def test_ratios_are_taken_within_each_round() -> None:
    assert ratio(ROUNDS, "rate", (POST, "TicketBoss"), (POST, "hello")) == Figure(0.5, 0.5, 0.5)
    assert figure(ROUNDS, POST, "hello", "rate") == Figure(8000.0, 800.0, 8000.0)


def test_what_was_not_measured_has_no_figure() -> None:
    assert figure(ROUNDS, POST, "Flask FULL", "rate") is None
    assert ratio(ROUNDS, "rate", (POST, "TicketBoss"), ("get-0", "hello")) is None


def test_each_target_is_met_or_not_or_not_measured() -> None:
    found = {target.name: target.is_met for target in targets(ROUNDS, QUICK.sizes)}

    assert found["POST, 32 connections: a second, to Express NORMAL"] is True
    assert found["POST, 32 connections: a second, to the bare hello"] is False
    assert found["POST, 32 connections: CPU, to Express NORMAL"] is True
    # Express has the lowest p99 of the peers, and TicketBoss half of that.
    assert found["POST, 32 connections: p99, to the best peer (Express NORMAL)"] is True
    assert found["POST, 256 connections: p99, to the best peer"] is None
    assert found["Bulk of 100: seats a second, to single POSTs"] is None


@pytest.mark.parametrize(
    ("median", "met"), [(0.89, False), (0.9, True), (1.1, True), (1.11, False)]
)
def test_a_target_may_have_a_bound_at_each_end(median: float, met: bool) -> None:
    target = Target("flat", Figure(median, 0.0, 9.0), at_least=0.9, at_most=1.1)

    assert target.is_met is met
    assert target.wanted == "at least 0.9, at most 1.1"


def test_the_table_shows_targets_figures_and_what_is_left_out() -> None:
    lines = markdown(a_run(ROUNDS)).splitlines()

    assert (
        "| POST, 32 connections: a second, to the bare hello | at least 0.6 | 0.50 "
        in "\n".join(lines)
    )
    assert "- Left out: Express FULL, because Node.js is not installed." in lines
    [ours] = [line for line in lines if line.startswith("| TicketBoss |")]
    assert ours.startswith(
        "| TicketBoss | 4,000 | 400 to 4,000 | 1.0 | 10.0 | 10.0 to 100.0 | 250 |"
    )
    assert any(line.startswith("7 reservations acknowledged") for line in lines)


def test_a_wrong_run_says_so_instead_of_what_went_well() -> None:
    report = markdown(replace(a_run(ROUNDS), complaints=["3 requests failed"]))

    assert "**WRONG: 3 requests failed**" in report
    assert "acknowledged by TicketBoss" not in report


def test_every_row_of_a_table_has_a_cell_for_every_heading() -> None:
    lines = markdown(a_run(ROUNDS)).splitlines()

    for above, line in pairwise(lines):
        if above.startswith("|") and line.startswith("|"):
            assert line.count("|") == above.count("|")


def test_the_chart_has_a_bar_for_each_figure_as_long_as_it_is_large() -> None:
    drawn = ElementTree.fromstring(svg(a_run(ROUNDS)))  # noqa: S314 - our own

    bars = [float(bar.attrib["width"]) for bar in drawn.iter(f"{SVG}rect")][1:]
    texts = ["".join(text.itertext()) for text in drawn.iter(f"{SVG}text")]
    assert bars[1] / bars[0] == pytest.approx(0.5, abs=0.01)
    assert bars[-1] == max(bars)
    assert "TicketBoss" in texts
    assert not any("GET" in text for text in texts)


def test_every_seller_takes_part_in_what_all_of_them_can_do() -> None:
    for workload in workloads(QUICK):
        if workload.key.startswith(("post-32", "post-256", "mixed", "sixteen", "drop")):
            assert set(SELLERS) <= set(workload.contenders)


def test_who_is_the_same_twice_is_asked_once() -> None:
    names = {workload.key: set(workload.contenders) for workload in workloads(QUICK)}

    alone = {"FastAPI NORMAL, one process", "FastAPI FULL, one process"}
    for key in ("post-32", "post-256", "sixteen"):
        assert set(PEERS) <= names[key]
    assert set(PEERS) - names["post-1"] == {"Express NORMAL, cluster", *alone}
    assert set(PEERS) - names["get-0"] == {"Express FULL", "FastAPI FULL", *alone}


def test_memory_that_goes_on_growing_misses_its_target() -> None:
    steady = memory.part(1_000, [[50.0, 60.0]] * 11)
    growing = memory.part(1_000, [[50.0 + 10 * step, 60.0] for step in range(11)])

    assert [target.is_met for target in steady.targets] == [True, True]
    assert [target.is_met for target in growing.targets] == [True, False]
