"""The counts of a real server: right over all its workers, whatever happens to these."""

import os
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.concurrency.clients import Client, crowd, statuses
from tests.concurrency.killing import kill_a_worker
from tests.concurrency.watching import (
    log_lines,
    reload_workers,
    wait_until,
    wait_until_all_workers_answer,
)
from tests.database import url_of_no_database
from tests.exposition import Exposition
from tests.server import Server

CLIENTS = 12
EACH = 5
SCRAPES = 6
WAIT_SECONDS_MAX = 30.0
ROUTE = "/reservations"
MEMORY = Path("/dev/shm")  # noqa: S108 - looked into, and nothing written


def counts_folder(server: Server) -> Path:
    """Where the workers of a server count, in memory where the system has that."""
    parent = MEMORY if MEMORY.is_dir() else Path(tempfile.gettempdir())
    return parent / f"ticketboss-metrics-{os.getuid()}-{server.master_pid}"


def scraped(server: Server) -> Exposition:
    """What whichever worker takes the connection tells of all."""
    with Client(server.url) as client:
        answer = client.get("/metrics")
    assert answer.status_code == 200, answer.text
    return Exposition(answer.text)


def reserve_more(server: Server) -> None:
    """Make CLIENTS x EACH reservations, in all workers."""
    wait_until_all_workers_answer(server)
    pids = set(server.worker_pids())
    seen = len(log_lines(server))

    def reserve(client: Client, _: int) -> set[int]:
        return set(statuses([client.reserve(1) for _ in range(EACH)]))

    assert crowd(server, CLIENTS, reserve) == [{201}] * CLIENTS
    posts = [line for line in log_lines(server)[seen:] if line.get("method") == "POST"]
    assert {line["pid"] for line in posts} == pids, "one worker alone needs no sum"


def assert_counted(server: Server, rounds: int) -> None:
    """Whichever worker is asked, it tells of all that was reserved so far."""
    made = rounds * CLIENTS * EACH
    for _ in range(SCRAPES):
        found = scraped(server)
        assert found.total("requests_total", route=ROUTE, status="201") == made
        assert found.total("commands_total", command="reserve", outcome="accepted") == made
        assert found.total("ledger_entries_total", kind="reserved") == made
        assert found.total("batch_commands_sum") == made
        assert found.total("batch_commands_bucket", le="+Inf") == found.total(
            "batch_commands_count"
        )
        assert 0 < found.total("commit_seconds_count") <= made
        assert found.total("available_seats") == 500 - made
        assert found.total("queue_length") == 0


def test_counts_of_all_workers_stay_right_over_deaths_and_reloads(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        reserve_more(server)
        assert_counted(server, rounds=1)

        killed = {kill_a_worker(server, set())}
        killed.add(kill_a_worker(server, killed))
        wait_until(lambda: not killed & set(server.worker_pids()), "the killed workers stayed")
        assert_counted(server, rounds=1)
        reserve_more(server)
        assert_counted(server, rounds=2)

        reload_workers(server)
        assert_counted(server, rounds=2)
        reserve_more(server)
        assert_counted(server, rounds=3)
        kill_a_worker(server, set())
        assert_counted(server, rounds=3)
        # As many files as workers were there at the same time, and not as there have ever been.
        assert len(list(counts_folder(server).glob("slot-*.lock"))) <= 4


def test_queue_and_waits_in_vain_are_told_while_nobody_gets_on(tmp_path: Path) -> None:
    with Server(tmp_path, WEB_CONCURRENCY=1, TICKETBOSS_COMMAND_SECONDS_MAX=3) as server:
        waits_before = scraped(server).total("lock_wait_seconds_count")

        def stop_writes() -> None:
            with server.database.writes_locked():
                locked.set()
                wait_until(
                    lambda: scraped(server).total("queue_length") > 0, "no queue was told of"
                )
                wait_until(
                    lambda: scraped(server).total("lock_wait_seconds_count") > waits_before,
                    "no wait in vain was told of",
                )

        locked = threading.Event()
        with ThreadPoolExecutor(1) as thread:
            stopping = thread.submit(stop_writes)
            assert locked.wait(WAIT_SECONDS_MAX)
            told = crowd(server, CLIENTS, lambda client, _: client.reserve(1).status_code)
            stopping.result(WAIT_SECONDS_MAX)

        assert 503 in told
        wait_until(lambda: scraped(server).total("queue_length") == 0, "the queue never ended")


def test_folder_of_the_counts_is_there_while_the_server_is_and_no_longer(server: Server) -> None:
    folder = counts_folder(server)
    scraped(server)

    assert folder.stat().st_mode & 0o777 == 0o700
    assert list(folder.iterdir())
    reload_workers(server)
    assert folder.is_dir()
    assert server.stop() == 0
    assert not folder.exists()


def test_server_that_cannot_start_leaves_no_folder_of_counts(tmp_path: Path) -> None:
    server = Server(tmp_path, DATABASE_URL=url_of_no_database(tmp_path))
    server.start()
    try:
        assert server.wait_for_exit() != 0
        assert not counts_folder(server).exists()
    finally:
        server.destroy()


@pytest.mark.parametrize("said_by", ["environment", "file"])
def test_folder_that_the_operator_has_named_is_used_and_kept(tmp_path: Path, said_by: str) -> None:
    folder, env_file = tmp_path / "counts", tmp_path / "settings.env"
    folder.mkdir()
    settings = {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
    if said_by == "file":
        env_file.write_text(f"PROMETHEUS_MULTIPROC_DIR={folder}\n")
        settings = {"TICKETBOSS_ENV_FILE": str(env_file)}
    with Server(tmp_path, **settings) as server:
        reserve_more(server)
        counted = scraped(server).total("requests_total", route=ROUTE, status="201")
        assert counted == CLIENTS * EACH
        assert not counts_folder(server).exists()
        assert server.stop() == 0
    assert list(folder.glob("*.db"))
