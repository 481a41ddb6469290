"""A rehearsal in a terminal, and how it ends when somebody has it end."""

import os
import signal
import time
from pathlib import Path

import pytest
import requests

from tests.terminal import COLUMNS, in_terminal, seen_until

PATIENCE_SECONDS = 60.0
SMALL = ("--requests", "2")
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


def page_of(lines: list[str]) -> str:
    """Where it says that its event can be watched."""
    [url] = [line.removeprefix("Watch it at ") for line in lines if line.startswith("Watch it")]
    return url


def test_server_that_stays_shows_its_page_until_ctrl_c(tmp_path: Path) -> None:
    with in_terminal("rehearse", *SMALL, "--stay", TMPDIR=str(tmp_path)) as (process, screen):
        lines = seen_until(screen, "Every promise was kept.")
        page = requests.get(page_of(lines), timeout=PATIENCE_SECONDS)
        assert (page.status_code, "<h1>Rehearsal" in page.text) == (200, True)
        process.send_signal(signal.SIGINT)
        assert seen_until(screen) == []
        assert process.wait(PATIENCE_SECONDS) == 0

    assert servers_in(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_server_that_should_stay_and_ends_is_told_of(tmp_path: Path) -> None:
    with in_terminal("rehearse", *SMALL, "--stay", TMPDIR=str(tmp_path)) as (process, screen):
        seen_until(screen, "Every promise was kept.")
        for pid in servers_in(tmp_path):
            os.kill(pid, signal.SIGKILL)
        assert any("The scratch server ended" in line for line in seen_until(screen))
        assert process.wait(PATIENCE_SECONDS) == 2
