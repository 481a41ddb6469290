"""What gevent does to a leader at the end of its graceful time-out."""

import subprocess
import sys
from pathlib import Path

from tests.server import PROJECT


def test_a_leader_killed_by_gevent_leaves_no_queue_stuck(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.killed_greenlets", str(tmp_path)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"versions of the others: {list(range(1, 20))}",
        "reservation of the killed one: None",
        "available: 81 idle: True",
    ]
