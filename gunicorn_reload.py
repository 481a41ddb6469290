"""A reload in which the old workers take connections until the new ones do.

Beside gunicorn.conf.py and not in ticketboss/, which the master never imports.
"""

import time
from collections.abc import Callable
from typing import Any

BOOT_SECONDS_MAX = 30.0
BOOT_PAUSE_SECONDS = 0.05


def reload_without_a_gap(server: Any, reload: Callable[[], None]) -> None:
    """Have gunicorn reload, but tell the old workers to end only when the new ones serve.

    It tells them as soon as the new ones are forked. Until those have imported the application
    nobody would take a connection, for a second or, on a busy machine, several.
    """
    first_age = server.worker_age + 1

    def manage_workers() -> None:
        _wait_for_workers(server, first_age)
        type(server).manage_workers(server)

    server.manage_workers = manage_workers
    try:
        reload()
    finally:
        del server.manage_workers


def _wait_for_workers(server: Any, first_age: int) -> None:
    """Return when as many workers of this age or a later one serve as there should be."""
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
