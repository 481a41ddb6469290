"""Where a request in a cooperative worker lets the others go first: once, and where we say so."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server import PROJECT
from ticketboss.repository.sqlite import log_bound


@pytest.fixture(scope="module")
def turns(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    folder: Path = tmp_path_factory.mktemp("turns")
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.greenlet_turns", str(folder)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    found: dict[str, int] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("work", ["reads", "counted requests"])
def test_what_need_not_wait_lets_nobody_go_first(turns: dict[str, int], work: str) -> None:
    assert turns[work] == 0


def test_a_request_lets_the_others_go_first_once(turns: dict[str, int]) -> None:
    assert turns["whole requests"] == 10


def test_events_that_are_written_at_once_share_a_transaction(turns: dict[str, int]) -> None:
    assert turns["transactions of 16 events"] == 1


def test_a_commit_lets_the_others_go_first_once(turns: dict[str, int]) -> None:
    assert turns["commits"] == 10


def test_nobody_stands_still_while_the_log_waits_for_its_readers(turns: dict[str, int]) -> None:
    looks = log_bound.LOG_RESTART_WAIT_SECONDS_MAX / log_bound.LOG_LOOK_SECONDS
    assert turns["a log that cannot be begun anew"] > looks / 2
