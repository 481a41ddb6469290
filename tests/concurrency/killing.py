"""kill -9 of the workers of a server."""

import os
import signal

from tests.concurrency.watching import wait_until
from tests.server import Server


def kill_a_worker(server: Server, killed: set[int]) -> int:
    """Kill a worker that is none of those `killed` before, and give its process id."""
    wait_until(lambda: bool(set(server.worker_pids()) - killed), "no worker came up")
    # The oldest, which is the least likely to be still without a request.
    pid = min(set(server.worker_pids()) - killed)
    os.kill(pid, signal.SIGKILL)
    return pid
