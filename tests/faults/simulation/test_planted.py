"""The simulator is tested: with each of these bugs in the engine it says what is wrong."""

import re

import pytest

from tests.faults.simulation.engine import Engine
from tests.faults.simulation.planted import BUGS, Bug
from tests.faults.simulation.run import simulate
from tests.server import PROJECT

pytestmark = pytest.mark.sqlite_only("it asks no database")

SEEDS_MAX = 1_000
TABLE_ROW = re.compile(r"^\| ([^|]+?) \| ([^|]+?) \|$", re.MULTILINE)
CHECK_ROW = re.compile(r"^\| (`[^|]+`) \|", re.MULTILINE)
CHECK = re.compile(r"`([^`]+)`")
HEAD = ("Planted in the engine", "Found by")


@pytest.mark.parametrize("bug", BUGS, ids=[bug.name for bug in BUGS])
def test_a_planted_bug_is_found(bug: Bug) -> None:
    engine = Engine(bug.patches)
    found: set[str] = set()
    for seed in range(bug.first_seed, bug.first_seed + SEEDS_MAX):
        violations = simulate(seed, engine).violations
        if any(each.check == bug.caught_by and bug.why in each.why for each in violations):
            return
        found |= {violation.check for violation in violations}
    pytest.fail(f"not found by {bug.caught_by} in {SEEDS_MAX} seeds, but by {sorted(found)}")


def test_each_check_is_needed_for_one_of_the_bugs() -> None:
    page = (PROJECT / "docs" / "reliability.md").read_text(encoding="utf-8")
    table = CHECK_ROW.findall(page.split("## The simulator")[1].split("\n## ")[0])
    checks = {check for names in table for check in CHECK.findall(names)}
    assert checks == {bug.caught_by for bug in BUGS}


def test_the_table_names_each_bug_and_what_finds_it() -> None:
    table = TABLE_ROW.findall((PROJECT / "docs" / "reliability.md").read_text(encoding="utf-8"))
    rows = table[table.index(HEAD) + 2 :]
    assert rows[: len(BUGS)] == [(bug.name, bug.caught_by) for bug in BUGS]
