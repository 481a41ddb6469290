"""What `wrk` is made to send, and what is made of its answers."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click
import pytest

from benchmarks.load import Request, drive, require_wrk
from benchmarks.machine import describe, sync_median_ms
from benchmarks.processes import cpu_seconds, resident_bytes, tree
from benchmarks.rig import get, post
from benchmarks.servers import Hello, TicketBoss
from tests.benchmarks.needs import needs_wrk

SEATS = 100
DROP_REQUESTS = 400


@pytest.fixture(scope="module")
def hello(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hello]:
    with Hello(tmp_path_factory.mktemp("hello") / "files") as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TicketBoss]:
    with TicketBoss(tmp_path_factory.mktemp("server") / "files") as running:
        yield running


def test_a_machine_without_wrk_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(click.UsageError, match="apt install wrk"):
        require_wrk()


@needs_wrk
def test_every_acknowledged_post_is_in_its_event(server: TicketBoss) -> None:
    server.create_event("steady", 1_000_000)

    load = drive(server.url, [post("steady")], connections=4, seconds=1)

    assert load.failures == 0
    assert 0 < load.p50_ms <= load.p99_ms
    # What was on its way at the end may be there as well.
    assert load.requests <= server.event("steady")["reservationCount"] <= load.requests + 4


@needs_wrk
def test_answers_other_than_2xx_are_failures(server: TicketBoss) -> None:
    load = drive(server.url, [get("nowhere")], connections=2, seconds=1)

    assert load.requests > 0
    assert load.failures == load.requests


@needs_wrk
def test_requests_are_sent_in_turn(server: TicketBoss) -> None:
    for event_id in ("first", "second"):
        server.create_event(event_id, 1_000)

    drive(server.url, [post("first"), post("second")], connections=1, seconds=30, answers_max=20)

    counts = [server.event(event_id)["reservationCount"] for event_id in ("first", "second")]
    assert all(10 <= count <= 11 for count in counts)


@needs_wrk
def test_a_load_ends_with_its_last_answer(server: TicketBoss) -> None:
    server.create_event("limited", 1_000)

    load = drive(server.url, [post("limited")], connections=4, seconds=30, answers_max=50)

    assert load.seconds < 20
    # Whoever is answered in the same moment is counted as well.
    assert 50 <= load.created <= 50 + 4


@needs_wrk
def test_a_drop_tells_when_the_last_seat_was_sold_and_refuses_nobody_falsely(
    server: TicketBoss,
) -> None:
    server.create_event("drop", SEATS)

    load = drive(
        server.url,
        [post("drop")],
        connections=8,
        seconds=30,
        mode="drop",
        answers_max=DROP_REQUESTS,
    )

    assert load.created == SEATS
    assert DROP_REQUESTS <= load.created + load.refused <= DROP_REQUESTS + 8
    assert (load.failures, load.false_refusals) == (0, 0)
    assert load.started < load.sold_out_at < load.stopped
    assert SEATS <= load.answered_at_sold_out <= SEATS + 8


class AlternatelyRefusing(BaseHTTPRequestHandler):
    """Refuses every second reservation, though there are seats for all of them."""

    protocol_version = "HTTP/1.1"
    asked = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        type(self).asked += 1
        self.send_response(409 if self.asked % 2 else 201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@needs_wrk
def test_a_refusal_while_seats_were_certainly_left_is_a_false_one() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), AlternatelyRefusing) as stub:
        thread = threading.Thread(target=stub.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{stub.server_address[1]}"
        load = drive(url, [post("any")], connections=1, seconds=30, mode="drop", answers_max=20)
        stub.shutdown()
        thread.join()

    assert (load.created, load.refused, load.false_refusals) == (10, 10, 10)


@needs_wrk
def test_every_hold_that_is_answered_is_confirmed(server: TicketBoss) -> None:
    server.create_event("holds", 1_000)
    hold = post("holds", holdSeconds=600)

    load = drive(server.url, [hold], connections=2, seconds=30, mode="holds", answers_max=100)

    assert load.failures == 0
    assert 100 <= load.created + load.confirmed <= 100 + 2
    assert load.created - load.confirmed <= 2
    assert server.event("holds")["reservationCount"] >= load.confirmed


@needs_wrk
def test_cpu_of_master_and_workers_is_counted(hello: Hello) -> None:
    before = cpu_seconds(hello.master_pid)

    drive(hello.url, [Request("GET", "/events/any")], connections=8, seconds=1)

    # Two workers cannot have used more than two cores, nor nothing at all.
    assert 0 < cpu_seconds(hello.master_pid) - before < 2 * 1 + 1


def test_a_tree_has_the_master_and_its_workers(hello: Hello) -> None:
    pids = list(tree(hello.master_pid))

    assert pids[0] == hello.master_pid
    assert set(pids[1:]) == set(hello.worker_pids())
    assert all(resident_bytes(pid) > 1_000_000 for pid in pids)


def test_sync_time_is_measured_and_leaves_no_file(tmp_path: Path) -> None:
    assert sync_median_ms(tmp_path) > 0
    assert set(describe(tmp_path)) == {"cpu", "system", "sqlite", "fdatasync"}
    assert list(tmp_path.iterdir()) == []
