"""A worker that counts: `python -m tests.unit.metrics_process FOLDER`, told what by lines.

The folder is in its environment too, where the library looks for it.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.exposition import Exposition
from tests.unit.examples import reserve
from ticketboss.domain.refusals import AlreadyCancelled
from ticketboss.engine.answers import CommandRefused
from ticketboss.metrics import Metrics

PROJECT = Path(__file__).parents[2]
WAIT_SECONDS_MAX = 20.0


def main(folder: str) -> None:
    metrics = Metrics(folder)
    print("ready", flush=True)  # noqa: T201 - tells the test
    for line in sys.stdin:
        action, _, count = line.strip().partition(" ")
        if action == "count":
            for _ in range(int(count)):
                _count(metrics)
            print("done", flush=True)  # noqa: T201
        elif action == "queue":
            metrics.batch(commands=1, queued=int(count))
            print("done", flush=True)  # noqa: T201
        elif action == "count_for_ever":
            while True:
                _count(metrics)
        else:
            sys.stdout.write(metrics.exposition([]).decode() + "# EOF\n")
            sys.stdout.flush()


def _count(metrics: Metrics) -> None:
    metrics.request("/events", 200)
    metrics.answered([(reserve(), CommandRefused(AlreadyCancelled(), 1))])
    metrics.committed(0.003, [])


class Worker:
    """Such a process, from the test's side."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        assert self._answer() == "ready\n"

    def count(self, times: int) -> None:
        """Have it count one of everything so many times."""
        self._ask(f"count {times}")
        assert self._answer() == "done\n"

    def count_for_ever(self) -> None:
        self._ask("count_for_ever")

    def queue(self, length: int) -> None:
        """Have it say that so many commands wait."""
        self._ask(f"queue {length}")
        assert self._answer() == "done\n"

    def scrape(self) -> Exposition:
        """What it tells of all workers."""
        self._ask("expose")
        lines = []
        while (line := self._answer()) != "# EOF\n":
            assert line, "the worker has ended"
            lines.append(line)
        return Exposition("".join(lines))

    def kill(self) -> None:
        """End it as the kernel would, in the middle of whatever it does."""
        self._process.kill()
        self._process.wait(WAIT_SECONDS_MAX)

    def stop(self) -> None:
        """Let it end by itself."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(WAIT_SECONDS_MAX) == 0

    def _ask(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@contextmanager
def worker(folder: Path) -> Iterator[Worker]:
    """Start one; it is gone behind the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.unit.metrics_process", str(folder)],
        cwd=PROJECT,
        env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield Worker(process)
        finally:
            process.kill()


if __name__ == "__main__":
    main(*sys.argv[1:])
