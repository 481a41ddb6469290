"""Signing in to the console: the cookie, its two ends, and what ends it earlier."""

import re
from http.cookies import SimpleCookie

import pytest
from werkzeug.test import TestResponse

from tests.api.browsing import Browser, browser
from tests.api.conftest import OpenApp
from tests.api.keyed import ISSUER, Keyed
from ticketboss.api.context import SESSIONS
from ticketboss.api.rate_limits import FAILED_KEYS_PER_MINUTE_MAX
from ticketboss.console.sessions import (
    COOKIE,
    SEEN_AGAIN_SECONDS,
    SESSION_IDLE_SECONDS_MAX,
    SESSION_SECONDS_MAX,
    Sessions,
)
from ticketboss.engine.keys import KEY_CACHE_SECONDS_MAX
from ticketboss.services import Services

HOME = "/console/"
UNKNOWN_KEY = "tb_live_" + "k" * 43


class Hands:
    """The sessions' clock."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hands(keyed: Keyed) -> Hands:
    """The clock of the application's sessions, in the test's hands."""
    moved = Hands()
    keyed.app.extensions[SESSIONS].sessions = Sessions("s" * 32, moved)
    return moved


def cookie_of(response: TestResponse) -> SimpleCookie:
    """The session's cookie as an answer sets it."""
    found = [each for each in response.headers.getlist("Set-Cookie") if each.startswith(COOKIE)]
    return SimpleCookie("; ".join(found))


def signed_in(keyed: Keyed) -> Browser:
    opened = browser(keyed.app)
    assert opened.sign_in(keyed.issue().secret).location == HOME
    return opened


def is_in(opened: Browser) -> bool:
    return opened.get(HOME).status_code == 200


def test_cookie_is_for_no_script_no_other_site_and_no_other_path(keyed: Keyed) -> None:
    cookie = cookie_of(browser(keyed.app).sign_in(keyed.issue().secret))[COOKIE]

    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Strict"
    assert cookie["path"] == "/console"
    assert (cookie["secure"], cookie["max-age"], cookie["expires"]) == ("", "", "")


@pytest.mark.parametrize(
    "environment",
    [
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"HTTP_FORWARDED": "for=10.0.0.7;Proto=https"},
    ],
    ids=lambda environment: next(iter(environment)),
)
def test_cookies_go_over_tls_alone_where_there_is_tls(
    keyed: Keyed, environment: dict[str, str]
) -> None:
    opened = browser(keyed.app, **environment)

    visited = opened.get("/console/sign-in")
    answer = opened.sign_in(keyed.issue().secret)

    assert "; Secure;" in visited.headers["Set-Cookie"]
    assert cookie_of(answer)[COOKIE]["secure"] is True


def test_cookie_tells_nothing_of_the_key(keyed: Keyed) -> None:
    secret = keyed.issue().secret

    answer = browser(keyed.app).sign_in(secret)

    assert secret not in str(answer.headers)
    assert secret not in answer.text


def test_whoever_signs_in_gets_where_they_wanted_to_go_within_the_console(keyed: Keyed) -> None:
    opened = browser(keyed.app)
    sent_away = opened.get("/console/keys?cursor=abc").location
    form = opened.get(sent_away).text
    following = re.search(r'name="next" value="([^"]+)"', form)
    assert following
    assert following[1] == "/console/keys?cursor=abc"

    answer = opened.fill(sent_away, key=keyed.issue().secret, next=following[1])

    assert answer.status_code == 303
    for elsewhere in ("https://evil.example/", "//evil.example/", "/console/\nX: y", "/keys", ""):
        again = browser(keyed.app)
        assert again.fill(
            "/console/sign-in", key=keyed.issue().secret, next=elsewhere
        ).location == (HOME)


def test_session_ends_without_a_click(keyed: Keyed, hands: Hands) -> None:
    opened = signed_in(keyed)

    for _ in range(3):
        hands.now += SESSION_IDLE_SECONDS_MAX - 1
        assert is_in(opened)
    hands.now += SESSION_IDLE_SECONDS_MAX
    assert not is_in(opened)


def test_session_ends_at_last_however_often_it_is_used(keyed: Keyed, hands: Hands) -> None:
    opened = signed_in(keyed)
    steps = SESSION_SECONDS_MAX // 3_600

    for _ in range(steps - 1):
        hands.now += 3_600
        assert is_in(opened)
    hands.now += 3_600
    assert not is_in(opened)


