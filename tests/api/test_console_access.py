"""Who gets to the operators' pages: every route of them is walked, none may be forgotten."""

import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.api.browsing import Browser, browser
from tests.api.conftest import OpenApp
from tests.api.keyed import ISSUER, Keyed
from tests.api.walking import DEFAULT_EVENT, VERBS, Route, page_routes
from ticketboss.api.content_security import CONSOLE, HEADER
from ticketboss.api.context import SESSIONS
from ticketboss.console.sessions import COOKIE, SessionAdmission
from ticketboss.engine.keys import hashed
from ticketboss.services import Services

NEEDS = {
    "GET /console/static/<asset>": "nothing",
    "GET /console/sign-in": "nothing",
    "POST /console/sign-in": "nothing",
    "POST /console/sign-out": "operator session",
    "GET /console/": "operator session",
    "GET /console/live": "operator session",
    "GET /console/new-event": "operator session",
    "POST /console/new-event": "operator session",
    "GET /console/events/<event_id>": "operator session",
    "GET /console/events/<event_id>/live": "operator session",
    "GET /console/events/<event_id>/history": "operator session",
    "GET /console/events/<event_id>/change": "operator session",
    "POST /console/events/<event_id>/change": "operator session",
    "GET /console/events/<event_id>/pause": "operator session",
    "POST /console/events/<event_id>/pause": "operator session",
    "GET /console/events/<event_id>/resume": "operator session",
    "POST /console/events/<event_id>/resume": "operator session",
    "GET /console/events/<event_id>/reservations": "operator session",
    "GET /console/events/<event_id>/reservations/<reservation_id>/cancel": "operator session",
    "POST /console/events/<event_id>/reservations/<reservation_id>/cancel": "operator session",
    "GET /console/partners": "live operator session",
    "GET /console/partners/<partner_id>/freeze": "live operator session",
    "POST /console/partners/<partner_id>/freeze": "live operator session",
    "GET /console/partners/<partner_id>/unfreeze": "live operator session",
    "POST /console/partners/<partner_id>/unfreeze": "live operator session",
    "GET /console/keys": "live operator session",
    "GET /console/new-key": "live operator session",
    "POST /console/new-key": "live operator session",
    "GET /console/keys/<key_id>/revoke": "live operator session",
    "POST /console/keys/<key_id>/revoke": "live operator session",
}
PARTNER = "owner-company"
# What no page may tell whoever has no session; URLs come from these themselves.
NAME, REFERENCE = "Owners and Sons", "owners-reference"


@pytest.fixture
def values(keyed: Keyed) -> dict[str, str]:
    """The parameters of URLs, each with what there is."""
    issued = keyed.desk.issue_key(ISSUER, PARTNER, is_test=False, partner_name=NAME)
    made = keyed.holder(issued).reserve(2, reference=REFERENCE).get_json()
    return {
        "event_id": DEFAULT_EVENT,
        "reservation_id": made["reservationId"],
        "key_id": issued.key.key_id,
        "partner_id": PARTNER,
        "asset": "console.css",
    }


def state_of(services: Services) -> tuple[object, ...]:
    """All that the pages could have changed."""
    access = services.repository.access
    return (
        services.repository.totals(DEFAULT_EVENT),
        services.repository.events("", 100),
        access.keys("", 100),
        access.partners("", 100),
        access.admin_log(None, 100),
    )


def assert_sent_away(route: Route, response: TestResponse) -> None:
    """Assert that an answer has nothing but the way to the sign-in."""
    assert NAME not in response.text
    assert REFERENCE not in response.text
    if route.method in ("GET", "HEAD"):
        assert response.status_code == 303, route.name
        assert response.location.startswith("/console/sign-in?next=/console/"), route.name
    else:
        assert response.status_code == 401, route.name


def closed(app: Flask) -> list[Route]:
    """All pages that are for operators."""
    return [route for route in page_routes(app) if route.need != "nothing"]


def test_each_page_needs_what_this_table_says(app: Flask) -> None:
    found = {route.name: route.need for route in page_routes(app) if route.method != "HEAD"}

    assert found == NEEDS


def test_without_a_session_every_page_sends_to_the_sign_in(
    keyed: Keyed, services: Services, values: dict[str, str]
) -> None:
    before = state_of(services)

    for route in closed(keyed.app):
        assert_sent_away(route, browser(keyed.app).open(route.url(values), method=route.method))
    assert state_of(services) == before


@pytest.mark.parametrize("partner_id", [PARTNER, None], ids=["partner", "operator"])
def test_a_key_in_the_header_opens_no_page(
    keyed: Keyed, services: Services, values: dict[str, str], partner_id: str | None
) -> None:
    bearer = {"Authorization": f"Bearer {keyed.issue(partner_id).secret}"}
    before = state_of(services)

    for route in closed(keyed.app):
        asked = browser(keyed.app).open(route.url(values), method=route.method, headers=bearer)
        assert_sent_away(route, asked)
    assert state_of(services) == before


