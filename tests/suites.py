"""The test suite, two parts of it at once where that is possible: `python -m tests.suites whole`.

`quick` is what most changes can break. What stands behind that word goes to pytest. A part uses
one processor most of the time, so two of them take hardly longer than one.
"""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import IO

import pytest

from tests.server import PROJECT

Part = Sequence[str]
FIRST: Part = ("tests/unit", "tests/contract")
# What measures times, or keeps all processors busy by itself, has the machine to itself.
ALONE: Part = (
    *("tests/concurrency", "tests/client", "tests/failover", "tests/benchmarks"),
    *("tests/faults/bad_clients", "tests/faults/history", "tests/faults/nemeses"),
)
# For these another program is installed than for the others: `make test-peers`.
LEFT_OUT: Part = ("tests/peers",)
QUICK: Sequence[Part] = (
    (*FIRST, "tests/test_architecture.py"),
    ("tests/api", "tests/test_docs.py", "tests/test_readme.py"),
)
NOTHING, INTERRUPTED = pytest.ExitCode.NO_TESTS_COLLECTED, pytest.ExitCode.INTERRUPTED


def faults() -> Part:
    """Those whose times nobody measures: beside the long second part they cost hardly any more."""
    return _all_in("tests/faults", ALONE)


def second() -> Part:
    """All that is in no other part."""
    return _all_in("tests", (*FIRST, "tests/faults", *ALONE, *LEFT_OUT))


def _all_in(folder: str, others: Part) -> Part:
    files = (path.relative_to(PROJECT) for path in (PROJECT / folder).rglob("test_*.py"))
    return [str(file) for file in sorted(files) if not any(map(file.is_relative_to, others))]


def run(stages: Sequence[Sequence[Part]], arguments: Sequence[str] = ()) -> int:
    """Run the stages one after the other, the parts of each at once.

    Gives the exit status: 0 if nothing failed, and there was something to test.
    """
    worst = int(NOTHING)
    for parts in stages:
        for status in _statuses(parts, arguments):
            if status != NOTHING:
                worst = status if worst == NOTHING else max(worst, status)
        if worst == INTERRUPTED:
            break
    return worst


def _statuses(parts: Sequence[Part], arguments: Sequence[str]) -> list[int]:
    """How the parts end. The first says what it does, what the others say comes behind it."""
    with tempfile.TemporaryFile() as kept:
        processes = [
            _started(part, arguments, kept if place else None) for place, part in enumerate(parts)
        ]

        def end_them(*_: object) -> None:
            for process in processes:
                process.terminate()

        signal.signal(signal.SIGTERM, end_them)
        # Ctrl-C has reached them as well: they clean up, and it goes on behind that.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        statuses = [process.wait() for process in processes]
        # For those of the next stage.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        kept.seek(0)
        sys.stdout.buffer.write(kept.read())
        sys.stdout.flush()
    return statuses


def _started(
    part: Part, arguments: Sequence[str], output: IO[bytes] | None
) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pytest", *part, *arguments]
    return subprocess.Popen(command, cwd=PROJECT, stdout=output)


if __name__ == "__main__":
    suites: dict[str, Sequence[Sequence[Part]]] = {
        "quick": [QUICK],
        "whole": [((*FIRST, *faults()), second()), (ALONE,)],
    }
    sys.exit(run(suites[sys.argv[1]], sys.argv[2:]))
