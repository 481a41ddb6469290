"""A run of the tests that is told to end leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.server import PROJECT

BEGIN_SECONDS_MAX = 60.0
PAUSE_SECONDS = 0.02
# A server of the whole run ends at the exit of the process, that of a test behind its fixture.
WAITING = """
import atexit, time
from pathlib import Path
import pytest

@pytest.fixture
def thing():
    yield
    Path("torn down").touch()

def test_that_waits(thing):
    atexit.register(Path("at the exit").touch)
    Path("begun").touch()
    time.sleep(600)
"""


def test_sigterm_ends_a_run_as_an_interrupt_does(tmp_path: Path) -> None:
    (tmp_path / "test_waiting.py").write_text(WAITING)
    run = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
    )
    deadline = time.monotonic() + BEGIN_SECONDS_MAX
    while not (tmp_path / "begun").exists():
        assert run.poll() is None
        assert time.monotonic() < deadline
        time.sleep(PAUSE_SECONDS)
    run.send_signal(signal.SIGTERM)
    told, _ = run.communicate(timeout=BEGIN_SECONDS_MAX)
    assert run.returncode == 2, told.decode()
    assert (tmp_path / "torn down").exists()
    assert (tmp_path / "at the exit").exists()
