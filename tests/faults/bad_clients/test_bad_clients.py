"""Bad clients of all kinds at once: the others hardly notice, and the server stays what it was."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.concurrency.watching import log_lines, wait_until, wait_until_all_workers_answer
from tests.faults.bad_clients.kinds import CROWD
from tests.faults.bad_clients.run import SETTINGS, Measured, measure
from tests.planting import copy_of_the_code
from tests.server import Server

SECONDS = 6.0
SEED = 1
EVENT = "/events/node-meetup-2025"
FEW_PLACES = "--worker-connections 20 --keep-alive 1"
# Those who wait for a place are let in by turns, each after what an idle one may stay.
LET_IN_SECONDS_MAX = 15.0
SOFT_FILES, HARD_FILES = 300, 500
GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Limited(Server):
    """A server that is started with limits on its open files."""

    limits = ""

    def command_line(self) -> list[str]:
        return ["sh", "-c", f'ulimit {self.limits}; exec "$@"', "sh", *super().command_line()]


@contextmanager
def idle_connections(server: Server, count: int) -> Iterator[None]:
    """So many connections on which nothing is said."""
    with ExitStack() as opened:
        for _ in range(count):
            opened.enter_context(socket.create_connection(("127.0.0.1", server.port)))
        yield


def open_files(server: Server) -> set[tuple[str, str]]:
    """The soft and the hard limit of each worker."""
    found = set()
    for pid in server.worker_pids():
        lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
        [line] = [line for line in lines if line.startswith("Max open files")]
        found.add((line.split()[3], line.split()[4]))
    return found


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """What came of one measurement; the server must be sound behind it."""
    with Server(tmp_path_factory.mktemp("bad-clients"), **SETTINGS) as server:
        workers = set(server.worker_pids())
        found = measure(server, SECONDS, SEED)
        assert set(server.worker_pids()) == workers, "a worker was lost"
        assert requests.get(f"{server.url}/readyz", timeout=10).status_code == 200
        smuggled = requests.get(f"{server.url}{EVENT}/reservations?partnerId=smuggler", timeout=10)
        assert smuggled.json()["reservations"] == []
        assert not [line for line in log_lines(server) if "exception" in line]
        assert server.differences() == []
    return found


def test_others_hardly_notice_bad_clients(measured: Measured) -> None:
    assert measured.answers >= 100
    assert measured.faults(measured.rss_before_mib) == []


def test_each_kind_of_bad_client_has_acted(measured: Measured) -> None:
    # Those who stay do not come to an end within so short a time.
    staying = {"idle", "idle behind a request", "slow head", "slow body"}
    assert set(measured.crowd["acts"]) | staying == set(CROWD)
    assert {"200", "400"} <= set(measured.crowd["answers"])


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, None),
        ({"quiet_p99_ms": 40.0, "beside_p99_ms": 399.0}, None),
        ({"quiet_p99_ms": 40.0, "beside_p99_ms": 401.0}, "over 400 ms"),
        ({"beside_p99_ms": 251.0}, "over 250 ms"),
        ({"beside_longest_ms": 1_999.0}, None),
        ({"beside_longest_ms": 2_001.0}, "longest wait of 2001 ms is over 2000 ms"),
        ({"rss_most_mib": 115.0}, "from 50 to 115 MiB"),
        ({"crowd": {"violations": ["noise 1, act 2 of seed 3: [500]"]}}, "seed 3"),
    ],
)
def test_what_is_not_as_promised_is_told(changes: dict[str, Any], fault: str | None) -> None:
    sound = Measured(5.0, 50.0, 90.0, 1_000, 50.0, 100.0, 60.0, {"violations": []})

    faults = replace(sound, **changes).faults(50.0)

    assert len(faults) == (fault is not None)
    assert fault is None or fault in faults[0]


def test_who_finds_no_place_waits_and_is_served(tmp_path: Path) -> None:
    with Server(tmp_path, GUNICORN_CMD_ARGS=FEW_PLACES) as server:
        wait_until_all_workers_answer(server)
        with idle_connections(server, 60):
            answer = requests.get(f"{server.url}/healthz", timeout=LET_IN_SECONDS_MAX)
            assert answer.status_code == 200


def test_workers_have_files_for_their_connections_whatever_the_soft_limit(tmp_path: Path) -> None:
    server = Limited(tmp_path)
    server.limits = f"-Sn {SOFT_FILES}"
    with server:
        wait_until_all_workers_answer(server)
        assert {int(soft) for soft, _ in open_files(server)} == {2_200}


def test_few_files_mean_fewer_connections_and_no_errors(tmp_path: Path) -> None:
    server = Limited(tmp_path, GUNICORN_CMD_ARGS="--keep-alive 1")
    server.limits = f"-n {HARD_FILES}"
    with server:
        wait_until_all_workers_answer(server)
        assert open_files(server) == {(str(HARD_FILES), str(HARD_FILES))}
        # More than both workers have files for.
        with idle_connections(server, 3 * HARD_FILES):
            answer = requests.post(
                f"{server.url}/reservations",
                json={"partnerId": "abc-corp", "seats": 1},
                timeout=LET_IN_SECONDS_MAX,
            )
            assert answer.status_code == 201
        assert "Too many open files" not in server.log()


def test_a_client_that_takes_nothing_of_its_answer_keeps_no_place(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    server = Server(files, LOG_LEVEL="debug")
    server.project = copy_of_the_code(tmp_path / "code", [])
    conf = server.project / "gunicorn_sockets.py"
    text = conf.read_text()
    assert text.count("UNREAD_SECONDS_MAX = 30\n") == 1
    conf.write_text(text.replace("UNREAD_SECONDS_MAX = 30\n", "UNREAD_SECONDS_MAX = 1\n"))
    with server, socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.connect(("127.0.0.1", server.port))
        client.sendall(GET.replace(b"/healthz", b"/docs/swagger-ui-bundle.js") * 10)

        wait_until(lambda: "Socket error processing request." in server.log(), "it kept its place")
        assert "Traceback" not in server.log()
