"""Open mode is for this machine alone: what shows a way from elsewhere is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.concurrency.clients import Client, summary_of
from tests.concurrency.doors import door
from tests.concurrency.proxy import Proxy
from tests.server import Server
from ticketboss.api.rate_limits import FAILED_KEYS_PER_MINUTE_MAX

PUBLIC_HOST = "tickets.example"
WRONG_KEY = "tb_live_" + "x" * 43
FROM_ELSEWHERE = [
    {"Host": PUBLIC_HOST},
    {"Host": "0.0.0.0"},
    {"X-Forwarded-For": "203.0.113.9"},
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-Host": "localhost"},
    {"Forwarded": "for=203.0.113.9"},
    {"Via": "1.1 proxy"},
    {"X-Real-IP": "203.0.113.9"},
    {"Origin": f"https://{PUBLIC_HOST}"},
]


@pytest.fixture(scope="module")
def open_everywhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that is open on every address of the machine, because it was told to be."""
    folder = tmp_path_factory.mktemp("open")
    with Server(folder, HOST="0.0.0.0", TICKETBOSS_AUTH="open") as server:
        yield server


@pytest.mark.parametrize("headers", FROM_ELSEWHERE, ids=lambda headers: "-".join(*headers.items()))
def test_server_opened_by_hand_still_refuses_what_comes_from_elsewhere(
    open_everywhere: Server, headers: dict[str, str]
) -> None:
    before = summary_of(open_everywhere)

    assert door(open_everywhere.url, headers) == "local_only"

    assert summary_of(open_everywhere) == before
    with Client(open_everywhere.url) as client:
        client.send_always(headers)
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:3000", "127.0.0.1", "[::1]:3000"])
def test_server_opened_by_hand_is_open_to_this_machine(open_everywhere: Server, host: str) -> None:
    assert door(open_everywhere.url, {"Host": host}) == "open"


@pytest.mark.parametrize(
    "adds",
    [
        {"Host": "127.0.0.1", "X-Forwarded-For": "203.0.113.9"},
        {"Host": "127.0.0.1", "Via": "1.1 proxy"},
        {"Host": PUBLIC_HOST},
    ],
    ids=["forwarded-for", "via", "public-host"],
)
def test_open_server_refuses_whoever_comes_through_a_proxy(
    open_everywhere: Server, adds: dict[str, str]
) -> None:
    with Proxy(open_everywhere.port, adds) as proxy:
        assert door(proxy.url) == "local_only"
    assert door(open_everywhere.url) == "open"


def _ask(proxy: Proxy, key: str, address: str) -> int:
    proxy.adds["X-Forwarded-For"] = address
    with Client(proxy.url, api_key=key) as client:
        return client.get("/reservations").status_code


def test_guesser_behind_a_trusted_proxy_is_throttled_and_nobody_else(tmp_path: Path) -> None:
    with Server(
        tmp_path,
        WEB_CONCURRENCY=1,
        TICKETBOSS_AUTH="keys",
        TICKETBOSS_TRUSTED_PROXIES="127.0.0.1",
    ) as server:
        key = server.operate("keys", "create", "--partner", "abc-corp")["key"]
        with Proxy(server.port, {"Host": PUBLIC_HOST}) as proxy:
            guesses = [
                _ask(proxy, WRONG_KEY, "203.0.113.9") for _ in range(FAILED_KEYS_PER_MINUTE_MAX + 1)
            ]
            assert guesses == [401] * FAILED_KEYS_PER_MINUTE_MAX + [429]
            assert _ask(proxy, WRONG_KEY, "203.0.113.10") == 401
            assert _ask(proxy, key, "203.0.113.10") == 200
            # A guesser takes no live key from those who share the address.
            assert _ask(proxy, key, "203.0.113.9") == 200
            # What the client itself wrote before the proxy's own word does not count.
            assert _ask(proxy, WRONG_KEY, "203.0.113.77, 203.0.113.9") == 429


def test_guesser_cannot_hide_behind_a_header_that_nobody_trusts(tmp_path: Path) -> None:
    with Server(tmp_path, WEB_CONCURRENCY=1, TICKETBOSS_AUTH="keys") as server:
        with Proxy(server.port, {}) as proxy:
            guesses = [
                _ask(proxy, WRONG_KEY, f"203.0.113.{number}")
                for number in range(FAILED_KEYS_PER_MINUTE_MAX + 1)
            ]
        assert guesses == [401] * FAILED_KEYS_PER_MINUTE_MAX + [429]
