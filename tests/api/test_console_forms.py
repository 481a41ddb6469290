"""What is sent to the pages and is no form of theirs, and what is no page."""

import pytest
from flask import Flask

from tests.api.browsing import Browser, browser
from ticketboss.repository.interface import StorageUnavailable

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


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_no_page_is_said_on_one(page: Browser, method: str) -> None:
    answer = getattr(page, method)("/console/nonsense", headers={"Accept": "text/html"})

    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "/console/" in answer.text
    elsewhere = page.get("/nonsense", headers={"Accept": "text/html"})
    assert elsewhere.mimetype == "application/problem+json"
    asked = page.get("/console/nonsense", headers={"Accept": "application/json"})
    assert asked.get_json()["code"] == "not_found"


def test_storage_that_fails_is_a_page_that_says_so(
    app: Flask, page: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StorageUnavailable("no disk")

    monkeypatch.setattr(app.extensions["ticketboss"].repository, "events", fail)

    answer = page.get("/console/")

    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert "the database cannot be used right now" in answer.text
    assert "no disk" not in answer.text
