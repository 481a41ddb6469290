"""Looking at a running server from outside: its ledger, its lock, its log, its processes."""

import json
import signal
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.concurrency.clients import crowd
from tests.server import Server
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.repository import open_repository

DEFAULT_EVENT = "node-meetup-2025"
WAIT_SECONDS_MAX = 25.0
# The new workers have 30 to start, the old ones then 20 to finish what they have.
RELOAD_SECONDS_MAX = 60.0
PAUSE_SECONDS = 0.01
ENTRIES_MAX = 1_000_000
# SO_ACCEPTCON of the kernel, as the flags in /proc/net/unix show it.
UNIX_SOCKET_LISTENS = 0x10000


def wait_until(
    condition: Callable[[], bool], what: str, seconds_max: float = WAIT_SECONDS_MAX
) -> None:
    """Return as soon as the condition holds; fail when it does not come to that."""
    deadline = time.monotonic() + seconds_max
    while not condition():
        if time.monotonic() >= deadline:
            raise AssertionError(f"Waited {seconds_max:g} seconds in vain: {what}.")
        time.sleep(PAUSE_SECONDS)


def assert_stays(condition: Callable[[], bool], what: str, seconds: float) -> None:
    """Fail as soon as the condition no longer holds; return when it held for so long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert condition(), what
        time.sleep(PAUSE_SECONDS)


def ledger_of(server: Server) -> list[LedgerEntry]:
    """All entries of the default event, read from the database itself."""
    with closing(open_repository(server.environment["DATABASE_URL"])) as repository:
        return repository.ledger(DEFAULT_EVENT, -1, ENTRIES_MAX)


def log_lines(server: Server) -> list[dict[str, Any]]:
    """What the server logged so far, as objects; a last line still being written is left out."""
    lines = server.log().split("\n")[:-1]
    return [json.loads(line) for line in lines if line.startswith("{")]


def wait_until_all_workers_answer(server: Server) -> None:
    """A server is ready with its first worker; a race needs all of them."""

    def all_answered() -> bool:
        crowd(server, 8, lambda client, _: client.get("/healthz"))
        answered = {line["pid"] for line in log_lines(server) if line["message"] == "request"}
        return set(server.worker_pids()) <= answered

    wait_until(all_answered, "not every worker answered a request")


def reload_workers(server: Server) -> None:
    """Send SIGHUP and wait until none of the workers before it is left."""
    before = set(server.worker_pids())
    server.signal(signal.SIGHUP)
    wait_until(
        lambda: not before & set(server.worker_pids()),
        "the old workers stayed",
        RELOAD_SECONDS_MAX,
    )


def listening_unix_sockets(pid: int) -> list[str]:
    """The paths of the Unix sockets on which a process takes connections."""
    descriptors = Path(f"/proc/{pid}/fd").iterdir()
    owned = {str(descriptor.readlink()) for descriptor in descriptors}
    # Columns: address, references, protocol, flags, type, state, inode, path.
    rows = [line.split() for line in Path("/proc/net/unix").read_text().splitlines()[1:]]
    listening = [row for row in rows if int(row[3], 16) & UNIX_SOCKET_LISTENS]
    return [" ".join(row[7:]) for row in listening if f"socket:[{row[6]}]" in owned]
