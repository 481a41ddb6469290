"""The checker is tested: with each of these bugs in a copy of the code, it says what is wrong."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest

from tests.faults.history import plays
from tests.faults.history.checker import check
from tests.faults.history.planted import Bug, PlantedServer
from tests.faults.history.planted_answers import ANSWER_BUGS
from tests.faults.history.planted_engine import ENGINE_BUGS
from tests.faults.history.planted_late import LATE_BUGS
from tests.faults.history.planted_rules import RULE_BUGS
from tests.faults.history.sale import SETTINGS, make_keys, run_sale
from tests.faults.history.stage import Stage
from tests.planting import Patch
from tests.server import PROJECT

BUGS = (*RULE_BUGS, *ENGINE_BUGS, *ANSWER_BUGS, *LATE_BUGS)
AT_ONCE = 2
LOAD_SECONDS = 2.0
TEST_NAME = "test_a_planted_bug_is_caught"
# Shows which workers have answered already.
LOGGED = {"LOG_LEVEL": "info"}
# Where one client asks at a time, one worker answers.
ALONE = {"WEB_CONCURRENCY": 1}
TABLE_ROW = re.compile(r"^\| ([^|]+?) \| ([^|]+?) \|$", re.MULTILINE)
HEAD = ("Planted bug", "Caught by")


def checks_that_catch(bug: Bug, folder: Path) -> set[str]:
    """The checks that find something wrong with what a server with this bug says and does."""
    is_race = bug.play is None or bug.play in plays.RACES
    settings = SETTINGS | (LOGGED if is_race else ALONE)
    with PlantedServer(folder, bug, **settings) as server:
        keys = make_keys(server)
        if bug.play is None:
            history = run_sale(server, keys, "planted", bug.name, LOAD_SECONDS)
        else:
            stage = Stage(server, keys, "planted")
            with stage.open():
                bug.play(stage)
                history = stage.history()
    return {violation.check for violation in check(history).violations}


@pytest.fixture(scope="module")
def caught(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Bug], set[str]]]:
    """What catches a bug; the bugs of the tests that were chosen are looked at two at a time."""
    chosen: list[Bug] = [
        cast(Any, item).callspec.params["bug"]
        for item in request.session.items
        if getattr(item, "originalname", "") == TEST_NAME
    ]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        running: dict[str, Future[set[str]]] = {
            bug.name: threads.submit(checks_that_catch, bug, tmp_path_factory.mktemp("planted"))
            for bug in chosen
        }
        yield lambda bug: running[bug.name].result()


@pytest.mark.sqlite_only("some bugs are planted in the words of SQLite")
@pytest.mark.parametrize("bug", BUGS, ids=[bug.name for bug in BUGS])
def test_a_planted_bug_is_caught(bug: Bug, caught: Callable[[Bug], set[str]]) -> None:
    assert bug.caught_by in caught(bug)


def test_the_table_names_each_bug_and_what_catches_it() -> None:
    table = TABLE_ROW.findall((PROJECT / "docs" / "reliability.md").read_text(encoding="utf-8"))
    rows = table[table.index(HEAD) + 2 :]
    assert rows[: len(BUGS)] == [(bug.name, bug.caught_by) for bug in BUGS]


def test_a_patch_that_no_longer_fits_fails_loudly(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one two two")
    for before in ("two", "three"):
        with pytest.raises(ValueError, match=f"a.py has . times '{before}': mend this patch"):
            Patch("a.py", before, "four").apply(tmp_path)
    Patch("a.py", "one", "four").apply(tmp_path)
    assert (tmp_path / "a.py").read_text() == "four two two"
