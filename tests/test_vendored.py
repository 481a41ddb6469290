"""Files of others are what their authors have published, with their licence beside them."""

import hashlib
from pathlib import Path

import pytest

from tests.server import PROJECT

UPLOT = PROJECT / "ticketboss/console/static/vendor"
AXE = PROJECT / "tests/console/axe"
# SHA-256 of the files in the packages uplot 1.6.32 and axe-core 4.14.1 for npm.
PUBLISHED = {
    UPLOT / "uplot-1.6.32.min.js": (
        "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f"
    ),
    UPLOT / "uplot-1.6.32.min.css": (
        "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04"
    ),
    UPLOT / "uplot-LICENSE.txt": (
        "8f989229699b4fe2f1a0432d0e9edc338a8a911e250e2d1b01ecd770a5f5b1bd"
    ),
    AXE / "axe.min.js": "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c",
    AXE / "LICENSE": "af175b9d96ee93c21a036152e1b905b0b95304d4ae8c2c921c7609100ba8df7e",
}


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: str(path.name))
def test_vendored_file_is_the_published_one(path: Path) -> None:
    assert hashlib.sha256(path.read_bytes()).hexdigest() == PUBLISHED[path]


def test_nothing_else_is_vendored() -> None:
    assert {*UPLOT.iterdir(), *AXE.iterdir()} == {*PUBLISHED}


def test_licences_say_whose_they_are() -> None:
    assert "Leon Sorokin" in (UPLOT / "uplot-LICENSE.txt").read_text()
    assert "Mozilla Public License" in (AXE / "LICENSE").read_text()
