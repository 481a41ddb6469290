"""One measurement: well-behaved clients alone, then beside all the bad ones, and alone again."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.concurrency.watching import wait_until, wait_until_all_workers_answer
from tests.faults.bad_clients.good import (
    ANSWER_SECONDS_MAX,
    GoodClients,
    interval_seconds,
    p99,
    with_missed,
)
from tests.server import PROJECT, Server

SETTINGS: dict[str, str | int] = {
    "TICKETBOSS_DEFAULT_EVENT_SEATS": 100_000_000,
    "LOG_LEVEL": "info",
}
# What the others may wait beside bad clients, whichever is more.
TIMES_QUIET_MAX = 10
WAIT_SECONDS_MAX = 0.25
# What nobody at all may wait.
LONGEST_WAIT_SECONDS_MAX = 2.0
# What a worker may have more than before: 2,000 connections at once cost it that much, once.
GROWTH_MIB_MAX = 64
# Before and behind the crowd, each.
QUIET_SECONDS = 2.0
END_SECONDS_MAX = 60.0
MIB = 1_024
# States of connections, in /proc/net/tcp.
LISTENING, TIME_WAIT = "0A", "06"


@dataclass(frozen=True, slots=True)
class Measured:
    """What the well-behaved clients noticed, and what it cost the server.

    The quiet value is the larger of those before and behind the crowd: if something else has slowed
    the machine down meanwhile, one of them shows it.
    """

    quiet_p99_ms: float
    beside_p99_ms: float
    beside_longest_ms: float
    answers: int
    rss_before_mib: float
    rss_most_mib: float
    rss_after_mib: float
    crowd: dict[str, Any]

    @property
    def bound_ms(self) -> float:
        """What the 99 of 100 may wait."""
        return max(TIMES_QUIET_MAX * self.quiet_p99_ms, WAIT_SECONDS_MAX * 1_000)

    def faults(self, rss_at_first_mib: float) -> list[str]:
        """All that is not as promised; a worker had so much before it saw any bad client."""
        found = list(self.crowd["violations"])
        if self.beside_p99_ms > self.bound_ms:
            found.append(f"p99 of {self.beside_p99_ms:.0f} ms is over {self.bound_ms:.0f} ms")
        if self.beside_longest_ms > LONGEST_WAIT_SECONDS_MAX * 1_000:
            found.append(
                f"the longest wait of {self.beside_longest_ms:.0f} ms is over "
                f"{LONGEST_WAIT_SECONDS_MAX * 1_000:.0f} ms"
            )
        if self.rss_most_mib - rss_at_first_mib > GROWTH_MIB_MAX:
            found.append(
                f"a worker grew from {rss_at_first_mib:.0f} to {self.rss_most_mib:.0f} MiB"
            )
        return found


def measure(
    server: Server,
    seconds: float,
    seed: int,
    meanwhile: Callable[[], None] | None = None,
    quiet_seconds: float = QUIET_SECONDS,
) -> Measured:
    """Measure for so long beside the bad clients of a seed, and beside `meanwhile`."""
    wait_until_all_workers_answer(server)
    quiet = _alone(server, f"before-{seed}", quiet_seconds)
    interval = interval_seconds(quiet)
    before = _mib(server, "VmRSS")
    with _crowd(server.port, seconds, seed) as crowd:
        # To the kernel they are connected. Who comes behind them is answered when they are let in.
        requests.get(f"{server.url}/healthz", timeout=ANSWER_SECONDS_MAX).raise_for_status()
        with GoodClients(server, f"beside-{seed}") as beside:
            if meanwhile is not None:
                meanwhile()
            told, _ = crowd.communicate(timeout=seconds + END_SECONDS_MAX)
    assert crowd.returncode == 0
    wait_until(lambda: not connections(server.port), "the connections of the crowd stay")
    again = _alone(server, f"behind-{seed}", quiet_seconds)
    return Measured(
        quiet_p99_ms=max(p99(with_missed(each, interval)) for each in (quiet, again)) * 1_000,
        beside_p99_ms=p99(with_missed(beside.seconds, interval)) * 1_000,
        beside_longest_ms=max(beside.seconds) * 1_000,
        answers=len(beside.seconds),
        rss_before_mib=before,
        rss_most_mib=_mib(server, "VmHWM"),
        rss_after_mib=_mib(server, "VmRSS"),
        crowd=json.loads(told.splitlines()[-1]),
    )


def _alone(server: Server, name: str, seconds: float) -> list[float]:
    """How long the well-behaved clients wait when nobody is in their way."""
    with GoodClients(server, name) as alone:
        time.sleep(seconds)
    return alone.seconds


def connections(port: int) -> int:
    """How many connections to this port the kernel has, but for those it only remembers."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(
        int(row[1].rpartition(":")[2], 16) == port and row[3] not in (LISTENING, TIME_WAIT)
        for row in rows
    )


@contextmanager
def _crowd(port: int, seconds: float, seed: int) -> Iterator[subprocess.Popen[str]]:
    """The process of the bad clients, from when all who stay are connected."""
    crowd = subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.faults.bad_clients.crowd"),
            *("--port", str(port), "--seconds", str(seconds), "--seed", str(seed)),
        ],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert crowd.stdout is not None
        assert crowd.stdout.readline() == "here\n"
        yield crowd
    finally:
        crowd.kill()
        crowd.wait()


def _mib(server: Server, name: str) -> float:
    """The largest value among the workers, of a line of /proc/PID/status."""
    told = [Path(f"/proc/{pid}/status").read_text() for pid in server.worker_pids()]
    return max(_value(status, name) for status in told) / MIB


def _value(status: str, name: str) -> int:
    [line] = [line for line in status.splitlines() if line.startswith(f"{name}:")]
    return int(line.split()[1])
