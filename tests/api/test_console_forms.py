"""What is sent to the pages and is no form of theirs."""

import pytest
from flask import Flask

from tests.api.browsing import Browser, browser

EVENT = "/console/events/node-meetup-2025"


@pytest.fixture
def page(app: Flask) -> Browser:
    return browser(app)


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"token=%zz&=", "application/x-www-form-urlencoded", 400),
        (b"\xff", "application/x-www-form-urlencoded", 400),
        (b"a=1&" * 60, "application/x-www-form-urlencoded", 400),
        (b"{}", "application/json", 415),
        (b"x" * 20_000, "application/x-www-form-urlencoded", 413),
    ],
)
def test_what_is_no_form_is_refused(
    page: Browser, body: bytes, media_type: str, status: int
) -> None:
    answer = page.post(f"{EVENT}/pause", data=body, content_type=media_type)

    assert answer.status_code == status
    assert answer.mimetype == "text/html"
