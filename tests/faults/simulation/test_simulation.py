"""A thousand seeds of the engine, and whether a seed is always the same run."""

import hashlib
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from tests.faults.simulation.__main__ import main
from tests.faults.simulation.engine import Engine
from tests.faults.simulation.run import simulate
from tests.planting import Patch
from tests.server import PROJECT

SEEDS = 1_000
SAME_SEEDS = (1, 2, 3, 4, 5, 6, 7, 8)


def test_a_thousand_seeds_show_no_violation() -> None:
    done = CliRunner().invoke(main, ["--seeds", str(SEEDS)])
    assert done.exit_code == 0, done.output
    assert done.output.startswith("1,000 seeds, ")


def test_the_same_seed_is_the_same_run_whatever_ran_before() -> None:
    engine = Engine()
    first = [simulate(seed, engine, with_trace=True).trace for seed in SAME_SEEDS]
    again = [simulate(seed, Engine(), with_trace=True).trace for seed in reversed(SAME_SEEDS)]
    assert first == again[::-1]
    assert len({tuple(trace) for trace in first}) == len(SAME_SEEDS)


def test_the_same_seed_is_the_same_run_in_another_process() -> None:
    """Sets of strings have another order there."""
    digests = {_digest_of_trace(hash_seed) for hash_seed in ("1", "2", "3")}
    assert len(digests) == 1


def _digest_of_trace(hash_seed: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.simulation", "--seed", "4", "--trace"],
        cwd=PROJECT,
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        check=True,
    )
    assert done.stdout.count(b"\n") > 100
    return hashlib.sha256(done.stdout).hexdigest()


def test_a_patch_that_fits_nowhere_fails_loudly() -> None:
    for patch in (Patch("engine/keys.py", "a", "b"), Patch("engine/plan.py", "no such text", "")):
        with pytest.raises(ValueError, match=r"is loaded here|mend this patch"):
            Engine([patch])
