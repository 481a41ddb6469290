"""The checker is tested: with each of these bugs in a copy of the code, it says what is wrong."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.history.checker import check
from tests.faults.history.planted import Bug, PlantedServer
from tests.faults.history.planted_engine import ENGINE_BUGS
from tests.faults.history.planted_rules import RULE_BUGS
from tests.faults.history.sale import SETTINGS, make_keys, run_sale
from tests.faults.history.stage import Stage

BUGS = (*RULE_BUGS, *ENGINE_BUGS)
AT_ONCE = 2
LOAD_SECONDS = 2.0
TABLE_ROW = re.compile(r"^\| ([^|]+?) \| ([^|]+?) \|$", re.MULTILINE)
HEAD = ("Planted bug", "Caught by")


def checks_that_catch(bug: Bug, folder: Path) -> set[str]:
    """The checks that find something wrong with what a server with this bug says and does."""
    with PlantedServer(folder, bug, **SETTINGS) as server:
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
    chosen = [
        item.callspec.params["bug"]
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and item.module is request.module
        and hasattr(item, "callspec")
    ]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        running: dict[str, Future[set[str]]] = {
            bug.name: threads.submit(checks_that_catch, bug, tmp_path_factory.mktemp("planted"))
            for bug in chosen
        }
        yield lambda bug: running[bug.name].result()


@pytest.mark.parametrize("bug", BUGS, ids=[bug.name for bug in BUGS])
def test_a_planted_bug_is_caught(bug: Bug, caught: Callable[[Bug], set[str]]) -> None:
    assert bug.caught_by in caught(bug)
