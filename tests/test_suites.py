"""Suites that are run two parts at once: a failure of either is one of the whole."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.server import PROJECT
from tests.suites import ALONE, FIRST, LEFT_OUT, QUICK, faults, second

BEGIN_SECONDS_MAX = 60.0
PAUSE_SECONDS = 0.02
# The first two at once, the rest behind them.
PROGRAM = """
import sys
from tests.suites import run
first, second, *rest = [[file] for file in sys.argv[1:]]
sys.exit(run([(first, second), *([each] for each in rest)]))
"""
GOOD = "def test_good(): pass\n"
BAD = "def test_bad(): assert 0\n"
WAITING = """
import time
from pathlib import Path

def test_that_waits():
    Path(__file__).with_suffix(".begun").touch()
    try:
        time.sleep(600)
    finally:
        Path(__file__).with_suffix(".ended").touch()
"""


def started(folder: Path, *sources: str) -> subprocess.Popen[str]:
    """A run of parts of one file each."""
    files = [folder / f"test_{number}.py" for number in range(len(sources))]
    for file, source in zip(files, sources, strict=True):
        file.write_text(source)
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *map(str, files)],
        cwd=PROJECT,
        env=os.environ
        | {
            "PYTEST_ADDOPTS": "-p tests.conftest -p no:cacheprovider",
            # Those of the libraries, which take a second to be imported.
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("sources", "status", "told"),
    [
        ((GOOD, BAD, GOOD), 1, ["1 passed", "1 failed", "1 passed"]),
        # As where `-k` chooses nothing of some.
        (("", GOOD, ""), 0, ["no tests ran", "1 passed", "no tests ran"]),
        (("", ""), 5, ["no tests ran", "no tests ran"]),
    ],
)
def test_each_part_is_told_of_and_counts(
    tmp_path: Path, sources: tuple[str, ...], status: int, told: list[str]
) -> None:
    run = started(tmp_path, *sources)
    output, _ = run.communicate(timeout=BEGIN_SECONDS_MAX)
    assert run.returncode == status, output
    ends = [line for line in output.splitlines() if line.startswith("===") and " in " in line]
    assert [text in end for text, end in zip(told, ends, strict=True)] == [True] * len(told)


def test_all_end_when_the_run_is_told_to(tmp_path: Path) -> None:
    run = started(tmp_path, WAITING, WAITING, WAITING)
    deadline = time.monotonic() + BEGIN_SECONDS_MAX
    while len([*tmp_path.glob("*.begun")]) < 2:
        assert run.poll() is None
        assert time.monotonic() < deadline
        time.sleep(PAUSE_SECONDS)
    run.send_signal(signal.SIGTERM)
    output, _ = run.communicate(timeout=BEGIN_SECONDS_MAX)
    assert run.returncode == pytest.ExitCode.INTERRUPTED, output
    assert len([*tmp_path.glob("*.ended")]) == len([*tmp_path.glob("*.begun")]) == 2


def test_what_is_named_is_there_and_each_test_is_in_one_part() -> None:
    named = {*FIRST, *ALONE, *LEFT_OUT, *(path for part in QUICK for path in part)}
    assert {path for path in named if not (PROJECT / path).exists()} == set()
    tests = (PROJECT / "tests").rglob("test_*.py")
    parts = (*FIRST, *faults(), *ALONE, *LEFT_OUT, *second())
    for path in (path.relative_to(PROJECT) for path in tests):
        assert sum(map(path.is_relative_to, parts)) == 1, path
