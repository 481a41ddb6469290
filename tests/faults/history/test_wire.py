"""What a client writes down when there is nobody to ask."""

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.history.record import read_operations
from tests.faults.history.wire import Identity, Request, Wire
from tests.ports import free_port

ADA = Identity("key", "partner:ada", "ada")
READ = Request("read_event", "GET", "/events/sale")


def test_a_request_that_could_not_be_sent_is_no_part_of_the_history(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    with path.open("w") as file:
        wire = Wire(free_port(), "c", ADA, file, connect_seconds_max=0.1)
        with pytest.raises(ConnectionRefusedError):
            wire.ask(READ)
    assert read_operations([path]) == []


def test_a_server_that_is_away_is_waited_for_and_what_is_then_lost_is_unknown(
    tmp_path: Path,
) -> None:
    path, port = tmp_path / "c.jsonl", free_port()
    with path.open("w") as file, ThreadPoolExecutor() as threads:
        asking = threads.submit(Wire(port, "c", ADA, file).ask, READ)
        with socket.create_server(("127.0.0.1", port)) as server:
            connection, _ = server.accept()
            connection.close()
            assert asking.result().outcome == "unknown"
    assert [each.outcome for each in read_operations([path])] == ["unknown"]


def test_an_answer_that_nobody_can_read_is_written_down(tmp_path: Path) -> None:
    path, port = tmp_path / "c.jsonl", free_port()
    head = "HTTP/1.1 200 OK\r\nTicketBoss-Version: new\r\nContent-Length: 2\r\n\r\n"
    with (
        path.open("w") as file,
        socket.create_server(("127.0.0.1", port)) as server,
        ThreadPoolExecutor() as threads,
    ):
        wire = Wire(port, "c", ADA, file)
        asking = threads.submit(wire.ask, READ)
        connection, _ = server.accept()
        with connection:
            connection.recv(10_000)
            connection.sendall(head.encode() + b"\xff\xfe")
            asking.result()
        wire.close()
    [read] = read_operations([path])
    assert (read.status, read.version, read.text) == (200, None, "\ufffd\ufffd")
