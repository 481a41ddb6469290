"""SECURITY.md names every risk of the OWASP list, and for each a test that is there."""

import re

import pytest

from tests.server import PROJECT
from ticketboss import __version__

PAGE = (PROJECT / "SECURITY.md").read_text()
ROW = re.compile(r"^\| API(\d+) ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
TEST_LINK = re.compile(r"\]\((tests/[\w/]+\.py)\)")
# https://owasp.org/API-Security/editions/2023/en/0x11-t10/
RISKS = [
    "Broken object level authorization",
    "Broken authentication",
    "Broken object property level authorization",
    "Unrestricted resource consumption",
    "Broken function level authorization",
    "Unrestricted access to sensitive business flows",
    "Server side request forgery",
    "Security misconfiguration",
    "Improper inventory management",
    "Unsafe consumption of APIs",
]


def test_all_ten_risks_are_there_in_their_order() -> None:
    assert [(int(number), name) for number, name, _, _ in ROW.findall(PAGE)] == [
        *enumerate(RISKS, start=1)
    ]


@pytest.mark.parametrize("row", ROW.findall(PAGE), ids=lambda row: f"API{row[0]}")
def test_each_risk_is_defended_by_a_test(row: tuple[str, str, str, str]) -> None:
    files = TEST_LINK.findall(row[3])
    assert files
    for name in files:
        assert re.search(r"^def test_", (PROJECT / name).read_text(), re.MULTILINE), name


def test_this_version_is_a_supported_one() -> None:
    series = __version__.rpartition(".")[0]
    assert f"| {series}.x, the branch `main` | yes |" in PAGE
