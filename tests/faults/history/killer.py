"""kill -9 of workers, one after the other."""

import random
import time

from tests.concurrency.killing import kill_a_worker
from tests.server import Server

KILL_PAUSE_SECONDS = (0.3, 1.2)


class Killer:
    """Kills a worker now and then; `killed` are their process ids."""

    def __init__(self, server: Server, seed: str) -> None:
        self._server = server
        self._chance = random.Random(seed)
        self.killed: set[int] = set()

    def kill_for(self, seconds: float) -> None:
        """Kill for so long."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(self._chance.uniform(*KILL_PAUSE_SECONDS))
            self.killed.add(kill_a_worker(self._server, self.killed))
