"""SIGHUP: new workers with new settings, and not one request lost; or the old ones stay."""

import os
import signal
import time
from pathlib import Path

import pytest
import requests

from tests.concurrency.clients import Client, summary_of
from tests.concurrency.load import Load
from tests.concurrency.watching import (
    log_lines,
    reload_workers,
    wait_until,
    wait_until_all_workers_answer,
)
from tests.server import Server

SEATS_ENOUGH_FOR_ALL = 1_000_000
BOOT_SECONDS = 4


def test_reload_under_load_changes_the_workers_and_loses_no_request(tmp_path: Path) -> None:
    with Server(tmp_path, TICKETBOSS_DEFAULT_EVENT_SEATS=SEATS_ENOUGH_FOR_ALL) as server:
        master_pid = server.master_pid
        with Load(server, clients=4) as load:
            load.wait_for_more(40)
            reload_workers(server)
            load.wait_for_more(40)

        assert load.interruptions == []
        assert server.master_pid == master_pid
        assert len(server.worker_pids()) == 2
        assert summary_of(server)["version"] == len(load.settled)
        assert server.differences() == []


class SlowToBoot(Server):
    """A server whose workers need some seconds until they serve."""

    wsgi_app = "tests.concurrency.slow_boot:app"


@pytest.mark.parametrize("worker_class", ["gevent", "gthread"])
def test_old_workers_take_connections_until_the_new_ones_do(
    tmp_path: Path, worker_class: str
) -> None:
    settings: dict[str, str | int] = {
        "TICKETBOSS_WORKER_CLASS": worker_class,
        "BOOT_SECONDS": BOOT_SECONDS,
    }
    with SlowToBoot(tmp_path, **settings) as server:
        before = set(server.worker_pids())
        server.signal(signal.SIGHUP)
        wait_until(lambda: len(set(server.worker_pids()) - before) == 2, "no new workers came")
        longest, served_during_boot = 0.0, 0
        while before & set(server.worker_pids()):
            began = time.monotonic()
            # Each over a connection of its own: the old workers keep those that they have.
            assert requests.get(f"{server.url}/healthz", timeout=30).status_code == 200
            longest = max(longest, time.monotonic() - began)
            served_during_boot += 1

    # Without anybody to take it, the first one would have waited for all of the boot.
    assert longest < BOOT_SECONDS / 2
    assert served_during_boot > 10


def test_reload_brings_changed_settings_into_force(tmp_path: Path) -> None:
    env_file = tmp_path / "settings.env"
    env_file.write_text("TICKETBOSS_DEFAULT_EVENT=spring-2026\n")
    with Server(tmp_path, TICKETBOSS_ENV_FILE=str(env_file)) as server:
        assert summary_of(server)["eventId"] == "spring-2026"
        env_file.write_text(
            "TICKETBOSS_DEFAULT_EVENT=autumn-2026\nTICKETBOSS_DEFAULT_EVENT_SEATS=70\n"
        )
        reload_workers(server)

        summary = summary_of(server)
        assert (summary["eventId"], summary["totalSeats"]) == ("autumn-2026", 70)
        with Client(server.url) as client:
            assert client.get("/events/spring-2026").status_code == 200


def test_reload_with_broken_settings_keeps_the_old_workers_and_says_why(tmp_path: Path) -> None:
    env_file = tmp_path / "settings.env"
    env_file.write_text("LOG_LEVEL=info\n")
    with Server(tmp_path, TICKETBOSS_ENV_FILE=str(env_file)) as server:
        wait_until_all_workers_answer(server)
        before = server.worker_pids()
        env_file.write_text("LOG_LEVEL=loud\n")
        server.signal(signal.SIGHUP)
        wait_until(lambda: "Not reloaded" in server.log(), "nothing was said of the reload")

        assert "LOG_LEVEL: Must be one of" in server.log()
        assert "Traceback" not in server.log()
        assert [line["level"] for line in log_lines(server) if "Not reloaded" in line["message"]]
        assert server.worker_pids() == before
        with Client(server.url) as client:
            assert client.reserve(1).status_code == 201

        env_file.write_text("LOG_LEVEL=info\n")
        reload_workers(server)
        assert summary_of(server)["availableSeats"] == 499


class Breakable(Server):
    """A server whose code can be broken."""

    wsgi_app = "tests.concurrency.breakable:app"


def test_reload_of_code_that_cannot_be_imported_keeps_the_old_workers(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    with Breakable(tmp_path, BROKEN=str(broken)) as server:
        wait_until_all_workers_answer(server)
        before = server.worker_pids()
        broken.touch()
        server.signal(signal.SIGHUP)
        wait_until(lambda: "Not reloaded" in server.log(), "nothing was said of the reload")
        wait_until(lambda: server.worker_pids() == before, "the new workers stayed")
        with Client(server.url) as client:
            assert client.reserve(1).status_code == 201

        broken.unlink()
        reload_workers(server)
        assert summary_of(server)["availableSeats"] == 499


def test_worker_that_dies_while_the_settings_are_broken_is_replaced(tmp_path: Path) -> None:
    env_file = tmp_path / "settings.env"
    env_file.write_text("LOG_LEVEL=info\n")
    with Server(tmp_path, TICKETBOSS_ENV_FILE=str(env_file)) as server:
        wait_until_all_workers_answer(server)
        before = set(server.worker_pids())
        env_file.write_text("LOG_LEVEL=loud\n")
        os.kill(min(before), signal.SIGKILL)
        wait_until(lambda: bool(set(server.worker_pids()) - before), "no worker took its place")
        wait_until_all_workers_answer(server)

        assert len(server.worker_pids()) == 2
        assert summary_of(server)["availableSeats"] == 500
