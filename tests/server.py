"""A real TicketBoss of one's own: gunicorn, its workers, a database file and a port."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

from tests.database import Database, database_at, database_url
from tests.ports import free_port

PROJECT = Path(__file__).parent.parent
START_SECONDS_MAX = 45.0
STOP_SECONDS_MAX = 30.0
PAUSE_SECONDS = 0.02


class Server:
    """A scratch server with its files in `folder`; `settings` are environment variables.

    As a context manager it is ready inside the block and gone behind it, workers included.
    """

    wsgi_app = "wsgi:app"
    # Where the code is that serves.
    project = PROJECT

    def __init__(self, folder: Path, **settings: str | int) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_path = folder / "server.log"
        self.environment = _environment(
            {
                "DATABASE_URL": database_url(folder),
                "PORT": self.port,
                "WEB_CONCURRENCY": 2,
                **settings,
            }
        )
        self._master: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        try:
            self.wait_until_ready()
        except BaseException:
            self.destroy()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.destroy()

    @property
    def master_pid(self) -> int:
        """The process id of gunicorn's master."""
        if self._master is None:
            raise RuntimeError("The server was not started.")
        return self._master.pid

    @property
    def database(self) -> Database:
        """Its database, past itself."""
        return database_at(self.environment["DATABASE_URL"])

    def start(self, *arguments: str) -> None:
        """Start it without waiting for it; `arguments` go to its command line."""
        with self.log_path.open("ab") as log:
            self._master = subprocess.Popen(
                [*self.command_line(), *arguments],
                cwd=self.project,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def command_line(self) -> list[str]:
        """What starts it."""
        return [sys.executable, "-m", "gunicorn", self.wsgi_app]

    def wait_until_ready(self) -> None:
        """Return when /readyz says 200; fail with the log when the server ends or takes long."""
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            if self._master is None or self._master.poll() is not None:
                raise AssertionError(f"The server ended:\n{self.log()}")
            try:
                if requests.get(f"{self.url}/readyz", timeout=1).status_code == 200:
                    return
            except requests.RequestException:
                pass
            time.sleep(PAUSE_SECONDS)
        raise AssertionError(f"The server did not become ready:\n{self.log()}")

    def worker_pids(self) -> list[int]:
        """The process ids of the workers that are running now."""
        children = Path(f"/proc/{self.master_pid}/task/{self.master_pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the master."""
        os.kill(self.master_pid, number)

    def wait_for_exit(self, seconds_max: float = STOP_SECONDS_MAX) -> int:
        """The exit status of the master, once it ended."""
        if self._master is None:
            raise RuntimeError("The server was not started.")
        return self._master.wait(seconds_max)

    def kill_master(self) -> None:
        """SIGKILL the master alone; its workers find out by themselves."""
        self.signal(signal.SIGKILL)
        self.wait_for_exit()

    def stop(self) -> int:
        """End gracefully, as an operator would; gives the exit status."""
        self.signal(signal.SIGTERM)
        return self.wait_for_exit()

    def destroy(self) -> None:
        """Kill all that is left of the server: it has a process group of its own."""
        if self._master is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._master.pid, signal.SIGKILL)
            self._master.wait()

    def log(self) -> str:
        """All that the server has written so far."""
        return self.log_path.read_text() if self.log_path.exists() else ""

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run an operator command with this server's settings."""
        return subprocess.run(
            [sys.executable, "-m", "ticketboss", *arguments],
            cwd=self.project,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def operate(self, *arguments: str) -> dict[str, Any]:
        """Run an operator command that must succeed; gives what it prints as JSON."""
        done = self.command(*arguments, "--json")
        if done.returncode:
            raise AssertionError(f"{arguments} ended with {done.returncode}:\n{done.stdout}")
        document: dict[str, Any] = json.loads(done.stdout)
        return document

    def differences(self) -> list[str]:
        """What `verify` finds wrong in all events together; empty when all is well."""
        done = self.command("verify", "--json")
        results: list[dict[str, Any]] = json.loads(done.stdout)["events"]
        found = [difference for result in results for difference in result["differences"]]
        if bool(found) != (done.returncode == 1):
            raise AssertionError(f"verify ended with {done.returncode}: {done.stdout}{done.stderr}")
        return found


def _environment(settings: Mapping[str, str | int]) -> dict[str, str]:
    # Nothing of the developer's own settings may leak into a test.
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    ours = {"TICKETBOSS_ENV_FILE": "", **settings}
    return kept | {name: str(value) for name, value in ours.items()}
