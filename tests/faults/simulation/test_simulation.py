"""A thousand seeds of the engine, and whether a seed is always the same run."""

import itertools
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from click.testing import CliRunner

from tests.faults.simulation import __main__ as program
from tests.faults.simulation.engine import Engine
from tests.faults.simulation.run import Verdict, simulate, simulate_all
from tests.planting import Patch
from tests.server import PROJECT

pytestmark = pytest.mark.sqlite_only("it asks no database")

SEEDS = 1_000
SAME_SEEDS = (1, 2, 3, 4, 5, 6, 7, 8)


def simulation(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program."""
    return subprocess.run(
        [sys.executable, "-m", "tests.faults.simulation", *arguments],
        cwd=PROJECT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_thousand_seeds_show_no_violation() -> None:
    done = simulation("--seeds", str(SEEDS))
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("1,000 seeds, ")


def test_no_seed_begins_behind_the_end_of_the_time() -> None:
    """The pages that a process is given are longer than a short time."""
    # Long enough for one of them, also where others slow the machine down.
    for seconds in (0.5, 4.0, 32.0):
        if verdicts := simulate_all(itertools.count(1), time.monotonic() + seconds):
            break
    assert [verdict.seed for verdict in verdicts] == list(range(1, len(verdicts) + 1))
    assert verdicts
    assert simulate_all([1], time.monotonic()) == []


def test_a_time_in_which_no_seed_was_run_is_no_success_and_says_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nothing(_seeds: range, over: float) -> list[Verdict]:
        assert over
        return []

    monkeypatch.setattr(program, "ProcessPoolExecutor", lambda jobs, _: ThreadPoolExecutor(jobs))
    monkeypatch.setattr(program, "simulate_all", nothing)
    done = CliRunner().invoke(program.main, ["--seconds", "1"])
    assert done.exit_code == 1
    assert done.output.startswith("0 seeds, ")
    assert done.output.endswith("which shows nothing: give it more --seconds.\n")


def test_the_same_seed_is_the_same_run_whatever_ran_before() -> None:
    engine = Engine()
    first = [simulate(seed, engine, with_trace=True).trace for seed in SAME_SEEDS]
    again = [simulate(seed, Engine(), with_trace=True).trace for seed in reversed(SAME_SEEDS)]
    assert first == again[::-1]
    assert len({tuple(trace) for trace in first}) == len(SAME_SEEDS)


def test_the_same_seed_is_the_same_run_in_another_process() -> None:
    """Sets of strings have another order there."""
    traces = {
        simulation("--seed", "4", "--trace", PYTHONHASHSEED=hash_seed).stdout
        for hash_seed in ("1", "2", "3")
    }
    [trace] = traces
    assert trace.count("\n") > 100


def test_a_patch_that_fits_nowhere_fails_loudly() -> None:
    for patch in (Patch("engine/keys.py", "a", "b"), Patch("engine/plan.py", "no such text", "")):
        with pytest.raises(ValueError, match=r"is loaded here|mend this patch"):
            Engine([patch])
