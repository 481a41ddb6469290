"""Which URLs there are: with and without a trailing slash, and what each allows."""

from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from tests.api.partner import PartnerClient, problem

BODY = {"partnerId": "abc-corp", "seats": 1}
EVENT = "/events/node-meetup-2025"

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
    "GET of an event's collection": (_get(f"{EVENT}/reservations"), 405),
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
        (EVENT, "GET, HEAD"),
        (f"{EVENT}/reservations", "POST"),
        (f"{EVENT}/reservations/", "POST"),
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
        "/events",
        "/events/",
        "/events//reservations",
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
