"""The servers under load: a scratch TicketBoss, and the bare Flask hello beside it."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from benchmarks.load import NO_HEADERS, PARTNER_ID
from tests.server import Server

CLOCK_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# Where utime and stime stand in /proc/<pid>/stat behind the command's name (proc(5)).
USER_TICKS, SYSTEM_TICKS = 11, 12


class HelloServer(Server):
    """`benchmarks.hello` under the same gunicorn.conf.py."""

    wsgi_app = "benchmarks.hello:app"


class KeyedServer(Server):
    """TicketBoss as it is on the open network: with API keys, and with limits that nobody meets."""

    def __init__(self, folder: Path, **settings: str | int) -> None:
        limit = "1000000/second"
        super().__init__(
            folder,
            TICKETBOSS_AUTH="keys",
            TICKETBOSS_RATE_LIMIT_WRITES=limit,
            TICKETBOSS_RATE_LIMIT_READS=limit,
            **settings,
        )


def key_headers(server: Server) -> Mapping[str, str]:
    """What a request to this server needs beside its body."""
    if not isinstance(server, KeyedServer):
        return NO_HEADERS
    made = server.command("keys", "create", "--partner", PARTNER_ID, "--json")
    return {"Authorization": f"Bearer {json.loads(made.stdout)['key']}"}


def cpu_seconds(server: Server) -> float:
    """CPU time that the master and the workers have used, in user and in system mode."""
    return sum(_cpu_seconds_of(pid) for pid in (server.master_pid, *server.worker_pids()))


def _cpu_seconds_of(pid: int) -> float:
    behind_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(behind_name[USER_TICKS]) + int(behind_name[SYSTEM_TICKS])
    return ticks / CLOCK_TICKS_PER_SECOND
