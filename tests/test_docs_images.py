"""The pictures in docs/: small, shown on a page, and made by the script that is there for it."""

import re
from pathlib import Path

import pytest

from tests.console import screenshots
from tests.server import PROJECT

IMAGE_BYTES_MAX = 150_000
IMAGES = sorted((PROJECT / "docs" / "images").iterdir())
SHOWN = re.compile(r"\]\((?:docs/)?images/([\w-]+\.png)\)")


@pytest.mark.parametrize("path", IMAGES, ids=lambda path: str(path.name))
def test_picture_is_small(path: Path) -> None:
    assert path.read_bytes().startswith(b"\x89PNG")
    assert path.stat().st_size < IMAGE_BYTES_MAX


def test_every_picture_is_shown_on_a_page() -> None:
    pages = [PROJECT / "README.md", *(PROJECT / "docs").glob("*.md")]
    shown = {name for page in pages for name in SHOWN.findall(page.read_text())}

    assert shown == {path.name for path in IMAGES}


def test_script_makes_every_picture() -> None:
    views = screenshots.LIVE_VIEWS | screenshots.VIEWS
    names = {*views, *screenshots.ON_A_PHONE, screenshots.SIGN_IN}

    assert {f"{name}.png" for name in names} == {path.name for path in IMAGES}
