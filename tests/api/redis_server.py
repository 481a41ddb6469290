"""A Redis of one's own on loopback, which tests may kill."""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.ports import free_port

PROGRAM = "redis-server"
PASSWORD = "a-secret-of-redis"  # noqa: S105 - of a scratch server
START_SECONDS_MAX = 15.0
PAUSE_SECONDS = 0.02


def is_installed() -> bool:
    """Whether there is a Redis to start."""
    return shutil.which(PROGRAM) is not None


class RedisServer:
    """A Redis that keeps nothing on disk; it is gone at the end of the block."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.url = f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()

    def start(self) -> None:
        """Start it, with nothing in it, and wait until it listens."""
        options = {
            "--bind": "127.0.0.1",
            "--port": str(self.port),
            "--save": "",
            "--appendonly": "no",
            "--dir": str(self._folder),
            "--requirepass": PASSWORD,
        }
        words = [word for option in options.items() for word in option]
        self._process = subprocess.Popen([PROGRAM, *words], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS_MAX
        while not self._listens():
            assert self._process.poll() is None, "Redis ended at its start."
            assert time.monotonic() < deadline, "Redis did not start in time."
            time.sleep(PAUSE_SECONDS)

    def kill(self) -> None:
        """End it at once, connections included."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop_answering(self) -> None:
        """Leave its connections open, but answer nothing any more."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
