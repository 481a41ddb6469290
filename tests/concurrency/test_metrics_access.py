"""Without a key /metrics is for this machine alone, and only where nobody else can connect."""

from pathlib import Path

import pytest

from tests.concurrency.clients import Client
from tests.concurrency.doors import UnixConnection
from tests.concurrency.proxy import Proxy
from tests.concurrency.watching import wait_until
from tests.ports import free_port
from tests.server import Server

PUBLIC_HOST = "tickets.example"


def _metrics(url: str, api_key: str | None = None) -> int:
    with Client(url, api_key=api_key) as client:
        return client.get("/metrics").status_code


def test_server_on_loopback_shows_metrics_to_this_machine_and_to_no_proxy(tmp_path: Path) -> None:
    with Server(tmp_path, WEB_CONCURRENCY=1, TICKETBOSS_AUTH="keys") as server:
        assert _metrics(server.url) == 200
        with Client(server.url) as client:
            assert client.get("/reservations").status_code == 401
        for adds in (
            {"Host": "127.0.0.1", "X-Forwarded-For": "127.0.0.1"},
            {"Host": "127.0.0.1", "Via": "1.1 proxy"},
            {"Host": PUBLIC_HOST},
        ):
            with Proxy(server.port, adds) as proxy:
                assert _metrics(proxy.url) == 401, adds


@pytest.mark.parametrize(
    "arguments",
    [("-b", "0.0.0.0:{port}"), ("-b", "127.0.0.1:{port}", "-b", "0.0.0.0:{other}")],
    ids=["every-address", "loopback-and-every-address"],
)
def test_server_that_others_reach_shows_metrics_to_operators_alone(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    port, other = free_port(), free_port()
    server = Server(tmp_path, WEB_CONCURRENCY=1, PORT=port)
    server.url = f"http://127.0.0.1:{port}"
    server.start(*(text.format(port=port, other=other) for text in arguments))
    try:
        server.wait_until_ready()
        operator = server.operate("keys", "create", "--operator")["key"]
        partner = server.operate("keys", "create", "--partner", "abc-corp")["key"]

        assert _metrics(server.url) == 401
        assert _metrics(server.url, partner) == 403
        assert _metrics(server.url, operator) == 200
        # Whoever comes by a proxy needs a key too, and needs no more than that.
        with Proxy(port, {"Host": PUBLIC_HOST, "X-Forwarded-For": "203.0.113.9"}) as proxy:
            assert (_metrics(proxy.url), _metrics(proxy.url, operator)) == (401, 200)
    finally:
        server.destroy()


def test_server_on_a_unix_socket_shows_no_metrics_without_a_key(tmp_path: Path) -> None:
    server = Server(tmp_path, WEB_CONCURRENCY=1)
    path = tmp_path / "socket"
    server.start("--bind", f"unix:{path}")
    connection = UnixConnection(path)
    try:
        wait_until(lambda: "Booting worker" in server.log(), "no worker was started")
        connection.request("GET", "/metrics")
        assert connection.getresponse().status == 401
    finally:
        connection.close()
        server.destroy()
