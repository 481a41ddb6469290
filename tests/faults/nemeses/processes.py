"""Which processes a server has, and what they are doing, as the kernel shows it."""

from contextlib import suppress
from pathlib import Path

from tests.server import Server

ESTABLISHED = "01"
# Of a database's file of shared memory: see "WAL-Index Locks" on sqlite.org/walformat.html.
WRITE_LOCK_BYTE = 120


def state_of(pid: int) -> str:
    """The state of a process as proc(5) has it, such as `T` for stopped; `Z` if it is gone."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return "Z"
    # The name of the program stands in brackets, and may have brackets.
    return line.rpartition(")")[2].split()[0]


def is_running(pid: int) -> bool:
    """Whether there is such a process; one whose end nobody has looked at is none."""
    return state_of(pid) != "Z"


def workers_of(server: Server) -> list[int]:
    """The workers of a server that are running now, whether they serve already or not.

    While it reloads, its commands are children of the master as well: they are no workers.
    """
    like_the_master = _command_line(server.master_pid)
    return [
        pid
        for pid in server.worker_pids()
        if is_running(pid) and _command_line(pid) == like_the_master
    ]


def serving_workers(server: Server) -> list[int]:
    """The workers that clients are connected to."""
    connected = {
        f"socket:[{row[9]}]"
        for row in _rows("/proc/net/tcp")[1:]
        if int(row[1].rpartition(":")[2], 16) == server.port and row[3] == ESTABLISHED
    }
    return [pid for pid in workers_of(server) if connected & _open_files(pid)]


def workers_with_database(server: Server) -> list[int]:
    """The workers that have opened SQLite's file: they are about to serve, or do so."""
    path = server.environment["DATABASE_URL"].removeprefix("sqlite:///")
    return [pid for pid in workers_of(server) if path in _open_files(pid)]


def has_write_lock(pid: int, database: Path) -> bool:
    """Whether a process holds the write lock of a SQLite database with a write-ahead log."""
    memory = database.with_name(f"{database.name}-shm").stat()
    for row in _rows("/proc/locks"):
        # Number, kind, advisory or not, read or write, process, device and inode, first, last.
        kind, _, access, holder, place, first, last = row[1:8]
        if (
            (kind, access, holder) == ("POSIX", "WRITE", str(pid))
            and int(place.rpartition(":")[2]) == memory.st_ino
            and int(first) <= WRITE_LOCK_BYTE
            and (last == "EOF" or int(last) >= WRITE_LOCK_BYTE)
        ):
            return True
    return False


def _rows(table: str) -> list[list[str]]:
    return [line.split() for line in Path(table).read_text().splitlines()]


def _open_files(pid: int) -> set[str]:
    found = set()
    with suppress(FileNotFoundError, ProcessLookupError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):
                found.add(str(descriptor.readlink()))
    return found


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
