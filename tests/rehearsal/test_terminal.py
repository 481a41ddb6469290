"""A rehearsal in a terminal, and how it ends when somebody has it end."""

import signal
import time
from pathlib import Path

import pytest

from tests.terminal import COLUMNS, in_terminal, seen_until

PATIENCE_SECONDS = 60.0
# One request now, and the next ones long after the test.
ENDLESS = ("--requests", "3", "--rate", "0.01", "--seconds-max", "1000")


def servers_in(folder: Path) -> list[int]:
    """The processes that have this folder in their environment: the scratch server's."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            environment = path.read_bytes()
        # Gone in the meantime.
        except OSError:
            continue
        if f"sqlite:///{folder}".encode() in environment:
            found.append(int(path.parent.name))
    return found


def test_progress_stays_in_one_line_of_the_terminal(tmp_path: Path) -> None:
    with in_terminal("rehearse", "--requests", "20", TMPDIR=str(tmp_path)) as (process, screen):
        lines = seen_until(screen)
        assert process.wait(PATIENCE_SECONDS) == 0

    # In the last column some terminals begin a new line.
    assert max(map(len, lines)) < COLUMNS
    assert any("20/20 answered: 20 yes, 0 no; 0 open; 300 left" in line for line in lines)
    assert lines[-1] == "Every promise was kept."


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 1), (signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGHUP, 129)],
)
def test_whoever_ends_it_ends_the_scratch_server_too(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    with in_terminal("rehearse", *ENDLESS, TMPDIR=str(tmp_path)) as (process, screen):
        seen_until(screen, "1/3 answered")
        assert servers_in(tmp_path)
        process.send_signal(number)
        # Read on: what is not read could keep it from ending.
        seen_until(screen)
        assert process.wait(PATIENCE_SECONDS) == status

    deadline = time.monotonic() + PATIENCE_SECONDS
    while servers_in(tmp_path):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert list(tmp_path.iterdir()) == []
