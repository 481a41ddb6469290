"""The contract once more over real connections: the server must not bend it."""

import json
from typing import Any

import pytest
import requests

from tests.api.answers import assert_sound
from tests.api.wire import Wire
from tests.server import Server

BEGINNINGS = ("", "/events/node-meetup-2025")
BODY = {"partnerId": "abc-corp", "seats": 2, "reference": "PO-1 😀"}
ANSWER_SECONDS_MAX = 10


def ask(live: Server, method: str, url: str, **options: Any) -> requests.Response:
    """One request of a partner; redirects are not followed."""
    response = requests.request(
        method, live.url + url, timeout=ANSWER_SECONDS_MAX, allow_redirects=False, **options
    )
    assert_sound(method, url, response.status_code, dict(response.headers), response.content)
    return response


@pytest.mark.parametrize("slash", ["", "/"], ids=["bare", "slash"])
@pytest.mark.parametrize("at", BEGINNINGS)
def test_reservation_lives_through_the_whole_contract(live: Server, at: str, slash: str) -> None:
    before = ask(live, "GET", (at or "/reservations") + slash).json()

    made = ask(live, "POST", f"{at}/reservations{slash}", json=BODY)
    location = made.headers["Location"] + slash
    found = ask(live, "GET", location)
    cancelled = ask(live, "DELETE", location)

    assert (made.status_code, found.status_code, cancelled.status_code) == (201, 200, 204)
    assert made.json()["reference"] == found.json()["reference"] == BODY["reference"]
    assert ask(live, "GET", location).json()["status"] == "cancelled"
    assert ask(live, "DELETE", location).json()["code"] == "already_cancelled"
    after = ask(live, "GET", (at or "/reservations") + slash).json()
    assert after == {**before, "version": before["version"] + 2}


@pytest.mark.parametrize("at", BEGINNINGS)
def test_hold_lives_through_the_whole_contract(live: Server, at: str) -> None:
    made = ask(live, "POST", f"{at}/reservations", json={**BODY, "holdSeconds": 60})
    location, etag = made.headers["Location"], made.headers["ETag"]
    changed = ask(live, "PATCH", location, json={"seats": 3}, headers={"If-Match": etag})
    confirmed = [ask(live, "POST", f"{location}/confirm") for _ in range(3)]
    found = ask(live, "GET", location)

    assert [a.status_code for a in (made, changed, *confirmed)] == [201, 200, 200, 200, 200]
    assert (made.json()["status"], changed.json()["status"]) == ("held", "held")
    assert len({answer.content for answer in confirmed}) == 1
    assert found.json()["status"] == "confirmed"
    assert found.headers["ETag"] == confirmed[0].headers["ETag"]
    assert ask(live, "DELETE", location).status_code == 204
    assert ask(live, "PATCH", location, json={"seats": 1}).json()["code"] == "reservation_ended"


def test_answers_are_replayed_byte_for_byte(live: Server) -> None:
    headers = {"Idempotency-Key": "wire-replay"}
    made = [ask(live, "POST", "/reservations", json=BODY, headers=headers) for _ in range(6)]
    location = made[0].headers["Location"]
    cancelled = [ask(live, "DELETE", location, headers={"Idempotency-Key": "wire-bye"})] + [
        ask(live, "DELETE", location, headers={"Idempotency-Key": '"wire-bye"'}) for _ in range(5)
    ]

    assert len({answer.content for answer in made}) == 1
    assert [answer.headers.get("Idempotent-Replayed") for answer in made] == [None] + 5 * ["true"]
    assert {answer.status_code for answer in cancelled} == {204}
    assert len({answer.headers["TicketBoss-Version"] for answer in cancelled}) == 1
    assert cancelled[0].headers.get("Content-Length", "0") == "0"


@pytest.mark.parametrize("url", ["/", "/reservations", "/events/node-meetup-2025"])
def test_unchanged_event_is_answered_by_an_empty_304(live: Server, url: str) -> None:
    etag = ask(live, "GET", url).headers["ETag"]

    unchanged = ask(live, "GET", url, headers={"If-None-Match": etag})

    assert unchanged.status_code == 304
    assert "Content-Type" not in unchanged.headers


def test_connection_serves_one_request_after_the_other(live: Server) -> None:
    host, length = b"Host: localhost", b"Content-Length: 2"
    with Wire(live.port) as wire:
        for _ in range(3):
            answers = [
                wire.ask(b"GET / HTTP/1.1", host),
                wire.ask(b"POST /reservations HTTP/1.1", host, length, body=b"{}"),
                wire.ask(b"DELETE /reservations/unknown HTTP/1.1", host),
                wire.ask(b"HEAD /nothing HTTP/1.1", host),
            ]

            assert [answer.status for answer in answers] == [200, 415, 404, 404]
            assert {answer.headers["Connection"] for answer in answers} == {"keep-alive"}


@pytest.mark.parametrize("url", ["/", "/reservations", "/healthz", "/nothing", "/reservations/x"])
def test_head_has_the_length_but_not_the_body(live: Server, url: str) -> None:
    got, head = ask(live, "GET", url), ask(live, "HEAD", url)

    assert head.status_code == got.status_code
    assert head.content == b""
    assert head.headers["Content-Length"] == str(len(got.content))


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "PATCH", "TRACE", "BREW"])
def test_other_methods_are_refused_with_those_allowed(live: Server, method: str) -> None:
    response = ask(live, method, "/reservations")

    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, POST"


def test_body_of_16_kib_is_taken_and_one_byte_more_is_not(live: Server) -> None:
    longest = json.dumps(BODY).encode().ljust(16_384)
    headers = {"Content-Type": "application/json"}

    taken = ask(live, "POST", "/reservations", data=longest, headers=headers)
    refused = ask(live, "POST", "/reservations", data=longest + b" ", headers=headers)

    assert taken.status_code == 201
    assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")
