"""How long the write-ahead log becomes while somebody always reads."""

import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.database import connected
from benchmarks.growth.part import Part
from benchmarks.load import drive
from benchmarks.rig import HOT, SEATS, get, post
from benchmarks.samples import Figure
from benchmarks.servers import TicketBoss
from benchmarks.targets import Target

MEBIBYTE = 1024 * 1024
# What it is kept at, and as much again for what is written until it can be begun anew.
WAL_MEBIBYTES_MAX = 2 * 64
LOOK_SECONDS = 0.02
SNAPSHOT_SECONDS = 0.4

Read = Callable[[TicketBoss, threading.Event], None]


def measure_wal(seconds: int) -> Part:
    """Sell on one event while clients read it, and while a program holds its snapshots."""
    with (
        tempfile.TemporaryDirectory() as folder,
        TicketBoss(Path(folder) / "server") as server,
    ):
        server.create_event(HOT, SEATS)
        largest = {
            "nobody else": _largest(server, seconds, _read_nothing),
            "8 clients that read all the time": _largest(server, seconds, _read_over_http),
            f"a program that always holds a snapshot, of {SNAPSHOT_SECONDS:g} s each": _largest(
                server, seconds, _hold_snapshots
            ),
        }
    targets = [
        Target(f"MiB of WAL beside {who}", Figure(size, size, size), at_most=WAL_MEBIBYTES_MAX)
        for who, size in largest.items()
    ]
    return Part(
        "Write-ahead log",
        targets,
        [f"The largest size in {seconds} s of POSTs at 32 connections."],
    )


def _largest(server: TicketBoss, seconds: int, read: Read) -> float:
    """The largest size in MiB that the log has while seats are sold."""
    sizes = [0]
    with _beside(lambda over: _look(server, over, sizes)), _beside(lambda over: read(server, over)):
        load = drive(server.url, [post(HOT)], connections=32, seconds=seconds)
    if load.failures:
        raise RuntimeError(f"{load.failures} requests failed:\n{server.log()[-2000:]}")
    return max(sizes) / MEBIBYTE


def _look(server: TicketBoss, over: threading.Event, sizes: list[int]) -> None:
    log = Path(server.environment["DATABASE_URL"].removeprefix("sqlite:///") + "-wal")
    while not over.wait(LOOK_SECONDS):
        sizes.append(log.stat().st_size)


def _read_nothing(server: TicketBoss, over: threading.Event) -> None:
    """Nobody reads."""


def _read_over_http(server: TicketBoss, over: threading.Event) -> None:
    while not over.is_set():
        drive(server.url, [get(HOT)], connections=8, seconds=1)


def _hold_snapshots(server: TicketBoss, over: threading.Event) -> None:
    """Two that take turns, so that the log is never without a reader."""
    url = server.environment["DATABASE_URL"]
    with connected(url, synchronous="FULL") as one, connected(url, synchronous="FULL") as other:
        _take_snapshot(one)
        while not over.is_set():
            for older, newer in ((one, other), (other, one)):
                time.sleep(SNAPSHOT_SECONDS)
                _take_snapshot(newer)
                older.execute("COMMIT")


def _take_snapshot(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN")
    connection.execute("SELECT version FROM events").fetchall()


@contextmanager
def _beside(run: Callable[[threading.Event], None]) -> Iterator[None]:
    """Have something run in a thread for as long as the block lasts; it is told when to end."""
    over = threading.Event()
    thread = threading.Thread(target=run, args=(over,))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
