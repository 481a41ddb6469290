"""`make mutants`: the verdict on its results, and the time that a test may take."""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.mutants.__main__ import PACKAGES, summary
from tests.server import PROJECT

CHOSEN = "pytest_add_cli_args_test_selection"
# With a limit that is worth waiting for.
RUN_ONE_TEST = """
import sys
import pytest
from tests.mutants import plugin
plugin.TEST_SECONDS_MAX = 1
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", sys.argv[1]], plugins=[plugin]))
"""
WAITS_FOR_EVER = "import threading\n\ndef test_it() -> None:\n    threading.Event().wait()\n"
TAKES_A_WHILE = "import time\n\ndef test_it() -> None:\n    time.sleep(1.5)\n"


def results(folder: Path, domain: Sequence[int | None], engine: Sequence[int | None]) -> Path:
    """What mutmut leaves behind mutants that ended with these exit statuses."""
    for package, statuses in zip(PACKAGES, (domain, engine), strict=True):
        (folder / package / "rules").mkdir(parents=True)
        for number, status in enumerate(statuses):
            file = folder / package / "rules" / f"{number}.py.meta"
            file.write_text(json.dumps({"exit_code_by_key": {f"{package}.{number}": status}}))
    return folder


def test_nine_of_ten_in_each_package_are_enough(tmp_path: Path) -> None:
    lines, enough = summary(results(tmp_path, [1] * 9 + [0], [1] * 16 + [3, 36, 33, None]))
    assert enough
    assert lines == [
        "domain.9: survived",
        "domain/: 10 mutants, 90.0% noticed (9 killed, 1 survived)",
        "engine.18: not reached",
        "engine.19: not tried",
        "engine/: 20 mutants, 90.0% noticed (17 killed, 1 not reached, 1 not tried, 1 timed out)",
    ]


@pytest.mark.parametrize("status", [0, 2, 5, 33, -9, -11, None])
def test_whatever_else_a_mutant_ends_with_it_was_not_killed(
    tmp_path: Path, status: int | None
) -> None:
    _, enough = summary(results(tmp_path, [1] * 20, [1] * 8 + [status] * 2))
    assert not enough


def test_a_package_without_mutants_is_not_enough(tmp_path: Path) -> None:
    lines, enough = summary(results(tmp_path, [1], []))
    assert not enough
    assert lines[-1] == "engine/: 0 mutants, 0 % noticed (none made)"


def test_the_exit_status_tells_it_to_make(tmp_path: Path) -> None:
    results(tmp_path / "mutants" / "ticketboss", [1], [0])
    done = subprocess.run(
        [sys.executable, "-m", "tests.mutants"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "engine.0: survived" in done.stdout
    assert done.stderr == "Less than 90 % of a package were noticed.\n"


@pytest.mark.parametrize(
    ("source", "mutant", "status"),
    [
        (WAITS_FOR_EVER, "ticketboss.domain.decide.x_decide__mutmut_1", 36),
        (TAKES_A_WHILE, "stats", 0),
    ],
    ids=["a mutant", "no mutant"],
)
def test_a_test_that_never_ends_notices_a_mutant(
    tmp_path: Path, source: str, mutant: str, status: int
) -> None:
    (tmp_path / "test_it.py").write_text(source)
    done = subprocess.run(
        [sys.executable, "-c", RUN_ONE_TEST, str(tmp_path / "test_it.py")],
        cwd=PROJECT,
        env=os.environ | {"MUTANT_UNDER_TEST": mutant},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr


def test_all_chosen_tests_are_there() -> None:
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["mutmut"]
    assert [path for path in settings[CHOSEN] if not (PROJECT / path).is_file()] == []
