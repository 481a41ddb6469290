"""Real servers whose disk fails, is full, or has a limit: true answers, reads, and recovery."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.concurrency.clients import Client, crowd
from tests.faults.io.buying import (
    Buyer,
    check_log,
    check_reads,
    check_that_all_is_told_truly,
)
from tests.faults.io.faults import Fault
from tests.faults.io.servers import BoundServer, FailingServer, fill, make_room, migrate, small_disk
from tests.server import Server

pytestmark = pytest.mark.sqlite_only("PostgreSQL has its disk to itself")

CLIENTS = 4
SEATS_EACH = 15
DISK_KILOBYTES = 2_048
FILE_BYTES_MAX = 400 * 1024
# The migration at the start makes fewer of them.
FIRST_FAILING_CALL = {"sync": 5, "write": 40}
IMPATIENT = {"TICKETBOSS_COMMAND_SECONDS_MAX": "0.5", "LOG_LEVEL": "warning"}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(small_disk(tmp_path / "disk", DISK_KILOBYTES))
        except PermissionError as error:
            pytest.fail(str(error), pytrace=False)
        yield folder


def _buy(client: Client, number: int) -> Buyer:
    buyer = Buyer(client, f"buyer-{number}")
    for _ in range(SEATS_EACH):
        if buyer.ask().status_code != 201:
            buyer.insist()
    return buyer


def _failing(folder: Path, fault: Fault) -> FailingServer:
    """A server whose first calls succeed; the database is there, for its migration counts too."""
    migrate(folder)
    return FailingServer(folder, fault, FIRST_FAILING_CALL[fault.call], **IMPATIENT)


@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize(
    "fault",
    [Fault("sync", "EIO", "ten times"), Fault("write", "ENOSPC", "ten times")],
    ids=str,
)
def test_clients_who_ask_again_get_all_they_want_once_calls_succeed_again(
    tmp_path: Path, fault: Fault
) -> None:
    with _failing(tmp_path, fault) as server:
        buyers = crowd(server, CLIENTS, _buy)
        assert server.failed_calls() >= 10
        check_that_all_is_told_truly(server, *buyers)


@pytest.mark.usefixtures("strace")
def test_reads_go_on_while_no_sync_succeeds_and_a_restart_finds_all_that_was_told(
    tmp_path: Path,
) -> None:
    fault = Fault("sync", "EIO", "for ever")
    with _failing(tmp_path, fault) as failing:
        with Client(failing.url) as client:
            buyer = Buyer(client, "buyer")
            buyer.ask_until_refused()
            check_reads(client)
            assert buyer.ask(again=True).json()["code"] == "outcome_unknown"
        check_log(failing)
    with Server(tmp_path) as server, Client(server.url) as client:
        buyer.client = client
        buyer.insist()
        check_that_all_is_told_truly(server, buyer)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_on_a_full_disk_reads_go_on_and_writes_once_there_is_room(
    tmp_path: Path, disk: Path
) -> None:
    url = f"sqlite:///{disk}/ticketboss.db"
    with Server(tmp_path, DATABASE_URL=url, **IMPATIENT) as server, Client(server.url) as client:
        buyer = Buyer(client, "buyer")
        assert buyer.ask().status_code == 201
        fill(disk)
        buyer.ask_until_refused()
        assert buyer.refused == ["storage_unavailable"]
        check_reads(client)
        make_room(disk)
        buyer.insist()
        check_that_all_is_told_truly(server, buyer)
        assert "free some space" in server.log()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_without_a_database_refuses_the_start(tmp_path: Path, disk: Path) -> None:
    fill(disk)
    server = Server(tmp_path, DATABASE_URL=f"sqlite:///{disk}/ticketboss.db")
    server.start()
    try:
        assert server.wait_for_exit() != 0
    finally:
        server.destroy()
    assert f"{disk}/ticketboss.db" in server.log()
    assert "free some space" in server.log()
    assert "Booting worker" not in server.log()
    check_log(server)


def test_at_a_limit_of_file_sizes_reads_go_on_and_writes_once_it_is_lifted(tmp_path: Path) -> None:
    server = BoundServer(tmp_path, **IMPATIENT)
    server.file_bytes_max = FILE_BYTES_MAX
    with server, Client(server.url) as client:
        buyer = Buyer(client, "buyer")
        buyer.ask_until_refused()
        check_reads(client)
        server.lift_the_limit()
        buyer.insist()
        check_that_all_is_told_truly(server, buyer)
