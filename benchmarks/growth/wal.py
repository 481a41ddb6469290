"""How long the write-ahead log becomes while somebody always reads."""

import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.database import connected
from benchmarks.growth.part import Part
from benchmarks.load import drive
from benchmarks.rig import HOT, SEATS, get, post
from benchmarks.samples import Figure
from benchmarks.servers import KeyedTicketBoss
from benchmarks.targets import Target
from ticketboss.repository.sqlite.log_bound import LOG_RESTART_WAIT_SECONDS_MAX, WAL_BYTES_KEPT_MAX

MEBIBYTE = 1024 * 1024
# What it is kept at, and as much again for what is written until it can be begun anew.
KEPT_MEBIBYTES = WAL_BYTES_KEPT_MAX // MEBIBYTE
WAL_MEBIBYTES_MAX = 2 * KEPT_MEBIBYTES
LOOK_SECONDS = 0.02
SNAPSHOT_SECONDS = 0.4

# Reads until it is told to end, and says how often it has read.
Read = Callable[[KeyedTicketBoss, threading.Event], int]


def measure_wal(seconds: int) -> Part:
    """Sell on one event while clients read it, and while a program holds its snapshots."""
    readers: dict[str, Read] = {
        "8 clients that read all the time": read_over_http,
        f"a program that always holds a snapshot, of {SNAPSHOT_SECONDS:g} s each": hold_snapshots,
    }
    largest, reads = {}, {}
    with (
        tempfile.TemporaryDirectory() as folder,
        KeyedTicketBoss(Path(folder) / "server") as server,
    ):
        server.create_event(HOT, SEATS)
        largest["nobody else"] = _largest(server, seconds)
        for who, read in readers.items():
            with beside(partial(read, server)) as found:
                largest[who] = _largest(server, seconds)
            reads[who] = found()
    return Part(
        "Write-ahead log",
        [
            Target(f"MiB of WAL beside {who}", Figure(size, size, size), at_most=WAL_MEBIBYTES_MAX)
            for who, size in largest.items()
        ],
        list(_told(seconds, reads)),
    )


def _told(seconds: int, reads: dict[str, int]) -> Iterator[str]:
    yield f"The largest size in {seconds} s of POSTs at 32 connections, looked at all the time."
    yield f"Beyond {KEPT_MEBIBYTES} MiB the log is begun anew, and what is checked is"
    yield f"{WAL_MEBIBYTES_MAX} MiB, for what is written until that is done. It is done only where"
    yield f"no snapshot is held for longer than {LOG_RESTART_WAIT_SECONDS_MAX / 2:g} s, because one"
    yield "may have to end after another while writers are kept out, which is for"
    yield f"{LOG_RESTART_WAIT_SECONDS_MAX:g} s at most."
    yield ""
    yield from (f"- {who}: {count:,} reads meanwhile." for who, count in reads.items())


def _largest(server: KeyedTicketBoss, seconds: int) -> float:
    """The largest size in MiB that the log has while seats are sold."""
    with beside(partial(look, server.database_path)) as found:
        load = drive(
            server.url, [post(HOT)], connections=32, seconds=seconds, headers=server.headers
        )
    if load.failures:
        raise RuntimeError(f"{load.failures} requests failed:\n{server.log()[-2000:]}")
    return found() / MEBIBYTE


def look(database: Path, over: threading.Event) -> int:
    """The largest size in bytes that the log of a database has; RuntimeError if it has none."""
    log = database.with_name(f"{database.name}-wal")
    largest = 0
    while not over.wait(LOOK_SECONDS):
        largest = max(largest, log.stat().st_size)
    if not largest:
        raise RuntimeError(f"{log.name} was always empty.")
    return largest


def read_over_http(server: KeyedTicketBoss, over: threading.Event) -> int:
    """Ask for the summary; RuntimeError where that fails."""
    reads = 0
    while not over.is_set():
        load = drive(server.url, [get(HOT)], connections=8, seconds=1, headers=server.headers)
        if load.failures or not load.requests:
            raise RuntimeError(f"Of {load.requests} reads {load.failures} failed:\n{server.log()}")
        reads += load.requests
    return reads


def hold_snapshots(server: KeyedTicketBoss, over: threading.Event) -> int:
    """Hold one, and the next before it is let go, so that the log is never without a reader."""
    url = server.environment["DATABASE_URL"]
    snapshots = 0
    with connected(url, synchronous="FULL") as one, connected(url, synchronous="FULL") as other:
        _take_snapshot(one)
        while not over.is_set():
            for older, newer in ((one, other), (other, one)):
                time.sleep(SNAPSHOT_SECONDS)
                _take_snapshot(newer)
                older.execute("COMMIT")
                snapshots += 1
    return snapshots


def _take_snapshot(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN")
    connection.execute("SELECT version FROM events").fetchall()


@contextmanager
def beside(run: Callable[[threading.Event], int]) -> Iterator[Callable[[], int]]:
    """Have something run in a thread for as long as the block lasts; it is told when to end.

    What is given tells behind the block what it has found. Whatever it raised is raised there.
    """
    over = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run, over)
        try:
            yield running.result
        finally:
            over.set()
    running.result()