def test_what_an_open_page_asks_keeps_no_session_alive(keyed: Keyed, hands: Hands) -> None:
    opened = signed_in(keyed)

    for _ in range(SESSION_IDLE_SECONDS_MAX // 600):
        assert opened.get("/console/live").status_code == 200
        hands.now += 600
    assert opened.get("/console/live", headers={"Accept": "application/json"}).status_code == 401
    assert not is_in(opened)


def test_most_answers_set_no_cookie(keyed: Keyed, hands: Hands) -> None:
    opened = signed_in(keyed)

    assert "Set-Cookie" not in opened.get(HOME).headers
    hands.now += SEEN_AGAIN_SECONDS
    assert "Set-Cookie" in opened.get(HOME).headers
    assert "Set-Cookie" not in opened.get(HOME).headers


def test_revoked_key_ends_its_sessions(keyed: Keyed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ticketboss.engine.keys.KEY_CACHE_SECONDS_MAX", 0)
    issued = keyed.issue()
    opened = browser(keyed.app)
    opened.sign_in(issued.secret)
    assert is_in(opened)

    keyed.desk.revoke_key(ISSUER, issued.key.key_id)

    assert not is_in(opened)
    assert opened.get("/console/live", headers={"Accept": "application/json"}).status_code == 401
    assert KEY_CACHE_SECONDS_MAX < 1


@pytest.mark.parametrize("place", [0, 70, 90, 100, -1])
def test_changed_cookie_is_none(keyed: Keyed, place: int) -> None:
    opened = signed_in(keyed)
    held = opened.get_cookie(COOKIE, path="/console")
    assert held is not None
    changed = "1" if held.value[place] != "1" else "2"
    spoilt = held.value[:place] + changed + (held.value[place + 1 :] if place != -1 else "")

    opened.set_cookie(COOKIE, spoilt, path="/console")

    assert not is_in(opened)


def test_session_of_another_server_is_none_and_of_one_with_the_same_secret_is_one(
    keyed: Keyed, services: Services, open_app: OpenApp
) -> None:
    secret = keyed.issue().secret
    shared = {"auth": "keys", "console_secret": "s" * 32}
    opened = browser(open_app(**shared))
    opened.sign_in(secret)
    held = opened.get_cookie(COOKIE, path="/console")
    assert held is not None

    for app, is_known in ((open_app(**shared), True), (keyed.app, False)):
        elsewhere = browser(app)
        elsewhere.set_cookie(COOKIE, held.value, path="/console")
        assert is_in(elsewhere) == is_known


def test_signing_out_forgets_the_session(keyed: Keyed) -> None:
    opened = signed_in(keyed)

    answer = opened.post("/console/sign-out", data={"token": opened.token(opened.get(HOME).text)})

    assert answer.location == "/console/sign-in?done=signed-out"
    assert "You have signed out." in opened.get(answer.location).text
    assert not is_in(opened)


def test_sign_in_begins_a_session_that_the_form_did_not_know(keyed: Keyed) -> None:
    opened = browser(keyed.app)
    before = opened.token(opened.get("/console/sign-in").text)
    opened.sign_in(keyed.issue().secret)

    assert opened.token(opened.get("/console/new-key").text) != before


@pytest.mark.parametrize("sent", [UNKNOWN_KEY, "", "nonsense", "a" * 300])
def test_wrong_key_is_told_so(keyed: Keyed, sent: str) -> None:
    answer = browser(keyed.app).sign_in(sent)

    assert answer.status_code == 401
    assert "API key not valid" in answer.text
    assert UNKNOWN_KEY not in answer.text


def test_wrong_keys_are_throttled_by_address_and_a_good_one_is_not(keyed: Keyed) -> None:
    guesser = browser(keyed.app)
    token = guesser.token(guesser.get("/console/sign-in").text)

    def guess(key: str) -> TestResponse:
        return guesser.post("/console/sign-in", data={"token": token, "key": key})

    # The clock may begin a new minute once meanwhile.
    statuses = [guess(UNKNOWN_KEY).status_code for _ in range(2 * FAILED_KEYS_PER_MINUTE_MAX + 1)]
    assert statuses[:FAILED_KEYS_PER_MINUTE_MAX] == [401] * FAILED_KEYS_PER_MINUTE_MAX
    assert statuses[-1] == 429
    assert int(guess(UNKNOWN_KEY).headers["Retry-After"]) >= 1
    assert guess(keyed.issue().secret).status_code == 303
