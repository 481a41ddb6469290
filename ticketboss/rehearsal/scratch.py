"""A server to rehearse with that is nobody else's: gunicorn, its workers, a folder and a port."""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PROJECT = Path(__file__).parents[2]
STOP_SECONDS_MAX = 30.0
VERIFY_SECONDS_MAX = 600.0
LOG_TAIL_LINES_MAX = 20


class ScratchFailed(Exception):
    """The scratch server cannot be started or asked; the text says why."""


class ScratchServer:
    """A server in open mode with an empty database in `folder`, gone at the end of the block."""

    def __init__(self, folder: Path, workers: int, worker_class: str | None) -> None:
        if not (PROJECT / "wsgi.py").exists():
            raise ScratchFailed(
                f"There is no wsgi.py in {PROJECT} to start a server with; name a running one "
                "with --url."
            )
        self._log_path = folder / "server.log"
        self._killed: set[int] = set()
        self._master: subprocess.Popen[bytes] | None = None
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        # Nothing of the operator's own settings may find its way to it.
        self._environment = {
            "DATABASE_URL": f"sqlite:///{folder}/rehearsal.db",
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "WEB_CONCURRENCY": str(workers),
            "LOG_LEVEL": "warning",
            "TICKETBOSS_AUTH": "open",
            "TICKETBOSS_DEFAULT_EVENT": "",
            "TICKETBOSS_ENV_FILE": "",
        }
        if worker_class:
            self._environment["TICKETBOSS_WORKER_CLASS"] = worker_class

    def __enter__(self) -> Self:
        with self._log_path.open("wb") as log:
            self._master = subprocess.Popen(  # nosec B603
                [sys.executable, "-m", "gunicorn", "wsgi:app"],
                cwd=PROJECT,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        master = self._running()
        master.terminate()
        with suppress(subprocess.TimeoutExpired):
            master.wait(STOP_SECONDS_MAX)
        # It has a process group of its own: whatever is left of it goes too.
        with suppress(ProcessLookupError):
            os.killpg(master.pid, signal.SIGKILL)
        master.wait()

    def check(self) -> None:
        """Raises ScratchFailed with the end of its log if it has ended."""
        if self._running().poll() is not None:
            lines = self._log_path.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES_MAX:]
            raise ScratchFailed("\n".join(["The scratch server ended:", *lines]))

    def stay(self) -> None:
        """Serve until Ctrl-C. Raises ScratchFailed if the server ends before."""
        # Whose signal it does not see: it has a session of its own.
        with suppress(KeyboardInterrupt):
            self._running().wait()
        self.check()

    def kill_a_worker(self) -> bool:
        """SIGKILL the oldest worker that was not killed before; says whether there was one."""
        alive = self._workers() - self._killed
        if not alive:
            return False
        pid = min(alive)
        self._killed.add(pid)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return True

    def verify(self) -> list[str]:
        """What `verify` finds wrong, the file itself included; empty when all is well."""
        try:
            done = subprocess.run(  # nosec B603
                [sys.executable, "-m", "ticketboss", "verify", "--json"],
                cwd=PROJECT,
                env=self._environment,
                capture_output=True,
                text=True,
                timeout=VERIFY_SECONDS_MAX,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ScratchFailed(f"verify took longer than {error.timeout:.0f} seconds.") from None
        try:
            document: dict[str, Any] = json.loads(done.stdout)
            events: list[dict[str, Any]] = document["events"]
        except (ValueError, LookupError):
            raise ScratchFailed(f"verify failed: {done.stdout}{done.stderr}") from None
        found = [difference for event in events for difference in event["differences"]]
        return found + list(document["damage"])

    def _workers(self) -> set[int]:
        master = self._running().pid
        try:
            children = Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii")
        except OSError:
            raise ScratchFailed(
                "Workers can be killed only where /proc tells who they are (Linux)."
            ) from None
        return {int(pid) for pid in children.split()}

    def _running(self) -> subprocess.Popen[bytes]:
        if self._master is None:
            raise ScratchFailed("The scratch server was not started.")
        return self._master


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
