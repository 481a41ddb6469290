"""The page on reliability says what defends each promise of the README."""

import re

import pytest

from tests.api.traps import JSON_TRAPS
from tests.faults.bad_clients.kinds import CROWD
from tests.faults.bad_clients.run import (
    GROWTH_MIB_MAX,
    LONGEST_WAIT_SECONDS_MAX,
    TIMES_QUIET_MAX,
    WAIT_SECONDS_MAX,
)
from tests.faults.bad_clients.smuggling import attempts
from tests.faults.secrets.canary import HEADERS
from tests.faults.secrets.search import STRETCH_LENGTH
from tests.server import PROJECT
from ticketboss.domain.api_keys import SHOWN_LENGTH

PROMISES = re.findall(
    r"^(\d+)\. (.+)$",
    (PROJECT / "README.md").read_text().split("## What is promised")[1].split("Not promised:")[0],
    re.MULTILINE,
)
PAGE = (PROJECT / "docs" / "reliability.md").read_text()
TEXT = " ".join(PAGE.split())
ROWS = dict(re.findall(r"^\| (\d+)\. [^|]+ \| (.+) \|$", PAGE, re.MULTILINE))
TEST_FILE = re.compile(r"\(\.\./(tests/[^)#]+\.py)\)")


def test_there_are_promises_and_each_has_its_row() -> None:
    assert len(PROMISES) == 9
    assert [number for number, _ in PROMISES] == [*ROWS]


@pytest.mark.parametrize("number", ROWS)
def test_each_promise_is_defended_by_a_test_of_its_own(number: str) -> None:
    files = TEST_FILE.findall(ROWS[number])
    assert files
    for file in files:
        assert "def test_" in (PROJECT / file).read_text()


def test_every_package_of_fault_tests_has_its_section() -> None:
    packages = {path.parent.name for path in (PROJECT / "tests/faults").glob("*/__init__.py")}
    assert {name for name in packages if f"tests/faults/{name}" not in PAGE} == set()


@pytest.mark.parametrize(
    "said",
    [
        f"{CROWD['idle'][1]:,} connections that say nothing",
        f"{CROWD['idle behind a request'][1]} that say nothing more",
        f"{CROWD['slow head'][1]} heads and {CROWD['slow body'][1]} bodies that drip",
        f"{CROWD['slow reader'][1]} clients that take nothing",
        f"larger of {TIMES_QUIET_MAX} times its quiet value and {WAIT_SECONDS_MAX * 1_000:.0f} ms",
        f"Nobody waits longer than {LONGEST_WAIT_SECONDS_MAX:.0f} seconds",
        f"{GROWTH_MIB_MAX} MiB more than before the first bad client",
        f"{len(attempts())} requests that hide another one",
        f"{len(JSON_TRAPS)} traps of JSON",
        f"the right header, {len(HEADERS)} wrong ones",
        f"{STRETCH_LENGTH} characters of one that follow each other",
        f"behind the {SHOWN_LENGTH} that may be shown",
    ],
)
def test_numbers_of_the_page_are_those_of_the_tests(said: str) -> None:
    assert said in TEXT
