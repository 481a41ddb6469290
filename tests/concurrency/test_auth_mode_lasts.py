"""What was decided about keys at the start holds for every later worker, until a reload."""

import os
import signal
from pathlib import Path

import pytest

from tests.concurrency.doors import door
from tests.concurrency.watching import reload_workers, wait_until
from tests.ports import free_port
from tests.server import Server

OPEN, KEYS = "open", "key_required"


def _replace_the_worker(server: Server) -> None:
    (before,) = server.worker_pids()
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: before not in server.worker_pids(), "the worker stayed")
    server.wait_until_ready()


@pytest.mark.parametrize(
    ("address", "expected"), [("127.0.0.1", OPEN), ("0.0.0.0", KEYS)], ids=["loopback", "every"]
)
def test_replaced_and_reloaded_workers_keep_the_mode(
    tmp_path: Path, address: str, expected: str
) -> None:
    server = Server(tmp_path, WEB_CONCURRENCY=1)
    server.start("--bind", f"{address}:{server.port}")
    try:
        server.wait_until_ready()
        assert door(server.url) == expected
        _replace_the_worker(server)
        assert door(server.url) == expected
        reload_workers(server)
        assert door(server.url) == expected
        _replace_the_worker(server)
        assert door(server.url) == expected
    finally:
        server.destroy()


def test_reload_that_moves_the_server_off_loopback_asks_for_keys(tmp_path: Path) -> None:
    env_file = tmp_path / "settings.env"
    server = Server(tmp_path, WEB_CONCURRENCY=1, TICKETBOSS_ENV_FILE=str(env_file))
    # The environment would win over the file.
    del server.environment["PORT"]
    env_file.write_text(f"HOST=127.0.0.1\nPORT={server.port}\n")
    with server:
        assert door(server.url) == OPEN
        port = free_port()
        env_file.write_text(f"HOST=0.0.0.0\nPORT={port}\n")
        reload_workers(server)
        server.url = f"http://127.0.0.1:{port}"
        server.wait_until_ready()
        assert door(server.url) == KEYS


def test_changed_file_opens_nothing_before_the_reload(tmp_path: Path) -> None:
    env_file = tmp_path / "settings.env"
    env_file.write_text("TICKETBOSS_AUTH=keys\n")
    with Server(tmp_path, WEB_CONCURRENCY=1, TICKETBOSS_ENV_FILE=str(env_file)) as server:
        assert door(server.url) == KEYS
        env_file.write_text("TICKETBOSS_AUTH=open\n")
        _replace_the_worker(server)
        assert door(server.url) == KEYS
        reload_workers(server)
        assert door(server.url) == OPEN


def test_reload_that_could_not_bind_is_not_begun(tmp_path: Path) -> None:
    env_file = tmp_path / "settings.env"
    server = Server(tmp_path, WEB_CONCURRENCY=1, TICKETBOSS_ENV_FILE=str(env_file))
    del server.environment["PORT"]
    env_file.write_text(f"HOST=127.0.0.1\nPORT={server.port}\n")
    with server:
        before = server.worker_pids()
        # The workers that serve until the new ones are there still have the port.
        env_file.write_text(f"HOST=0.0.0.0\nPORT={server.port}\n")
        server.signal(signal.SIGHUP)
        wait_until(lambda: "Not reloaded" in server.log(), "the reload was begun")
        assert "change HOST by a restart, or PORT as well" in server.log()
        assert server.worker_pids() == before
        assert door(server.url) == OPEN
