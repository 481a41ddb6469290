"""The sockets that gunicorn listens at, and how many connections a worker has files for.

Beside gunicorn.conf.py and not in ticketboss/, which the master never imports.
"""

import errno
import os
import resource
import socket
import sys
import time
from ipaddress import ip_address
from typing import Any

PORT_WAIT_SECONDS_MAX = 30.0
PORT_PAUSE_SECONDS = 0.1
WORKER_CONNECTIONS_MAX = 2_000
# Beside them: the database, the log, the counts for /metrics, connections of the worker's own.
OTHER_FILES_MAX = 200
UNREAD_SECONDS_MAX = 30


def wait_for_port(server: Any) -> None:
    """Wait until the workers of a killed master have let go of the port.

    They notice within `timeout / 2`; gunicorn itself would try for five seconds only.
    """
    inherited = any(name in os.environ for name in ("GUNICORN_FD", "LISTEN_FDS"))
    addresses = [] if inherited else [a for a in server.cfg.address if isinstance(a, tuple)]
    deadline = time.monotonic() + PORT_WAIT_SECONDS_MAX
    for address in addresses:
        if _in_use(address):
            server.log.warning("Waiting for %s:%s, which is still in use.", *address)
        while _in_use(address):
            if time.monotonic() >= deadline:
                server.log.error("%s:%s is in use; stop that server or set PORT.", *address)
                sys.exit(1)
            time.sleep(PORT_PAUSE_SECONDS)


def _in_use(address: tuple[str, int]) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            # Any other error is told better by gunicorn when it binds.
            return error.errno == errno.EADDRINUSE
    return False


def bound_to_loopback(server: Any) -> bool:
    """Whether only this machine can connect, whatever has chosen the addresses."""
    # Behind a Unix socket there is a proxy, for whoever can reach that.
    addresses = [listener.sock.getsockname() for listener in server.LISTENERS]
    return all(isinstance(a, tuple) and ip_address(a[0]).is_loopback for a in addresses)


def connections_with_files() -> int:
    """How many connections a worker has open files for, once the soft limit is as it should be.

    Workers inherit it. Many systems set 1,024, and let a process raise that by itself.
    """
    wanted = WORKER_CONNECTIONS_MAX + OTHER_FILES_MAX
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        except (OSError, ValueError):
            # Some systems have a limit below the one that they tell.
            most = soft
    return max(1, most - OTHER_FILES_MAX)


def end_who_does_not_read(server: Any) -> None:
    """Have the kernel end a connection whose client takes nothing of its answer for so long.

    A worker would wait for it for ever. Connections inherit it from the socket that listens.
    """
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    for listener in server.LISTENERS:
        if option is not None and listener.sock.family != socket.AF_UNIX:
            listener.sock.setsockopt(socket.IPPROTO_TCP, option, UNREAD_SECONDS_MAX * 1_000)
