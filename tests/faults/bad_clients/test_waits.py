"""A time in which nobody is answered is many waits, not one for each client who waits."""

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.bad_clients.good import (
    CLIENTS,
    PAUSE_SECONDS,
    interval_seconds,
    p99,
    with_missed,
)
from tests.faults.bad_clients.run import SETTINGS, WAIT_SECONDS_MAX, measure
from tests.server import Server

SEED = 1
SECONDS = 4.0
# The same share of the measurement as three seconds are of twenty.
STANDSTILL_SECONDS = 0.6
# Only the interval from one request to the next comes from it here.
QUIET_SECONDS = 0.5
# As it is on a machine with nothing else to do.
QUIET_P99_MS = 20.0


def stand_still(server: Server) -> None:
    """Stop all workers for a while."""
    workers = server.worker_pids()
    assert len(workers) == 2
    try:
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(STANDSTILL_SECONDS)
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)


def test_a_standstill_of_all_workers_is_found(tmp_path: Path) -> None:
    with Server(tmp_path, **SETTINGS) as server:
        measured = measure(server, SECONDS, SEED, lambda: stand_still(server), QUIET_SECONDS)
    # Where other work makes the quiet value large, the bound is large with it.
    alone = replace(measured, quiet_p99_ms=QUIET_P99_MS)
    # Whatever is said of the longest wait, which a single one would be enough for.
    faults = alone.faults(measured.rss_before_mib)
    assert any(fault.startswith("p99 of ") for fault in faults), measured


@pytest.mark.parametrize(
    ("waits", "counted"),
    [
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]),
        ([4.0], [4.0, 2.0]),
        ([9.0, 1.0], [1.0, 3.0, 5.0, 7.0, 9.0]),
        ([10.0], [10.0, 8.0, 6.0, 4.0, 2.0]),
    ],
)
def test_a_long_wait_counts_once_for_each_request_that_was_not_sent(
    waits: list[float], counted: list[float]
) -> None:
    assert sorted(with_missed(waits, 2.0)) == sorted(counted)


def test_the_interval_is_that_of_the_usual_wait() -> None:
    assert interval_seconds([0.001, 0.005, 3.0]) == pytest.approx(0.005 + PAUSE_SECONDS)


def test_three_seconds_of_twenty_would_not_be_seen_otherwise() -> None:
    usual, interval = 0.005, 0.005 + PAUSE_SECONDS
    waits = [3.0] * CLIENTS + [usual] * int(CLIENTS * 17 / interval)
    assert p99(waits) == usual
    assert p99(with_missed(waits, interval)) > 10 * WAIT_SECONDS_MAX
