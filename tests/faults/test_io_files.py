"""Files that are away or may not be written: a refusal to start, or answers until they are back."""

import os
import signal
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.concurrency.clients import Client
from tests.faults.io.buying import Buyer, check_log, check_reads, check_that_all_is_told_truly
from tests.faults.io.servers import UnprivilegedServer, migrate
from tests.server import Server
from ticketboss.repository.sqlite.driver import choose_driver

pytestmark = pytest.mark.sqlite_only("it is about the files of SQLite")

WRITABLE, READ_ONLY, CLOSED = 0o644, 0o444, 0o000
IMPATIENT = {"TICKETBOSS_COMMAND_SECONDS_MAX": "0.5"}
REMEDY = "the server's account must be able to write to the file and to its folder"


def _refusal(server: Server) -> str:
    """The log of a server that must not start."""
    server.start()
    try:
        assert server.wait_for_exit() != 0
    finally:
        server.destroy()
    assert "Booting worker" not in server.log()
    check_log(server)
    return server.log()


def _read_only(folder: Path) -> Path:
    path = migrate(folder)
    path.chmod(READ_ONLY)
    return path


def _closed(folder: Path) -> Path:
    path = migrate(folder)
    path.chmod(CLOSED)
    return path


def _no_place_for_its_folder(folder: Path) -> Path:
    (folder / "closed").mkdir(mode=0o555)
    return folder / "closed" / "missing" / "ticketboss.db"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_read_only, REMEDY),
        (_closed, REMEDY),
        (_no_place_for_its_folder, "Permission denied"),
    ],
)
def test_a_file_that_may_not_be_written_refuses_the_start_and_is_named(
    tmp_path: Path, make: Callable[[Path], Path], said: str
) -> None:
    path = make(tmp_path)
    log = _refusal(UnprivilegedServer(tmp_path, DATABASE_URL=f"sqlite:///{path}"))
    assert said in log
    assert str(path.parent) in log


def test_a_file_that_is_no_database_refuses_the_start_and_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ticketboss.db"
    path.write_bytes(b"something else entirely" * 100)
    log = _refusal(Server(tmp_path))
    assert f"{path}: file is not a database (DATABASE_URL names another file" in log


def test_from_a_file_that_became_read_only_is_read_and_it_is_written_once_it_may_be(
    tmp_path: Path,
) -> None:
    with UnprivilegedServer(tmp_path, **IMPATIENT) as server:
        with Client(server.url) as client:
            buyer = Buyer(client, "buyer")
            assert buyer.ask().status_code == 201
        path = tmp_path / "ticketboss.db"
        path.chmod(READ_ONLY)
        # What is open stays open: new workers meet the file as it is now.
        for pid in server.worker_pids():
            os.kill(pid, signal.SIGKILL)
        server.wait_until_ready()
        with Client(server.url) as client:
            buyer.client = client
            assert buyer.ask().json()["code"] == "storage_unavailable"
            check_reads(client)
            path.chmod(WRITABLE)
            buyer.insist()
            check_that_all_is_told_truly(server, buyer)
        assert REMEDY in server.log()


@pytest.mark.parametrize("away", [".", "ticketboss.db"], ids=["the folder", "the file"])
def test_while_its_files_are_away_a_server_says_so_and_goes_on_when_they_are_back(
    tmp_path: Path, away: str
) -> None:
    folder, hidden = tmp_path / "data", tmp_path / "hidden"
    moved = folder / away
    url = f"sqlite:///{folder}/ticketboss.db"
    with Server(tmp_path, DATABASE_URL=url, **IMPATIENT) as server, Client(server.url) as client:
        buyer = Buyer(client, "buyer")
        assert buyer.ask().status_code == 201
        moved.rename(hidden)
        assert buyer.ask().json()["code"] == "storage_unavailable"
        assert client.get("/reservations").json()["code"] == "storage_unavailable"
        assert client.get("/readyz").json()["code"] == "not_ready"
        hidden.rename(moved)
        buyer.insist()
        assert client.get("/readyz").status_code == 200
        check_that_all_is_told_truly(server, buyer)


def test_a_copy_that_came_into_the_place_of_the_file_is_what_is_sold_from(tmp_path: Path) -> None:
    """As a restore does that did not wait for the server to stop."""
    path, copy = tmp_path / "ticketboss.db", tmp_path / "copy"
    connect = choose_driver().module.connect
    with Server(tmp_path) as server, Client(server.url) as client:
        buyer = Buyer(client, "buyer")
        assert buyer.ask().status_code == 201
        with closing(connect(path)) as source, closing(connect(copy)) as target:
            source.backup(target)
        for file in tmp_path.glob(f"{path.name}-*"):
            file.unlink()
        copy.replace(path)
        assert [buyer.ask().status_code for _ in range(5)] == [201] * 5
        check_that_all_is_told_truly(server, buyer)


def test_a_newer_schema_takes_a_running_server_out_of_service(tmp_path: Path) -> None:
    later = "INSERT INTO schema_migrations VALUES (9999, '9999_later.sql', 0)"
    with Server(tmp_path) as server, Client(server.url) as client:
        server.database.execute(later)
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert "start the newer TicketBoss" in answer.json()["detail"]
        check_log(server)
