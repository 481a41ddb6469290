"""Real servers with trouble: failing calls, a full disk, files that may not be written."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.concurrency.watching import wait_until
from tests.faults.io.faults import CALLS, Fault, only_about
from tests.server import Server
from ticketboss.repository import open_repository

BLOCK_BYTES = 4096
FILLER = "filler"
# Root's right to open whatever it wants, which no server should have.
_RIGHTS = "-dac_override,-dac_read_search"


class FailingServer(Server):
    """A server each of whose processes fails some of its calls."""

    def __init__(self, folder: Path, fault: Fault, first: int, **settings: str | int) -> None:
        super().__init__(folder, **settings)
        self._trace = folder / "trace"
        calls = ["-e", f"trace={CALLS[fault.call]}", *only_about(self.database_path)]
        self._options = [*calls, *fault.injected(first)]

    @property
    def database_path(self) -> Path:
        """The file that the calls are about."""
        return Path(self.environment["DATABASE_URL"].removeprefix("sqlite:///"))

    def command_line(self) -> list[str]:
        strace = ["strace", "-f", "--seccomp-bpf", "-o", str(self._trace), *self._options]
        return [*strace, *super().command_line()]

    def failed_calls(self) -> int:
        """How many calls strace has failed so far."""
        return self._trace.read_text().count("(INJECTED)")


class BoundServer(Server):
    """A server whose files cannot grow beyond a number of bytes."""

    file_bytes_max = 0

    def command_line(self) -> list[str]:
        return ["prlimit", f"--fsize={self.file_bytes_max}:unlimited", *super().command_line()]

    def lift_the_limit(self) -> None:
        """Let the files of all its processes grow."""
        for pid in (self.master_pid, *self.worker_pids()):
            subprocess.run(["prlimit", "--fsize=unlimited", "--pid", str(pid)], check=True)


class UnprivilegedServer(Server):
    """A server that may open only what its user may, also where that is root."""

    def command_line(self) -> list[str]:
        return [*unprivileged(), *super().command_line()]


def unprivileged() -> list[str]:
    """What is put before a command so that permissions bind it."""
    if os.geteuid() != 0:
        return []
    # Another user could perhaps not read the interpreter.
    return ["setpriv", f"--bounding-set={_RIGHTS}", f"--inh-caps={_RIGHTS}"]


def migrate(folder: Path) -> Path:
    """Make the database of the servers in a folder, and give its file."""
    url = Server(folder).environment["DATABASE_URL"]
    with closing(open_repository(url)) as repository:
        repository.migrate()
    return Path(url.removeprefix("sqlite:///"))


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A file system of this size. Raises PermissionError where that may not be made."""
    folder.mkdir()
    size = f"size={kilobytes}k"
    command = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        raise PermissionError(
            "This needs the right to mount a small disk, which root has not in a plain container: "
            + mounted.stderr.strip()
        )
    try:
        yield folder
    finally:
        # Workers that were killed let go of their files only once they have ended.
        wait_until(lambda: _is_unmounted(folder), f"somebody has files of {folder} open")


def _is_unmounted(folder: Path) -> bool:
    return subprocess.run(["umount", folder], capture_output=True, check=False).returncode == 0


def fill(folder: Path) -> None:
    """Leave no room on the disk of this folder."""
    descriptor = os.open(folder / FILLER, os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(descriptor, bytes(BLOCK_BYTES))
    except OSError:
        # Full.
        pass
    finally:
        os.close(descriptor)


def make_room(folder: Path) -> None:
    """Undo `fill`."""
    (folder / FILLER).unlink()
