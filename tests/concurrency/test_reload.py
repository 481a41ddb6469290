"""SIGHUP: new workers with new settings, and not one request lost; or the old ones stay."""

import os
import signal
from pathlib import Path

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
