"""Which URLs there are: with and without a trailing slash, and what each allows."""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api.partner import PartnerClient, problem

BODY = {"partnerId": "abc-corp", "seats": 1}
NEW_EVENT = {"eventId": "concert", "name": "Concert", "totalSeats": 5}
EVENT = "/events/node-meetup-2025"
BULK = {"partnerId": "abc-corp", "items": [{"seats": 1}]}
BOOKS = {"partnerId": "abc-corp", "reservations": []}

Asking = Callable[[PartnerClient, str], TestResponse]


def _reserve(beginning: str) -> Asking:
    return lambda client, slash: client.post(f"{beginning}/reservations{slash}", json=BODY)


def _read(beginning: str) -> Asking:
    return lambda client, slash: client.get(
        f"{beginning}/reservations/{client.reserved_id()}{slash}"
    )


def _cancel(beginning: str) -> Asking:
    return lambda client, slash: client.delete(
        f"{beginning}/reservations/{client.reserved_id()}{slash}"
    )


def _confirm(beginning: str) -> Asking:
    return lambda client, slash: client.post(
        f"{beginning}/reservations/{client.held_id()}/confirm{slash}"
    )


def _change(beginning: str) -> Asking:
    return lambda client, slash: client.patch(
        f"{beginning}/reservations/{client.reserved_id()}{slash}", json={"seats": 2}
    )


def _get(url: str) -> Asking:
    return lambda client, slash: client.get(url + slash)


def _post(url: str, **members: str) -> Asking:
    return lambda client, slash: client.post(url + slash, json=members or None)


def _post_json(url: str, **body: Any) -> Asking:
    return lambda client, slash: client.post(url + slash, json=body)


def _revoke(client: PartnerClient, slash: str) -> TestResponse:
    key = client.post("/keys", json={"scope": "operator"}).get_json()
    return client.delete(f"/keys/{key['keyId']}{slash}")


def _unfreeze(client: PartnerClient, slash: str) -> TestResponse:
    client.post("/partners/abc-corp/freeze", json={"holds": "keep"})
    return client.post(f"/partners/abc-corp/unfreeze{slash}")


CONTRACT: dict[str, tuple[Asking, int]] = {
    "GET of the default event": (_get("/reservations"), 200),
    "GET of an event": (_get(EVENT), 200),
    "POST to the default event": (_reserve(""), 201),
    "POST to an event": (_reserve(EVENT), 201),
    "GET of the default event's reservation": (_read(""), 200),
    "GET of an event's reservation": (_read(EVENT), 200),
    "DELETE of the default event's reservation": (_cancel(""), 204),
    "DELETE of an event's reservation": (_cancel(EVENT), 204),
    "confirmation in the default event": (_confirm(""), 200),
    "confirmation in an event": (_confirm(EVENT), 200),
    "PATCH of the default event's reservation": (_change(""), 200),
    "PATCH of an event's reservation": (_change(EVENT), 200),
    "GET of an event's reservations": (_get(f"{EVENT}/reservations"), 200),
    "GET of them as CSV": (_get(f"{EVENT}/reservations.csv"), 200),
    "bulk in the default event": (_post_json("/reservations/bulk", **BULK), 201),
    "bulk in an event": (_post_json(f"{EVENT}/reservations/bulk", **BULK), 201),
    "reconciliation in the default event": (_post_json("/reservations/reconcile", **BOOKS), 200),
    "reconciliation in an event": (_post_json(f"{EVENT}/reservations/reconcile", **BOOKS), 200),
    "GET of an event's ledger": (_get(f"{EVENT}/ledger"), 200),
    "audit of an event": (_get(f"{EVENT}/audit"), 200),
    "GET /metrics": (_get("/metrics"), 200),
    "GET of all events": (_get("/events"), 200),
    "POST of an event": (
        lambda client, slash: client.post(f"/events{slash}", json=NEW_EVENT),
        201,
    ),
    "PATCH of an event": (
        lambda client, slash: client.patch(f"{EVENT}{slash}", json={"totalSeats": 9}),
        200,
    ),
    "pause of an event": (_post(f"{EVENT}/pause"), 200),
    "resumption of an event": (_post(f"{EVENT}/resume"), 200),
    "cancellation of an event": (_post(f"{EVENT}/cancel"), 200),
    "pause of all events": (_post("/events/pause"), 200),
    "GET of all keys": (_get("/keys"), 200),
    "POST of a key": (_post("/keys", scope="operator"), 201),
    "DELETE of a key": (_revoke, 204),
    "GET of all partners": (_get("/partners"), 200),
    "freeze of a partner": (_post("/partners/abc-corp/freeze", holds="keep"), 200),
    "end of a freeze": (_unfreeze, 200),
    "GET of the admin log": (_get("/admin-log"), 200),
    "GET /healthz": (_get("/healthz"), 200),
    "GET /readyz": (_get("/readyz"), 200),
}


