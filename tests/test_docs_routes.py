"""The README's contract and the operator guide name every route, with the key that it needs."""

import re
import shlex

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from tests.pasting import curl_arguments
from tests.server import PROJECT
from ticketboss.api.operations import operation_of
from ticketboss.api.scopes import need_of
from ticketboss.app import create_app
from ticketboss.config import load_settings

CONTRACT_ROW = re.compile(r"^\| (`[A-Z]+ /.*) \| ([a-z, ]+) \| .* \|$", re.MULTILINE)
REQUEST = re.compile(r"`([A-Z]+) (/[^`]*)`")
KEY_OF_NEED = {
    "nothing": "none",
    "any key": "any",
    "operator key": "operator",
    "live operator key": "operator, live",
    "live operator key or loopback": "operator, live, or loopback",
}
# What the README sums up as the same, for any event.
ON_ONE_RESERVATION = "/events/<event_id>/reservations/<reservation_id>"


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setenv("TICKETBOSS_ENV_FILE", "")
    return create_app(load_settings())


def routes(app: Flask) -> dict[tuple[str, str], str]:
    """All routes for programs as (method, rule), and the README's words for their need."""
    found = {}
    for rule in app.url_map.iter_rules():
        if operation_of(app.view_functions[rule.endpoint]).is_page:
            continue
        need = KEY_OF_NEED[need_of(app.view_functions[rule.endpoint])]
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            found[method, rule.rule] = need
    return found


def route_of(app: Flask, method: str, path: str) -> tuple[str, str]:
    """The route that a request of this method and path meets."""
    try:
        rule, _ = app.url_map.bind("localhost").match(path, method, return_rule=True)
    except HTTPException as error:
        raise AssertionError(f"There is no {method} {path}.") from error
    return method, rule.rule


def test_contract_names_every_route_with_the_key_that_it_needs(app: Flask) -> None:
    named = {
        route_of(app, method, path): key
        for requests, key in CONTRACT_ROW.findall((PROJECT / "README.md").read_text())
        for method, path in REQUEST.findall(requests)
    }
    expected = {
        route: key
        for route, key in routes(app).items()
        if not route[1].startswith(ON_ONE_RESERVATION)
    }
    assert named == expected


def test_operator_guide_has_a_request_for_every_route_of_operators(app: Flask) -> None:
    requests = map(_request, curl_arguments("docs/operator-guide.md"))
    asked = {route_of(app, method, path) for method, path in requests}
    for_operators = {route for route, key in routes(app).items() if key.startswith("operator")}
    assert for_operators - asked == set()


def _request(arguments: str) -> tuple[str, str]:
    """The method and the path of a curl command, given what stands behind `curl`."""
    # Of the command alone: what is behind it would need a whole shell to be read.
    words = shlex.split(re.split(r" \||\)\n|; do|\n(?=\w)", arguments)[0])
    url = next(word for word in words if word.startswith(("$site/", "http://")))
    path = "/" + url.removeprefix("http://").partition("/")[2].partition("?")[0]
    if "-X" in words:
        return words[words.index("-X") + 1], path
    return ("POST" if "-d" in words else "GET"), path
