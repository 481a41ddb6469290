"""Guessing keys: how often an address may, and whose address it is behind a proxy."""

import time
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api.conftest import OpenApp
from tests.api.keyed import Keyed
from tests.api.partner import PartnerClient, problem
from ticketboss.services import Services

WRONG_KEYS_MAX = 30
ADDRESS = "203.0.113.7"
ANOTHER = "203.0.113.8"
PROXY = "10.0.0.1"


@pytest.fixture
def behind(open_app: OpenApp, services: Services) -> Keyed:
    """An application that trusts the proxies in 10.0.0.0/8 and one by its IPv6 address."""
    app = open_app(auth="keys", trusted_proxies="10.0.0.0/8, 2001:db8:ffff::1")
    return Keyed(app, services.administration)


def ask(client: PartnerClient, address: str = ADDRESS, via: str | None = None) -> TestResponse:
    """A request from an address, with what the proxies on its way have written."""
    headers = {} if via is None else {"X-Forwarded-For": via}
    return client.get("/", headers=headers, environ_overrides={"REMOTE_ADDR": address})


def guess(keyed: Keyed, count: int, address: str = ADDRESS, via: str | None = None) -> None:
    """Send wrong keys, each another one, which must all be looked at."""
    for number in range(count):
        guesser = keyed.sending(f"Bearer tb_live_{number:043}")
        problem(ask(guesser, address, via), 401, "key_invalid")


def assert_throttled(response: Any) -> None:
    """Assert that nobody looks at a key from there for now."""
    document = problem(response, 429, "too_many_wrong_keys")
    assert document["retryable"] is True
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert "WWW-Authenticate" not in response.headers


def is_throttled(keyed: Keyed, address: str, via: str | None = None) -> bool:
    """Whether a new wrong key from there is refused unseen."""
    response = ask(keyed.sending("Bearer another-guess"), address, via)
    assert response.status_code in (401, 429)
    return response.status_code == 429


def test_wrong_keys_from_one_address_are_limited(keyed: Keyed) -> None:
    guess(keyed, WRONG_KEYS_MAX)

    for authorization in ("Bearer tb_live_guess", "Bearer", "", "Basic YTpi"):
        assert_throttled(ask(keyed.sending(authorization)))


def test_good_key_passes_whatever_wrong_ones_its_address_has_sent(keyed: Keyed) -> None:
    known = keyed.partner()
    assert ask(known).status_code == 200
    guess(keyed, WRONG_KEYS_MAX)

    assert ask(known).status_code == 200
    assert ask(keyed.holder(keyed.issue("new-corp"))).status_code == 200


def test_same_wrong_key_counts_each_time(keyed: Keyed) -> None:
    client = keyed.sending("Bearer guess")

    statuses = [ask(client).status_code for _ in range(WRONG_KEYS_MAX + 1)]

    assert statuses == WRONG_KEYS_MAX * [401] + [429]


@pytest.mark.parametrize("authorization", ["", "Basic YTpi", "Bearer a b", "rubbish"])
def test_header_without_a_key_counts_as_a_wrong_one(keyed: Keyed, authorization: str) -> None:
    for _ in range(WRONG_KEYS_MAX):
        problem(ask(keyed.sending(authorization)), 401, "key_invalid")

    assert is_throttled(keyed, ADDRESS)


def test_revoked_key_counts_as_a_wrong_one(keyed: Keyed) -> None:
    client = keyed.partner()
    keyed.revoke(client)
    for _ in range(WRONG_KEYS_MAX):
        problem(ask(client), 401, "key_invalid")

    assert is_throttled(keyed, ADDRESS)


def test_key_that_the_worker_knows_still_works_from_there(keyed: Keyed) -> None:
    known = keyed.partner()
    assert ask(known).status_code == 200
    guess(keyed, WRONG_KEYS_MAX)

    for _ in range(5):
        assert ask(known).status_code == 200
        assert is_throttled(keyed, ADDRESS)
    response = known.reserve()
    assert response.status_code == 201


def test_good_keys_do_not_pay_for_wrong_ones(keyed: Keyed) -> None:
    guess(keyed, WRONG_KEYS_MAX - 1)

    for _ in range(5):
        assert ask(keyed.partner()).status_code == 200
    guess(keyed, 1)
    assert is_throttled(keyed, ADDRESS)


def test_other_addresses_are_not_concerned(keyed: Keyed) -> None:
    guess(keyed, WRONG_KEYS_MAX)

    assert ask(keyed.partner(), ANOTHER).status_code == 200
    guess(keyed, WRONG_KEYS_MAX, ANOTHER)
    assert is_throttled(keyed, ANOTHER)