@pytest.mark.parametrize("slash", ["", "/"], ids=["bare", "slash"])
@pytest.mark.parametrize("row", CONTRACT)
def test_trailing_slash_makes_no_difference(client: PartnerClient, row: str, slash: str) -> None:
    asking, status = CONTRACT[row]

    response = asking(client, slash)

    assert response.status_code == status
    if status != 201:
        assert "Location" not in response.headers


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("/", "GET, HEAD"),
        ("/reservations", "GET, HEAD, POST"),
        ("/reservations/", "GET, HEAD, POST"),
        ("/reservations/some-id", "DELETE, GET, HEAD, PATCH"),
        (EVENT, "GET, HEAD, PATCH"),
        (f"{EVENT}/pause", "POST"),
        (f"{EVENT}/resume/", "POST"),
        (f"{EVENT}/cancel", "POST"),
        ("/events", "GET, HEAD, POST"),
        ("/events/", "GET, HEAD, POST"),
        ("/events/pause", "GET, HEAD, PATCH, POST"),
        ("/keys", "GET, HEAD, POST"),
        ("/keys/some-id", "DELETE"),
        ("/partners", "GET, HEAD"),
        ("/partners/some-id/freeze", "POST"),
        ("/partners/some-id/unfreeze/", "POST"),
        ("/admin-log", "GET, HEAD"),
        (f"{EVENT}/reservations", "GET, HEAD, POST"),
        (f"{EVENT}/reservations/", "GET, HEAD, POST"),
        (f"{EVENT}/reservations.csv", "GET, HEAD"),
        # An id of a reservation could be these words too.
        ("/reservations/bulk", "DELETE, GET, HEAD, PATCH, POST"),
        (f"{EVENT}/reservations/bulk", "DELETE, GET, HEAD, PATCH, POST"),
        (f"{EVENT}/reservations/reconcile/", "DELETE, GET, HEAD, PATCH, POST"),
        (f"{EVENT}/ledger", "GET, HEAD"),
        (f"{EVENT}/audit", "GET, HEAD"),
        ("/metrics", "GET, HEAD"),
        (f"{EVENT}/reservations/some-id", "DELETE, GET, HEAD, PATCH"),
        ("/reservations/some-id/confirm", "POST"),
        (f"{EVENT}/reservations/some-id/confirm", "POST"),
        ("/healthz", "GET, HEAD"),
        ("/readyz", "GET, HEAD"),
    ],
)
def test_other_methods_are_told_which_are_allowed(
    client: PartnerClient, url: str, allowed: str
) -> None:
    methods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"}

    for method in sorted(methods - {*allowed.split(", ")}):
        response = client.open(url, method=method)

        assert response.status_code == 405, method
        assert response.headers["Allow"] == allowed
        if method != "HEAD":
            problem(response, 405, "method_not_allowed")


@pytest.mark.parametrize(
    "url",
    [
        "/nothing",
        "/favicon.ico",
        "/events//reservations",
        "/events//pause",
        "/reservations//",
        "/reservations/some-id/more",
        "/reservations/some-id/confirm/more",
        "/reservations//confirm",
        "/reservations/some%2Fid",
        f"{EVENT}/reservations/some-id/more",
        "/Reservations",
        "/healthz/live",
        "/static/app.js",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
def test_unknown_urls_are_problems_for_every_method(
    client: PartnerClient, url: str, method: str
) -> None:
    response = client.open(url, method=method)

    assert response.status_code == 404


def test_there_is_nothing_at_an_unknown_url(client: PartnerClient) -> None:
    problem(client.get("/nothing"), 404, "not_found")


def test_a_wrong_method_changes_nothing(client: PartnerClient) -> None:
    reservation_id = client.reserved_id()

    for method in ("PUT", "POST"):
        client.open(f"/reservations/{reservation_id}", method=method, json=BODY)

    assert client.event()["version"] == 1


def test_an_upgrade_that_the_client_offers_is_not_taken(client: PartnerClient) -> None:
    offer = {"Connection": "Upgrade", "Upgrade": "websocket"}

    assert client.get("/reservations", headers=offer).status_code == 200
