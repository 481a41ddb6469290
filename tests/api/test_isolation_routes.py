"""Two partners on every route and every method: none gets anything of the other's.

The routes are those that the application has, so that a new one cannot be forgotten here.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.api.keyed import Keyed
from tests.api.partner import PartnerClient
from tests.api.walking import DEFAULT_EVENT, VERBS, Route, routes, rules
from ticketboss.services import Services

OWNER, RIVAL = "owner-company", "rival-company"
UNKNOWN_ID = "01980000-0000-7000-8000-000000000000"
REFERENCE, OWNERS_KEY = "owners-reference", "owners-idempotency-key"
HEADERS = {"X-Request-Id": "the-same-for-both"}
# A partner's key opens these; whatever else there is, is for operators or for everybody.
PARTNERS_NEED = "any key"


@dataclass(frozen=True, slots=True)
class Owner:
    """What one partner has, none of which the other may see."""

    client: PartnerClient
    hold_id: str
    reservation_id: str
    secret: str

    @property
    def marks(self) -> set[str]:
        """Texts that would give it away."""
        own = (self.hold_id, self.reservation_id, self.secret, str(self.client.key_id))
        return {OWNER, REFERENCE, OWNERS_KEY, *own}

    def values(self) -> dict[str, str]:
        """The parameters of URLs, each with what is the owner's."""
        return {
            "event_id": DEFAULT_EVENT,
            "reservation_id": self.reservation_id,
            "key_id": str(self.client.key_id),
            "partner_id": OWNER,
            "code": "not_found",
            "asset": "docs.js",
        }

    def queries(self) -> dict[str, str]:
        """The parameters of queries, each with what would find the owner's."""
        return {
            "limit": "100",
            "cursor": "0",
            "status": "confirmed",
            "reference": REFERENCE,
            "partnerId": OWNER,
            "after": "0",
            "wait": "0",
            "at": "1",
        }


@pytest.fixture
def owner(keyed: Keyed) -> Owner:
    issued = keyed.issue(OWNER)
    client = keyed.holder(issued)
    made = client.reserve(2, reference=REFERENCE, key=OWNERS_KEY)
    assert made.status_code == 201
    hold_id = client.held_id(3, 600, reference=REFERENCE)
    return Owner(client, hold_id, made.get_json()["reservationId"], issued.secret)


@pytest.fixture
def rival(keyed: Keyed) -> PartnerClient:
    return keyed.partner(RIVAL)


def ask(client: PartnerClient, route: Route, url: str, body: dict[str, Any] | None) -> TestResponse:
    """One request of a partner."""
    return client.open(url, method=route.method, json=body, headers=HEADERS)


def bodies(route: Route, partner_id: str) -> Iterator[dict[str, Any] | None]:
    """What the route takes: with the asker's own name, and without any."""
    body = route.body()
    yield body if body is None or "partnerId" not in body else body | {"partnerId": partner_id}
    if body is not None and "partnerId" in body:
        yield {name: value for name, value in body.items() if name != "partnerId"}


def urls(route: Route, owner: Owner, values: Mapping[str, str]) -> Iterator[str]:
    """The route's URL, alone, with each parameter of its query, and with each two of them."""
    url = route.url(values)
    yield url
    if route.operation.query is not None:
        known = owner.queries()
        fields = route.operation.query().fields.items()
        names = [each.data_key or name for name, each in fields]
        for some in (*((name,) for name in names), *combinations(names, 2)):
            yield f"{url}?{urlencode({name: known[name] for name in some})}"


def whole(response: TestResponse) -> tuple[int, list[tuple[str, str]], bytes]:
    """All that a client can see of an answer."""
    return response.status_code, list(response.headers), response.data


def everything_of(owner: Owner, services: Services) -> tuple[object, ...]:
    """All that another partner could have changed of the owner's."""
    access = services.repository.access
    return (
        owner.client.reservation(owner.reservation_id),
        owner.client.reservation(owner.hold_id),
        access.partner(OWNER),
        [key for key in access.keys("", 100) if key.partner_id == OWNER],
    )


def assert_only_own(response: TestResponse, owner: Owner, where: str) -> None:
    """Assert that an answer has nothing of the owner's in it."""
    seen = response.data.decode("latin-1") + str(list(response.headers))
    assert [mark for mark in owner.marks if mark in seen] == [], where
    if response.is_json and response.data:
        assert {*_partners_in(json.loads(response.data))} <= {RIVAL, None}, where