def test_missing_keys_do_not_count(keyed: Keyed) -> None:
    for _ in range(2 * WRONG_KEYS_MAX):
        problem(ask(keyed.nobody()), 401, "key_required")

    guess(keyed, WRONG_KEYS_MAX)
    problem(ask(keyed.nobody()), 401, "key_required")


def test_next_minute_has_its_own_count(keyed: Keyed, monkeypatch: pytest.MonkeyPatch) -> None:
    guess(keyed, WRONG_KEYS_MAX)
    refused = ask(keyed.sending("Bearer guess"))
    assert_throttled(refused)
    later = time.time() + int(refused.headers["Retry-After"]) + 1

    monkeypatch.setattr(time, "time", lambda: later)

    assert ask(keyed.partner()).status_code == 200
    guess(keyed, WRONG_KEYS_MAX)
    assert is_throttled(keyed, ADDRESS)


def test_headers_count_for_nothing_without_trusted_proxies(keyed: Keyed) -> None:
    for number in range(WRONG_KEYS_MAX):
        guess(keyed, 1, ADDRESS, via=f"198.51.100.{number}")

    assert is_throttled(keyed, ADDRESS, via="198.51.100.99")
    assert not is_throttled(keyed, ANOTHER, via=ADDRESS)


def test_headers_of_an_untrusted_client_count_for_nothing(behind: Keyed) -> None:
    for number in range(WRONG_KEYS_MAX):
        guess(behind, 1, ADDRESS, via=f"198.51.100.{number}, {PROXY}")

    assert is_throttled(behind, ADDRESS)


def test_client_behind_a_trusted_proxy_is_counted_by_its_address(behind: Keyed) -> None:
    guess(behind, WRONG_KEYS_MAX, PROXY, via=ADDRESS)

    assert is_throttled(behind, PROXY, via=ADDRESS)
    assert is_throttled(behind, "10.200.0.9", via=ADDRESS)
    assert is_throttled(behind, ADDRESS)
    assert not is_throttled(behind, PROXY, via=ANOTHER)
    assert not is_throttled(behind, PROXY)


@pytest.mark.parametrize(
    "spoofed", ["1.2.3.{}", "10.0.0.{}", "1.2.3.{},10.9.9.9", "x{}", "", "::{}"]
)
def test_what_a_client_claims_of_itself_counts_for_nothing(behind: Keyed, spoofed: str) -> None:
    for number in range(WRONG_KEYS_MAX):
        guess(behind, 1, PROXY, via=f"{spoofed.format(number)}, {ADDRESS}")

    assert is_throttled(behind, PROXY, via=f"192.0.2.1, {ADDRESS}")
    assert is_throttled(behind, PROXY, via=ADDRESS)


@pytest.mark.parametrize(
    "chain",
    [
        "{}, 10.0.0.2",
        "{}, 10.0.0.2, 10.0.0.3",
        "{} ,10.0.0.2",
        "{},2001:db8:ffff::1",
        "1.2.3.4, {}, 10.0.0.2",
    ],
)
def test_chain_of_trusted_proxies_is_followed_to_the_client(behind: Keyed, chain: str) -> None:
    guess(behind, WRONG_KEYS_MAX, PROXY, via=chain.format(ADDRESS))

    assert is_throttled(behind, PROXY, via=ADDRESS)
    assert not is_throttled(behind, PROXY, via=chain.format(ANOTHER))


def test_untrusted_proxy_in_a_chain_is_the_client(behind: Keyed) -> None:
    guess(behind, WRONG_KEYS_MAX, PROXY, via=f"192.0.2.1, {ADDRESS}, 10.0.0.2")

    assert is_throttled(behind, PROXY, via=f"192.0.2.2, {ADDRESS}, 10.0.0.2")


@pytest.mark.parametrize("garbage", ["unknown", "_hidden", "", "300.1.2.3", "<script>", "1.2.3"])
def test_proxy_that_writes_no_address_is_counted_itself(behind: Keyed, garbage: str) -> None:
    guess(behind, WRONG_KEYS_MAX, PROXY, via=f"{ADDRESS}, {garbage}")

    assert is_throttled(behind, PROXY)
    assert not is_throttled(behind, PROXY, via=ADDRESS)


def test_ipv6_client_has_its_whole_network(behind: Keyed) -> None:
    for number in range(WRONG_KEYS_MAX):
        guess(behind, 1, f"2001:db8:0:1::{number + 1:x}")

    assert is_throttled(behind, "2001:db8:0:1:ffff:ffff:ffff:ffff")
    assert is_throttled(behind, PROXY, via="2001:db8:0:1::abcd")
    assert not is_throttled(behind, "2001:db8:0:2::1")
    assert not is_throttled(behind, PROXY, via="2001:db8::1")
