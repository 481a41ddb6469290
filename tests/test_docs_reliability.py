"""The page on reliability says what defends each promise of the README."""

import re

import pytest

from tests.server import PROJECT

PROMISES = re.findall(
    r"^(\d+)\. (.+)$",
    (PROJECT / "README.md").read_text().split("## What is promised")[1].split("Not promised:")[0],
    re.MULTILINE,
)
PAGE = (PROJECT / "docs" / "reliability.md").read_text()
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