def test_not_even_a_sealed_session_of_a_partners_key_opens_a_page(
    keyed: Keyed, services: Services, values: dict[str, str]
) -> None:
    sealed = _sealed(keyed.app, keyed.issue(PARTNER).secret)
    before = state_of(services)

    for route in closed(keyed.app):
        holder = browser(keyed.app)
        holder.set_cookie(COOKIE, sealed, path="/console")
        assert_sent_away(route, holder.open(route.url(values), method=route.method))
    assert state_of(services) == before


def test_partners_key_signs_nobody_in(keyed: Keyed) -> None:
    visitor = browser(keyed.app)

    refused = visitor.sign_in(keyed.issue(PARTNER).secret)

    assert refused.status_code == 403
    assert "partner&#39;s key" in refused.text
    assert visitor.get("/console/").status_code == 303


def test_operator_reaches_every_page(keyed: Keyed, values: dict[str, str]) -> None:
    signed_in = _signed_in(keyed)

    for route in page_routes(keyed.app):
        if route.method == "GET":
            response = signed_in.open(route.url(values), method="GET", buffered=True)
            assert response.status_code == 200, route.name
            if route.operation.gives[1] == "text/html":
                assert response.headers[HEADER] == CONSOLE
                assert response.headers["Cache-Control"] == "no-store"
                assert not re.search(r"<script>|\son\w+=|style=", response.text), route.name


def test_test_operators_session_reaches_nothing_that_concerns_all_events(
    keyed: Keyed, services: Services, values: dict[str, str]
) -> None:
    signed_in = _signed_in(keyed, is_test=True)
    before = state_of(services)

    for route in closed(keyed.app):
        if route.need == "live operator session":
            response = signed_in.open(route.url(values), method=route.method)
            assert response.status_code == 403, route.name
    assert signed_in.get(f"/console/events/{DEFAULT_EVENT}").status_code == 403
    assert DEFAULT_EVENT not in signed_in.get("/console/").text
    assert state_of(services) == before


def test_form_without_its_token_or_with_another_sessions_does_nothing(
    keyed: Keyed, services: Services, values: dict[str, str]
) -> None:
    signed_in, other = _signed_in(keyed), _signed_in(keyed)
    foreign = other.token(other.get("/console/new-key").text)
    fields = {"confirmed": "yes", "once": "a" * 16, "holds": "keep", "scope": "operator"}
    before = state_of(services)

    for route in page_routes(keyed.app):
        if route.method == "POST":
            for token in ({}, {"token": foreign}, {"token": ""}):
                response = signed_in.post(route.url(values), data={**fields, **token})
                assert response.status_code == 400, route.name
                assert "not of your session" in response.text
    assert state_of(services) == before
    assert signed_in.get("/console/").status_code == 200


@pytest.mark.parametrize("is_signed_in", [True, False], ids=["signed in", "nobody"])
def test_key_in_the_wrong_place_is_not_shown_again(
    keyed: Keyed, values: dict[str, str], is_signed_in: bool
) -> None:
    asking = _signed_in(keyed) if is_signed_in else browser(keyed.app)
    token = asking.token(asking.get("/console/sign-in").text)
    secret = keyed.issue(PARTNER).secret
    named = ("name", "eventId", "partnerId", "key", "next", "once", "confirmed")
    forms = [{"token": token, name: secret} for name in named]

    for route in page_routes(keyed.app):
        urls = [route.url(values | {name: secret}) for name in route.parameters]
        names = ("find", "event", "cursor", "done", "next", "minutes", "after", "unknown")
        urls += [f"{route.url(values)}?{name}={secret}" for name in names]
        for url in urls:
            for form in forms if route.method == "POST" else [None]:
                response = asking.open(url, method=route.method, data=form, buffered=True)
                assert secret not in response.text, (route.name, url, form)
                assert secret not in str(response.headers), (route.name, url, form)


def test_other_methods_of_pages_are_refused(keyed: Keyed, values: dict[str, str]) -> None:
    signed_in = _signed_in(keyed)
    methods: dict[str, set[str]] = {}
    for route in page_routes(keyed.app):
        methods.setdefault(route.url(values), set()).add(route.method)

    for url, allowed in methods.items():
        for method in {*VERBS} - allowed:
            assert signed_in.open(url, method=method).status_code == 405, (method, url)


def test_open_mode_needs_no_session_on_this_machine_alone(open_app: OpenApp, app: Flask) -> None:
    local = browser(app)

    assert "Open mode" in local.get("/console/").text
    assert local.get("/console/sign-in").location == "/console/"
    for headers in ({"Host": "tickets.example"}, {"X-Forwarded-For": "10.0.0.7"}):
        assert local.get("/console/", headers=headers).status_code == 403
    foreign = local.post("/console/new-key", headers={"Origin": "http://evil.example"})
    assert foreign.status_code == 403


def _signed_in(keyed: Keyed, is_test: bool = False) -> Browser:
    opened = browser(keyed.app)
    assert opened.sign_in(keyed.issue(None, is_test).secret).status_code == 303
    return opened


def _sealed(app: Flask, secret: str) -> str:
    admission: SessionAdmission = app.extensions[SESSIONS]
    return admission.sessions.sealed(admission.sessions.start(hashed(secret)))
