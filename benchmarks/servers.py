"""The servers under load: a scratch TicketBoss, and the bare Flask hello beside it."""

import os
from pathlib import Path

from tests.server import Server

CLOCK_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# Where utime and stime stand in /proc/<pid>/stat behind the command's name (proc(5)).
USER_TICKS, SYSTEM_TICKS = 11, 12


class HelloServer(Server):
    """`benchmarks.hello` under the same gunicorn.conf.py."""

    wsgi_app = "benchmarks.hello:app"


def cpu_seconds(server: Server) -> float:
    """CPU time that the master and the workers have used, in user and in system mode."""
    return sum(_cpu_seconds_of(pid) for pid in (server.master_pid, *server.worker_pids()))


def _cpu_seconds_of(pid: int) -> float:
    behind_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(behind_name[USER_TICKS]) + int(behind_name[SYSTEM_TICKS])
    return ticks / CLOCK_TICKS_PER_SECOND
