"""The Authorization header: which ones are taken, and what is answered to the others."""

import hashlib

import pytest
from werkzeug.datastructures import Headers

from tests.api.keyed import Keyed
from tests.api.partner import problem

CHALLENGE = 'Bearer realm="ticketboss"'
READS = ("/", "/events/node-meetup-2025", "/reservations/unknown", "/events/unknown")

WRONG = {
    "empty": "",
    "scheme alone": "Bearer",
    "scheme and a space": "Bearer ",
    "no scheme": "{key}",
    "Basic": "Basic {key}",
    "other scheme": "Token {key}",
    "longer scheme": "XBearer {key}",
    "tab": "Bearer\t{key}",
    "colon": "Bearer: {key}",
    "quoted": 'Bearer "{key}"',
    "two keys": "Bearer {key} {key}",
    "two headers that were joined": "Bearer {key},Bearer {key}",
    "good and then another scheme": "Bearer {key}, Basic abc",
    "one character less": "Bearer {cut}",
    "one character more": "Bearer {key}A",
    "padded": "Bearer {key}=",
    "upper case": "Bearer {upper}",
    "other mode": "Bearer {test}",
    "prefix alone": "Bearer {prefix}",
    "hash of the key": "Bearer {hashed}",
    "beyond ASCII": "Bearer {cut}é",
    # WSGI hands UTF-8 over as if it were Latin-1.
    "Cyrillic": "Bearer ключ".encode().decode("latin-1"),
    "very long": "Bearer " + 100 * "{key}",
    "SQL": "Bearer ' OR 1=1 --",
}


def wrong_header(name: str, key: str) -> str:
    """One of WRONG for a key that is alive."""
    return WRONG[name].format(
        key=key,
        cut=key[:-1],
        upper=key.upper(),
        test=key.replace("live", "test"),
        prefix=key[:14],
        hashed=hashlib.sha256(key.encode()).hexdigest(),
    )


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
@pytest.mark.parametrize("space", [" ", "   "])
def test_scheme_is_taken_in_any_case(keyed: Keyed, scheme: str, space: str) -> None:
    secret = keyed.issue("abc-corp").secret

    assert keyed.sending(f"{scheme}{space}{secret}").get("/").status_code == 200


@pytest.mark.parametrize("name", WRONG)
def test_header_without_a_good_key_is_refused(keyed: Keyed, name: str) -> None:
    secret = keyed.issue("abc-corp").secret
    # The worker knows the key: what is like it must not profit from that.
    assert keyed.sending(f"Bearer {secret}").get("/").status_code == 200

    response = keyed.sending(wrong_header(name, secret)).reserve()

    document = problem(response, 401, "key_invalid")
    assert response.headers["WWW-Authenticate"] == f'{CHALLENGE}, error="invalid_token"'
    assert document["retryable"] is False
    assert keyed.partner().event()["version"] == 0


def test_header_that_was_sent_twice_is_refused(keyed: Keyed) -> None:
    bearer = f"Bearer {keyed.issue('abc-corp').secret}"
    headers = Headers([("Authorization", bearer), ("Authorization", bearer)])

    problem(keyed.nobody().get("/", headers=headers), 401, "key_invalid")


@pytest.mark.parametrize("url", READS)
def test_request_without_a_key_is_told_how_to_send_one(keyed: Keyed, url: str) -> None:
    response = keyed.nobody().get(url)

    document = problem(response, 401, "key_required")
    assert response.headers["WWW-Authenticate"] == CHALLENGE
    assert "Authorization: Bearer" in document["detail"]


@pytest.mark.parametrize("url", READS)
def test_head_without_a_key_is_refused_too(keyed: Keyed, url: str) -> None:
    response = keyed.nobody().head(url)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == CHALLENGE


def test_key_counts_in_its_header_alone(keyed: Keyed) -> None:
    secret = keyed.issue("abc-corp").secret
    nobody = keyed.nobody()
    nobody.set_cookie("Authorization", f"Bearer {secret}")

    for response in (
        nobody.get(f"/?key={secret}&access_token={secret}"),
        nobody.get("/", headers={"X-Api-Key": secret, "Proxy-Authorization": f"Bearer {secret}"}),
        nobody.post("/reservations", json={"key": secret, "seats": 1}),
        nobody.post("/reservations", data={"access_token": secret}),
    ):
        problem(response, 401, "key_required")


@pytest.mark.parametrize("body", [b"", b"{", b'{"seats":0}', b"\xff"])
def test_who_has_no_key_is_not_told_what_else_is_wrong(keyed: Keyed, body: bytes) -> None:
    nobody = keyed.nobody()

    problem(nobody.post_body(body), 401, "key_required")
    problem(nobody.cancel("unknown", key="not valid", if_match="rubbish"), 401, "key_required")


def test_what_needs_no_key_ignores_a_wrong_one(keyed: Keyed) -> None:
    guesser = keyed.sending("Bearer guess")

    assert guesser.get("/healthz").status_code == 200
    assert guesser.get("/readyz").status_code == 200
    problem(guesser.get("/nothing"), 404, "not_found")
    problem(guesser.put("/reservations"), 405, "method_not_allowed")


def test_partners_key_is_told_that_its_scope_does_not_suffice(keyed: Keyed) -> None:
    response = keyed.partner().get("/events")

    problem(response, 403, "wrong_scope")
    challenge = f'{CHALLENGE}, error="insufficient_scope"'
    assert response.headers["WWW-Authenticate"] == challenge
