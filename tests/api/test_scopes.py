"""Which key each route asks for: every route is walked, none may be forgotten."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.api.conftest import OpenApp
from tests.api.keyed import Keyed
from tests.api.partner import PartnerClient, problem
from tests.api.walking import routes
from ticketboss.api import events, health
from ticketboss.api.scopes import ATTRIBUTE
from ticketboss.services import Services

NEEDS = {
    "GET /healthz": "nothing",
    "GET /readyz": "nothing",
    "GET /": "any key",
    "GET /openapi.json": "nothing",
    "GET /docs": "nothing",
    "GET /docs/<asset>": "nothing",
    "GET /problems/<code>": "nothing",
    "GET /reservations": "any key",
    "POST /reservations": "any key",
    "GET /reservations/<reservation_id>": "any key",
    "PATCH /reservations/<reservation_id>": "any key",
    "DELETE /reservations/<reservation_id>": "any key",
    "POST /reservations/<reservation_id>/confirm": "any key",
    "GET /events/<event_id>": "any key",
    "POST /events/<event_id>/reservations": "any key",
    "GET /events/<event_id>/reservations/<reservation_id>": "any key",
    "PATCH /events/<event_id>/reservations/<reservation_id>": "any key",
    "DELETE /events/<event_id>/reservations/<reservation_id>": "any key",
    "POST /events/<event_id>/reservations/<reservation_id>/confirm": "any key",
    "POST /reservations/bulk": "any key",
    "POST /reservations/reconcile": "any key",
    "GET /events/<event_id>/reservations": "any key",
    "POST /events/<event_id>/reservations/bulk": "any key",
    "POST /events/<event_id>/reservations/reconcile": "any key",
    "GET /events/<event_id>/ledger": "any key",
    "GET /events": "operator key",
    "GET /events/<event_id>/reservations.csv": "operator key",
    "GET /events/<event_id>/audit": "operator key",
    "POST /events": "operator key",
    "POST /events/pause": "operator key",
    "PATCH /events/<event_id>": "operator key",
    "POST /events/<event_id>/pause": "operator key",
    "POST /events/<event_id>/resume": "operator key",
    "POST /events/<event_id>/cancel": "operator key",
    "GET /keys": "live operator key",
    "POST /keys": "live operator key",
    "DELETE /keys/<key_id>": "live operator key",
    "GET /partners": "live operator key",
    "POST /partners/<partner_id>/freeze": "live operator key",
    "POST /partners/<partner_id>/unfreeze": "live operator key",
    "GET /admin-log": "live operator key",
    "GET /metrics": "live operator key or loopback",
}
KEYED_NEEDS = (
    *("any key", "operator key", "live operator key"),
    "live operator key or loopback",
)


def stated_needs(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Method, URL rule and need of each route for programs that the application really has."""
    return ((route.method, route.rule, route.need) for route in routes(app))


def urls(app: Flask, *needs: str) -> Iterator[tuple[str, str]]:
    """Method and URLs of each route with one of these needs, for two events."""
    for method, rule, need in stated_needs(app):
        if need in needs:
            for event_id in ("node-meetup-2025", "unknown"):
                yield method, re.sub("<[^>]+>", "unknown", rule.replace("<event_id>", event_id))


def state_of(services: Services) -> tuple[object, ...]:
    """All that an operator could have changed."""
    access = services.repository.access
    return (
        services.repository.events("", 100),
        access.keys("", 100),
        access.partners("", 100),
        access.admin_log(None, 100),
    )


def test_each_route_needs_what_this_table_says(app: Flask) -> None:
    found = {f"{m} {rule}": need for m, rule, need in stated_needs(app) if m != "HEAD"}

    assert found == NEEDS


def test_head_needs_what_get_needs(app: Flask) -> None:
    found = {(method, rule): need for method, rule, need in stated_needs(app)}

    for method, rule in found:
        if method == "HEAD":
            assert found["HEAD", rule] == found["GET", rule]


@pytest.mark.parametrize("view", [health.ready, events.cancel])
def test_application_with_an_unstated_route_does_not_start(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch, view: object
) -> None:
    monkeypatch.delattr(view, ATTRIBUTE)

    with pytest.raises(RuntimeError, match=getattr(view, "__name__", "")):
        open_app()


def test_every_route_but_the_health_checks_asks_for_a_key(keyed: Keyed, services: Services) -> None:
    before = state_of(services)
    asked = list(urls(keyed.app, *KEYED_NEEDS))

    for method, url in asked:
        response = keyed.nobody().open(url, method=method, json={})

        assert response.status_code == 401, (method, url)
        if method != "HEAD":
            problem(response, 401, "key_required")
    assert len(asked) > 2 * len(NEEDS) - 4
    assert state_of(services) == before


@pytest.mark.parametrize("url", ["/healthz", "/readyz", "/openapi.json"])
def test_health_checks_and_the_document_ask_for_no_key(keyed: Keyed, url: str) -> None:
    assert keyed.nobody().get(url).status_code == 200


@pytest.mark.parametrize("is_test", [False, True])
def test_partners_key_gets_nothing_of_what_operators_do(
    keyed: Keyed, services: Services, is_test: bool
) -> None:
    partner = keyed.partner(is_test=is_test)
    before = state_of(services)

    for method, url in urls(keyed.app, *KEYED_NEEDS[1:]):
        response = partner.open(url, method=method, json=_plausible_body(url))

        assert response.status_code == 403, (method, url)
        if method != "HEAD":
            problem(response, 403, "wrong_scope")
    assert state_of(services) == before


def test_test_operators_key_gets_nothing_of_what_concerns_all_events(
    keyed: Keyed, services: Services
) -> None:
    operator = keyed.operator(is_test=True)
    before = state_of(services)

    for method, url in urls(keyed.app, "live operator key"):
        response = operator.open(url, method=method, json=_plausible_body(url))

        assert response.status_code == 403, (method, url)
        if method != "HEAD":
            assert "eventIsTest" not in problem(response, 403, "test_key")
    assert state_of(services) == before


def test_partner_cannot_touch_keys_that_exist(keyed: Keyed) -> None:
    operator, partner = keyed.operator(), keyed.partner()

    for key_id in (operator.key_id, partner.key_id):
        problem(partner.delete(f"/keys/{key_id}"), 403, "wrong_scope")
    assert operator.get("/").status_code == 200


def test_operators_key_does_all_that_a_partners_key_does(keyed: Keyed) -> None:
    operator: PartnerClient = keyed.operator()
    hold_id, reservation_id = operator.held_id(), operator.reserved_id()

    assert operator.event()["version"] == 2
    assert operator.confirm(hold_id).status_code == 200
    assert operator.change(hold_id, seats=2).status_code == 200
    assert operator.reservation(hold_id)["seats"] == 2
    assert operator.cancel(reservation_id).status_code == 204


def _plausible_body(url: str) -> dict[str, str]:
    """What the route would take, if the key were good."""
    if url.endswith("/freeze"):
        return {"holds": "keep"}
    return {"scope": "operator"} if url == "/keys" else {"name": "Another"}
