"""A reload in which the old workers take connections until the new ones do.

Beside gunicorn.conf.py and not in ticketboss/, which the master never imports.
"""

import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from gunicorn.errors import HaltServer

BOOT_SECONDS_MAX = 30.0
BOOT_PAUSE_SECONDS = 0.05


class _CannotStart(Exception):
    """A new worker cannot start."""


def reload_without_a_gap(server: Any, reload: Callable[[], None]) -> None:
    """Have gunicorn reload, but tell the old workers to end only when the new ones serve.

    It tells them as soon as the new ones are forked. Until those have imported the application
    nobody would take a connection, for a second or, on a busy machine, several. And if they cannot
    import it, gunicorn ends all: here the old ones stay.
    """
    first_age = server.worker_age + 1

    def manage_workers() -> None:
        try:
            _wait_for_workers(server, first_age)
        except HaltServer as error:
            raise _CannotStart(error.reason) from error
        type(server).manage_workers(server)

    server.manage_workers = manage_workers
    try:
        reload()
    except _CannotStart as error:
        _give_up(server, first_age, str(error))
    finally:
        del server.manage_workers


def _wait_for_workers(server: Any, first_age: int) -> None:
    """Return when as many workers of this age or a later one serve as there should be.

    Raises HaltServer when one of them cannot start.
    """
    deadline = time.monotonic() + BOOT_SECONDS_MAX
    while time.monotonic() < deadline:
        server.reap_workers()
        new = [worker for worker in server.WORKERS.values() if worker.age >= first_age]
        if len(new) >= server.num_workers and all(map(_serves, new)):
            return
        # gunicorn counts the old ones as well, and would replace no new one that has died.
        for _ in range(server.num_workers - len(new)):
            server.spawn_worker()
        time.sleep(BOOT_PAUSE_SECONDS)
    server.log.error("The new workers do not come up; the old ones are ended all the same.")


def _serves(worker: Any) -> bool:
    # Its first sign of life comes when it takes connections, and is told by the clock that began
    # with the machine. Until then its file has the time of day, which is far ahead of that.
    return bool(worker.tmp.last_update() <= time.monotonic())


def _give_up(server: Any, first_age: int, reason: str) -> None:
    """End all workers of this age or a later one; what they have accepted they finish."""
    server.log.error("Not reloaded: %s The old workers stay.", reason)
    deadline = time.monotonic() + BOOT_SECONDS_MAX
    while new := [pid for pid, worker in server.WORKERS.items() if worker.age >= first_age]:
        for pid in new:
            number = signal.SIGTERM if time.monotonic() < deadline else signal.SIGKILL
            server.kill_worker(pid, number)
        # One after the other may find that it cannot start.
        with suppress(HaltServer):
            server.reap_workers()
        time.sleep(BOOT_PAUSE_SECONDS)
