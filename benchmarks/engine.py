"""The engine alone, in a process of its own, and what SQLite itself does with the same rows."""

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.database import connected
from benchmarks.writer import event_ids, prepare

PROJECT = Path(__file__).parent.parent
SUBMITTERS = 64
BATCH_ROWS = 16

RESERVATIONS = "SELECT * FROM reservations ORDER BY created_version"
ENTRIES = "SELECT * FROM ledger WHERE version > 0 ORDER BY version"
COUNTERS = """
SELECT available_seats, reservation_count, version FROM ledger WHERE version > 0 ORDER BY version
"""
UPDATE_EVENT = """
UPDATE events SET available_seats = ?, reservation_count = ?, version = ? WHERE event_id = ?
"""
UPSERT_TOTALS = """
INSERT INTO partner_seats (event_id, partner_id, seats_taken) VALUES (?, 'p', ?)
ON CONFLICT (event_id, partner_id) DO UPDATE SET seats_taken = excluded.seats_taken
"""


def start_writer(arguments: Sequence[str], greenlets: bool = False) -> subprocess.Popen[str]:
    """A process that waits for its go; see `benchmarks.writer`."""
    patched = ["gevent.monkey", "--module"] if greenlets else []
    return subprocess.Popen(
        [sys.executable, "-m", *patched, "benchmarks.writer", *arguments],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def run_together(writers: list[subprocess.Popen[str]]) -> list[str]:
    """Let all begin at the same moment; gives what each printed."""
    for writer in writers:
        if writer.stdout is None or writer.stdout.readline() != "ready\n":
            raise RuntimeError("A writer ended before it began.")
    for writer in writers:
        if writer.stdin is not None:
            writer.stdin.write("go\n")
            writer.stdin.flush()
    return [writer.communicate()[0] for writer in writers]


def measure_engine(url: str, seconds: float, greenlets: bool) -> dict[str, float]:
    """What 64 submitters in one process sell on one event of a new database."""
    prepare(url, 1)
    return sell(url, seconds, greenlets)


def sell(url: str, seconds: float, greenlets: bool) -> dict[str, float]:
    """What 64 submitters in one process sell on the first of `event_ids`, which is there."""
    writer = start_writer([url, "1", str(SUBMITTERS), str(seconds)], greenlets)
    told = json.loads(run_together([writer])[0])
    latencies = sorted(told["latencies_ms"])
    return {
        "rate": len(latencies) / told["seconds"],
        "p50_ms": latencies[len(latencies) // 2],
        "p99_ms": latencies[len(latencies) * 99 // 100],
        "cpu_us": told["cpu_seconds"] * 1e6 / len(latencies),
    }


def measure_sqlite(source: str, target: str) -> dict[str, float]:
    """Write the rows of one database into another, 16 reservations a transaction, FULL.

    The same statements in number as an engine needs: the reservations, their ledger entries, the
    event's counters and the partner's totals. They are read, and the SQL is made, beforehand.
    """
    prepare(target, 1)
    with connected(source, synchronous="FULL") as connection:
        reservations, entries, counters = (
            connection.execute(query).fetchall() for query in (RESERVATIONS, ENTRIES, COUNTERS)
        )
    batches = list(zip(_batches(reservations), _batches(entries), _batches(counters), strict=True))
    with connected(target, synchronous="FULL") as connection:
        started, cpu_started = time.perf_counter(), time.process_time()
        for batch in batches:
            _write(connection, *batch)
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu_started
    return {"rate": len(entries) / seconds, "cpu_us": cpu * 1e6 / len(entries)}


def _write(
    connection: sqlite3.Connection, reservations: list[Any], entries: list[Any], counters: list[Any]
) -> None:
    [event_id] = event_ids(1)
    available, count, version = counters[-1]
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(UPDATE_EVENT, (available, count, version, event_id))
    connection.executemany(_insert("reservations", len(reservations[0])), reservations)
    connection.executemany(_insert("ledger", len(entries[0])), entries)
    connection.execute(UPSERT_TOTALS, (event_id, count))
    connection.execute("COMMIT")


def _insert(table: str, columns: int) -> str:
    return f"INSERT INTO {table} VALUES ({', '.join('?' * columns)})"


def _batches(rows: list[Any]) -> list[list[Any]]:
    return [rows[start : start + BATCH_ROWS] for start in range(0, len(rows), BATCH_ROWS)]
