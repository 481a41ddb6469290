"""Whether keys are asked for depends on where the server is really bound, whoever said so."""

import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.concurrency.doors import door, door_of_socket
from tests.concurrency.watching import wait_until
from tests.ports import free_port
from tests.server import PROJECT, Server

OPEN, KEYS = "open", "key_required"
WERKZEUG = (
    "from werkzeug.serving import run_simple; from wsgi import app; "
    "import sys; run_simple('127.0.0.1', int(sys.argv[1]), app, threaded=True)"
)


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def _case(
    name: str, expected: str, *arguments: str, host: str = "127.0.0.1", **settings: str
) -> object:
    return pytest.param(arguments, settings, host, expected, id=name)


CASES = [
    _case("loopback-by-default", OPEN),
    _case("every-address-by-flag", KEYS, "--bind", "0.0.0.0:{port}"),
    _case("every-address-by-setting", KEYS, HOST="0.0.0.0"),
    _case("every-address-by-gunicorns-variable", KEYS, GUNICORN_CMD_ARGS="--bind=0.0.0.0:{port}"),
    _case("loopback-by-flag-against-the-setting", OPEN, "-b", "127.0.0.1:{port}", HOST="0.0.0.0"),
    _case("loopback-and-every-address", KEYS, "-b", "127.0.0.1:{port}", "-b", "0.0.0.0:{other}"),
    _case("keys-said-on-loopback", KEYS, TICKETBOSS_AUTH="keys"),
    _case("keys-said-beside-gunicorns-env-flag", KEYS, "--env", "TZ=UTC", TICKETBOSS_AUTH="keys"),
    _case("open-said-on-every-address", OPEN, HOST="0.0.0.0", TICKETBOSS_AUTH="open"),
]
# No skip where there is no IPv6: there is nothing to be tested then.
if _has_ipv6():
    CASES += [
        _case("loopback-of-ipv6", OPEN, host="[::1]", HOST="::1"),
        _case("every-address-of-ipv6", KEYS, "--bind", "[::]:{port}", host="[::1]"),
    ]


@pytest.mark.parametrize(("arguments", "settings", "host", "expected"), CASES)
def test_server_asks_for_keys_unless_only_loopback_reaches_it(
    tmp_path: Path,
    arguments: tuple[str, ...],
    settings: dict[str, str],
    host: str,
    expected: str,
) -> None:
    port, other = free_port(), free_port()
    ready = {name: text.format(port=port) for name, text in settings.items()}
    server = Server(tmp_path, WEB_CONCURRENCY=1, PORT=port, **ready)
    server.url = f"http://{host}:{port}"
    server.start(*(text.format(port=port, other=other) for text in arguments))
    try:
        server.wait_until_ready()
        assert door(server.url) == expected
        if f"0.0.0.0:{other}" in server.log():
            assert door(f"http://127.0.0.1:{other}") == expected
        needed = "an" if expected == KEYS else "no"
        assert f"Requests need {needed} API key." in server.log()
    finally:
        server.destroy()


def test_unix_socket_asks_for_keys(tmp_path: Path) -> None:
    server = Server(tmp_path, WEB_CONCURRENCY=1)
    path = tmp_path / "socket"
    server.start("--bind", f"unix:{path}")
    try:
        wait_until(lambda: "Booting worker" in server.log(), "no worker was started")
        assert door_of_socket(path) == KEYS
    finally:
        server.destroy()


def test_gunicorn_without_our_configuration_asks_for_keys(tmp_path: Path) -> None:
    configuration = tmp_path / "empty.conf.py"
    configuration.touch()
    server = Server(tmp_path)
    assert server.command("migrate").returncode == 0
    server.start("--config", str(configuration), "--bind", f"127.0.0.1:{server.port}")
    try:
        server.wait_until_ready()
        assert door(server.url) == KEYS
    finally:
        server.destroy()


def test_another_server_on_loopback_asks_for_keys(tmp_path: Path) -> None:
    server = Server(tmp_path)
    assert server.command("migrate").returncode == 0
    process = subprocess.Popen(
        [sys.executable, "-c", WERKZEUG, str(server.port)],
        cwd=PROJECT,
        env=server.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: _accepts(server.port), "werkzeug did not start")
        assert door(server.url) == KEYS
    finally:
        process.kill()
        process.wait()


def _accepts(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
