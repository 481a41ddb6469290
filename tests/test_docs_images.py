"""The pictures in docs/: small, shown on a page, and made by the script that is there for it."""

import re
import struct
from pathlib import Path

import pytest

from tests.console import screenshots
from tests.server import PROJECT

IMAGE_BYTES_MAX = 150_000
# Of a larger picture, such as that of a screen on a wall.
BYTES_PER_PIXEL_MAX = 0.13
IMAGES = sorted((PROJECT / "docs" / "images").iterdir())
SHOWN = re.compile(r"\]\((?:docs/)?images/([\w-]+\.png)\)")


@pytest.mark.parametrize("path", IMAGES, ids=lambda path: str(path.name))
def test_picture_is_small(path: Path) -> None:
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG")
    # Its first chunk begins with both (https://www.w3.org/TR/png-3/#11IHDR).
    width, height = struct.unpack(">II", content[16:24])
    assert len(content) < max(IMAGE_BYTES_MAX, BYTES_PER_PIXEL_MAX * width * height)


def test_every_picture_is_shown_on_a_page() -> None:
    pages = [PROJECT / "README.md", *(PROJECT / "docs").glob("*.md")]
    shown = {name for page in pages for name in SHOWN.findall(page.read_text())}

    assert shown == {path.name for path in IMAGES}


def test_script_makes_every_picture() -> None:
    views = screenshots.LIVE_VIEWS | screenshots.WALL_VIEWS | screenshots.VIEWS
    names = {*views, *screenshots.ON_A_PHONE, screenshots.SIGN_IN}

    assert {f"{name}.png" for name in names} == {path.name for path in IMAGES}