def _partners_in(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from (value[name] for name in ("partnerId",) if isinstance(value.get(name), str))
        value = [*value.values()]
    if isinstance(value, list):
        for each in value:
            yield from _partners_in(each)


def test_reservations_of_others_are_answered_as_unknown_ones_at_every_route(
    keyed: Keyed, owner: Owner, rival: PartnerClient, services: Services
) -> None:
    before = everything_of(owner, services)
    asked = [route for route in routes(keyed.app) if "reservation_id" in route.parameters]

    for route in asked:
        for reservation_id in (owner.reservation_id, owner.hold_id):
            values = owner.values() | {"reservation_id": reservation_id}
            missing = values | {"reservation_id": UNKNOWN_ID}
            existing = ask(rival, route, route.url(values), route.body())
            unknown = ask(rival, route, route.url(missing), route.body())

            assert existing.status_code == 404, route.name
            assert whole(existing) == whole(unknown), route.name
    assert {route.method for route in asked} == {"GET", "HEAD", "PATCH", "DELETE", "POST"}
    assert everything_of(owner, services) == before


def test_every_other_route_gives_a_partner_its_own_data_alone(
    keyed: Keyed, owner: Owner, rival: PartnerClient, services: Services
) -> None:
    before = everything_of(owner, services)
    succeeded = set()

    for route in routes(keyed.app):
        if route.need != PARTNERS_NEED or "reservation_id" in route.parameters:
            continue
        for body in bodies(route, RIVAL):
            for url in urls(route, owner, owner.values()):
                response = ask(rival, route, url, body)

                assert response.status_code in (200, 201, 403), (route.name, url, response.text)
                if response.status_code < 300:
                    succeeded.add(route.name)
                if f"partnerId={OWNER}" not in url:
                    assert response.status_code < 300, (route.name, url, response.text)
                assert_only_own(response, owner, f"{route.name} {url}")
    needed = {route.name for route in routes(keyed.app) if route.need == PARTNERS_NEED}
    assert {name for name in needed if "<reservation_id>" not in name} == succeeded
    assert everything_of(owner, services) == before


def test_naming_another_partner_is_refused_wherever_a_body_names_one(
    keyed: Keyed, owner: Owner, rival: PartnerClient, services: Services
) -> None:
    before = everything_of(owner, services)
    named = 0

    for route in routes(keyed.app):
        body = route.body()
        if route.need == PARTNERS_NEED and body is not None and "partnerId" in body:
            named += 1
            response = ask(rival, route, route.url(owner.values()), body | {"partnerId": OWNER})

            assert response.status_code == 403, route.name
            assert response.get_json()["code"] == "partner_mismatch", route.name
            assert_only_own(response, owner, route.name)
    assert named >= 6
    assert everything_of(owner, services) == before


def test_books_with_a_reservation_of_another_are_those_with_an_unknown_one(
    owner: Owner, rival: PartnerClient
) -> None:
    for url in ("/reservations/reconcile", f"/events/{DEFAULT_EVENT}/reservations/reconcile"):
        told = []
        for reservation_id in (owner.reservation_id, UNKNOWN_ID):
            believed = {"reservationId": reservation_id, "seats": 2, "status": "confirmed"}
            response = rival.post(url, json={"reservations": [believed]}, headers=HEADERS)
            assert response.status_code == 200
            told.append(response.text.replace(reservation_id, "the id that was asked for"))
        assert told[0] == told[1]


def test_operators_routes_tell_a_partner_nothing(
    keyed: Keyed, owner: Owner, rival: PartnerClient, services: Services
) -> None:
    before = everything_of(owner, services)
    asked = 0

    for route in routes(keyed.app):
        if "operator" in route.need:
            asked += 1
            for url in urls(route, owner, owner.values()):
                response = ask(rival, route, url, route.body())

                assert response.status_code == 403, (route.name, url)
                assert_only_own(response, owner, f"{route.name} {url}")
    assert asked >= 18
    assert everything_of(owner, services) == before


def test_what_everybody_may_read_has_nothing_of_a_partners(keyed: Keyed, owner: Owner) -> None:
    # Some of these are pages, which partners' clients refuse.
    plain = FlaskClient(keyed.app, keyed.app.response_class)
    for route in routes(keyed.app):
        if route.need == "nothing":
            url = route.url(owner.values())
            response = plain.open(url, method=route.method, buffered=True)

            assert response.status_code == 200, route.name
            assert [mark for mark in owner.marks if mark in response.text] == [], route.name


def test_every_other_method_of_every_url_is_refused(
    keyed: Keyed, owner: Owner, rival: PartnerClient, services: Services
) -> None:
    before = everything_of(owner, services)
    values = owner.values()
    # Several rules match one URL: an id of a reservation could be the word `bulk`.
    by_url: dict[str, set[str]] = {}
    for rule, methods in rules(keyed.app).items():
        route = next(each for each in routes(keyed.app) if each.rule == rule)
        url = route.url(values)
        matching = keyed.app.url_map.bind("localhost")
        by_url[url] = methods | {*matching.allowed_methods(url)}

    for url, methods in by_url.items():
        for method in sorted({*VERBS} - methods):
            response = rival.open(url, method=method, headers=HEADERS)

            assert response.status_code == 405, (method, url)
            assert_only_own(response, owner, f"{method} {url}")
    assert everything_of(owner, services) == before
