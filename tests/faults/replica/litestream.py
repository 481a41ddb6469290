"""Litestream as deploy/ sets it up, in a process of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.concurrency.watching import wait_until
from tests.server import PROJECT

CONFIG = PROJECT / "deploy" / "litestream.yml"
COMMAND_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 30.0


def program() -> str | None:
    """Where it is: beside the interpreter, or on the PATH."""
    return shutil.which("litestream", path=Path(sys.executable).parent) or shutil.which(
        "litestream"
    )


class Litestream:
    """Replicates one database to a folder while its block lasts, and is killed at the end."""

    def __init__(self, database: Path, folder: Path, interval_ms: int) -> None:
        self._database = database
        self._folder = folder
        self._replica = folder / "replica"
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = {
            "PATH": os.environ["PATH"],
            "DATABASE_FILE": str(database),
            "REPLICA_FOLDER": str(self._replica),
            "REPLICA_INTERVAL": f"{interval_ms}ms",
        }

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
        """Start it as documented, and wait for the whole copy that it begins with.

        Told to end before that, it would not replicate what is left.
        """
        self._run("reset")
        known = self._copies()
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(
                self._command("replicate"), env=self._environment, stdout=log, stderr=log
            )
        wait_until(lambda: bool(self._copies() - known), f"no copy: {self.log()}")

    def kill(self) -> None:
        """SIGKILL it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """SIGTERM it: it replicates what there is and ends."""
        assert self._process is not None
        self._process.terminate()
        status = self._process.wait(STOP_SECONDS_MAX)
        assert status == 0, f"{status}: {self.log()}"

    def restore(self, to: Path) -> None:
        """Make a database of the replica."""
        self._run("restore", "-o", str(to))

    def log(self) -> str:
        """All that it has said."""
        return self._log_path.read_text() if self._log_path.exists() else ""

    def _run(self, *arguments: str) -> None:
        done = subprocess.run(
            [*self._command(*arguments), str(self._database)],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS_MAX,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def _copies(self) -> set[Path]:
        return set(self._replica.rglob("*.ltx"))

    @property
    def _log_path(self) -> Path:
        return self._folder / "litestream.log"

    def _command(self, *arguments: str) -> list[str]:
        found = program()
        assert found is not None, "litestream is not installed: requirements-litestream.txt"
        return [found, arguments[0], "-config", str(CONFIG), *arguments[1:]]
