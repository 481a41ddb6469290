"""The growth run in its shortest form."""

import threading
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.growth.__main__ import main
from benchmarks.growth.start import measure_start
from benchmarks.growth.wal import beside, look, read_over_http
from benchmarks.rig import HOT, SEATS
from benchmarks.servers import KeyedTicketBoss
from tests.benchmarks.needs import needs_wrk

SHORTEST = ["--reservations", "10000", "--requests", "10000", "--rounds", "1", "--seconds", "1"]


@needs_wrk
def test_growth_is_measured_part_by_part(tmp_path: Path) -> None:
    parts = [option for part in ("wal", "insert", "list", "memory") for option in ("--part", part)]

    run = CliRunner().invoke(main, [*SHORTEST, *parts, "--output", str(tmp_path)])

    assert run.exit_code == 0, run.output
    report = (tmp_path / "growth.md").read_text()
    for line in ("MiB of WAL beside nobody else", "Selling at 10,000", "List: CPU of page 100"):
        assert line in report
    assert "| MiB in a worker after 10,000 requests | at most 120 |" in report
    assert "Beyond 64 MiB the log is begun anew, and what is checked is\n128 MiB" in report
    assert "longer than 0.5 s" in report
    reads = [line for line in report.splitlines() if line.endswith("reads meanwhile.")]
    assert len(reads) == 2
    assert not any(": 0 reads" in line for line in reads)
    assert "not measured" not in report


def test_a_start_tells_what_is_imported() -> None:
    part = measure_start(rounds=1)

    [target] = part.targets
    assert target.reached is not None
    assert 0 < target.reached.median < 60
    told = "\n".join(part.lines)
    assert "`import ticketboss`: " in told
    assert "flask" in told


@needs_wrk
def test_a_reader_that_is_refused_ends_the_run(tmp_path: Path) -> None:
    with KeyedTicketBoss(tmp_path / "server") as server:
        server.create_event(HOT, SEATS)
        assert server.headers
        server.headers = {"Authorization": "Bearer of nobody"}

        with (
            pytest.raises(RuntimeError, match=r"Of \d+ reads \d+ failed"),
            beside(partial(read_over_http, server)),
        ):
            pass


def test_what_a_thread_raises_is_raised_behind_its_block() -> None:
    def fail(over: threading.Event) -> int:
        over.wait(60)
        raise ValueError("lost")

    with pytest.raises(ValueError, match="lost"), beside(fail):
        pass


def test_what_a_thread_has_found_is_told_behind_its_block() -> None:
    with beside(lambda over: 7 if over.wait(60) else 0) as found:
        pass

    assert found() == 7


def test_the_largest_size_of_a_log_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a.db-wal").write_bytes(b"x" * 100)

    assert look(tmp_path / "a.db", Looks(3)) == 100


def test_a_log_that_was_always_empty_ends_the_run(tmp_path: Path) -> None:
    (tmp_path / "a.db-wal").touch()

    with pytest.raises(RuntimeError, match=r"a\.db-wal was always empty"):
        look(tmp_path / "a.db", Looks(3))


def test_a_log_that_is_not_there_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        look(tmp_path / "a.db", Looks(1))


class Looks(threading.Event):
    """Over after so many looks."""

    def __init__(self, left: int) -> None:
        super().__init__()
        self.left = left

    def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002 - as it is called
        self.left -= 1
        return self.left < 0
