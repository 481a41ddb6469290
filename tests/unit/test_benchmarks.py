"""The benchmarks in their shortest form: what they say must be true, however fast they are."""

import json
import os
import shutil
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import bench, load
from benchmarks.machine import describe, sync_median_ms
from benchmarks.report import Sample, summarise, table
from benchmarks.servers import HelloServer, cpu_seconds
from tests.server import Server

LINE_LENGTH_MAX = 80
SHORTEST = ["--seconds", "1", "--rounds", "1", "--connections", "4"]

needs_wrk = pytest.mark.skipif(
    not shutil.which("wrk") and not os.environ.get("CI"), reason="wrk is not installed"
)
drivers = pytest.mark.parametrize("driver", ["builtin", pytest.param("wrk", marks=needs_wrk)])


@pytest.fixture(scope="module")
def hello(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with HelloServer(tmp_path_factory.mktemp("hello")) as running:
        yield running


@contextmanager
def stub_server(answer: bytes) -> Iterator[str]:
    """A server that reads each request, sends `answer` and closes; gives its URL."""

    class OneAnswer(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(load.ANSWER_BYTES_MAX)
            self.request.sendall(answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), OneAnswer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()


@drivers
def test_bench_gives_figures_of_both_servers_for_a_run_without_failures(driver: str) -> None:
    run = CliRunner().invoke(bench.main, [*SHORTEST, "--driver", driver, "--json"])

    assert run.exit_code == 0, run.output
    report = json.loads(run.output)
    assert report["complaints"] == []
    assert report["acknowledged"] > 0
    assert report["load"] == f"{driver}, 4 connections, 1 rounds of 1 s"
    for figures in report["figures"].values():
        for server in ("hello", "ticketboss", "keyed"):
            assert figures[server]["requests_per_second"] > 0
            assert 0 < figures[server]["p50_ms"] <= figures[server]["p99_ms"]
            assert figures[server]["cpu_us"] > 0
        assert figures["to hello"]["rate"] > 0
        assert figures["with keys"]["rate"] > 0


def test_bench_refuses_wrk_when_the_path_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    run = CliRunner().invoke(bench.main, ["--driver", "wrk"])

    assert run.exit_code == 2
    assert "wrk is not on the PATH" in run.output


def test_bench_takes_its_own_driver_when_the_path_has_no_wrk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")

    assert load.choose_driver(None) == ("builtin", load.drive)


@drivers
def test_answers_other_than_2xx_are_failures(driver: str, hello: Server) -> None:
    _, drive = load.choose_driver(driver)

    seen = drive("GET", f"{hello.url}/nowhere", 2, 1)

    assert seen.requests > 0
    assert seen.failures == seen.requests


def test_cut_connections_are_failures_and_made_anew() -> None:
    with stub_server(b"") as url:
        seen = load.drive("GET", url, 2, 0.2)

    assert seen.requests == 0
    assert seen.failures > 2


def test_a_server_that_closes_after_each_answer_is_asked_again() -> None:
    with stub_server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}") as url:
        seen = load.drive("POST", url, 2, 0.2)

    assert seen.requests > 2
    assert seen.failures == 0


def test_percentile_is_the_smallest_value_that_covers_the_share() -> None:
    values = [float(number) for number in range(200, 0, -1)]

    assert load.percentile(values, 50) == 100.0
    assert load.percentile(values, 99) == 198.0
    assert load.percentile([7.0], 99) == 7.0
    assert load.percentile([], 50) == 0.0


def test_ratios_are_taken_within_each_round() -> None:
    def sample(rate: float) -> Sample:
        return Sample(requests_per_second=rate, p50_ms=1.0, p99_ms=2.0, cpu_us=1e6 / rate)

    speeds = [1.0, 0.1, 1.0]
    rounds = [
        {
            (server, method): sample(rate * speed)
            for server, rate in (("hello", 8000.0), ("ticketboss", 4000.0), ("keyed", 3000.0))
            for method in ("POST", "GET")
        }
        for speed in speeds
    ]

    figures = summarise(rounds)["POST"]

    assert figures["to hello"] == pytest.approx({"rate": 0.5, "cpu": 2.0})
    assert figures["with keys"] == pytest.approx({"rate": 0.75, "cpu": 4 / 3})
    assert figures["hello"]["requests_per_second"] == 8000.0
    assert figures["hello"]["requests_per_second_min"] == 800.0


def test_table_fits_80_columns_and_says_what_is_wrong(tmp_path: Path) -> None:
    fast = Sample(requests_per_second=123456.7, p50_ms=1234.5, p99_ms=9999.9, cpu_us=99999.0)
    figures = summarise(
        [
            {
                (server, method): fast
                for server in ("hello", "ticketboss", "keyed")
                for method in ("POST", "GET")
            }
        ]
    )
    report = {
        "date": "2026-11-22",
        "machine": describe(tmp_path),
        "load": "wrk, 32 connections, 3 rounds of 5 s",
        "gunicorn": "2 gevent workers, log level info",
        "figures": figures,
        "acknowledged": 7,
        "complaints": ["3 requests failed"],
    }

    lines = table(report).splitlines()

    assert max(len(line) for line in lines) <= LINE_LENGTH_MAX
    assert lines[-1] == "WRONG: 3 requests failed"


def test_cpu_of_master_and_workers_is_counted(hello: Server) -> None:
    before = cpu_seconds(hello)

    load.drive("GET", f"{hello.url}/reservations", 8, 0.5)

    # Two workers cannot have used more than two cores, nor nothing at all.
    assert 0 < cpu_seconds(hello) - before < 2 * 0.5 + 1


def test_sync_time_is_measured_and_leaves_no_file(tmp_path: Path) -> None:
    assert sync_median_ms(tmp_path) > 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("worker_class", ["gevent", "gthread", "sync"])
def test_the_worker_class_that_is_measured_is_the_one_that_was_asked_for(
    worker_class: str, tmp_path: Path
) -> None:
    with Server(tmp_path, TICKETBOSS_WORKER_CLASS=worker_class) as server:
        assert f"Using worker: {worker_class}" in server.log()
