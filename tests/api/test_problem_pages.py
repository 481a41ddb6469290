"""The pages that `type` points to, and the policy of pages and other answers."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gunicorn_refusals import REFUSAL_CODES
from ticketboss.api.problem_documents import facts_of, problem_example
from ticketboss.api.problem_types import ALL_PROBLEMS, PROBLEMS

PROJECT = Path(__file__).parents[2]
NOTHING = "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize("code", ALL_PROBLEMS)
def test_every_code_has_a_page(app: Flask, code: str) -> None:
    response = _page(app, f"/problems/{code}")

    assert response.status_code == 200
    assert response.content_type == "text/html; charset=utf-8"
    for word in (code, str(ALL_PROBLEMS[code].status)):
        assert word in response.text
    assert "{" not in problem_example(code, ALL_PROBLEMS[code])["detail"]
    assert "script" not in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]


def test_codes_of_the_server_in_front_have_pages_too() -> None:
    assert {*REFUSAL_CODES.values(), "bad_request"} <= ALL_PROBLEMS.keys()


def test_unknown_code_is_a_problem(app: Flask) -> None:
    response = _page(app, "/problems/<b>unheard-of</b>")

    assert response.status_code == 404
    assert response.get_json()["code"] == "not_found"


@pytest.mark.parametrize("url", ["/healthz", "/reservations", "/nothing", "/openapi.json"])
def test_what_is_no_page_may_load_nothing(app: Flask, url: str) -> None:
    assert _page(app, url).headers.getlist("Content-Security-Policy") == [NOTHING]


def test_page_of_the_document_may_load_from_here_alone(app: Flask) -> None:
    (policy,) = _page(app, "/docs").headers.getlist("Content-Security-Policy")

    sources = {word for directive in policy.split("; ") for word in directive.split()[1:]}
    assert sources == {"'none'", "'self'", "data:"}


@pytest.mark.parametrize("name", ["swagger-ui-bundle.js", "swagger-ui.css", "docs.js", "pages.css"])
def test_files_of_the_page_are_served_with_their_type(app: Flask, name: str) -> None:
    response = _page(app, f"/docs/{name}")

    assert response.mimetype == ("text/javascript" if name.endswith(".js") else "text/css")


@pytest.mark.parametrize("name", ["unknown.js", "docs.html", "..%2Fopenapi.py", "LICENSE"])
def test_no_other_file_is_served(app: Flask, name: str) -> None:
    assert _page(app, f"/docs/{name}").status_code == 404


def test_facts_of_every_code_fill_its_detail() -> None:
    for code, kind in PROBLEMS.items():
        assert kind.detail.format(**dict.fromkeys(facts_of(code), 1)), code


def _page(app: Flask, url: str) -> TestResponse:
    # Not the partner's client, which wants no pages.
    return FlaskClient(app, app.response_class).get(url, buffered=True)
