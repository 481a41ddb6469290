"""SIGSTOP of a worker, at any moment or while it holds SQLite's write lock, and SIGCONT."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.concurrency.watching import wait_until
from tests.faults.history.record import Operation
from tests.faults.history.violations import Violation
from tests.faults.history.wire import Request
from tests.faults.nemeses.kills import a_worker, send, wait_until_gone
from tests.faults.nemeses.processes import (
    has_write_lock,
    is_running,
    serving_workers,
    state_of,
    workers_with_database,
)
from tests.faults.nemeses.scene import Scene

STOP_SECONDS = (0.05, 1.5)
FIND_SECONDS_MAX = 5.0
FIND_PAUSE_SECONDS = 0.005
WRITES = 3
# None that any other client asks for.
HOLD_SECONDS = 3_000
# What a write may take by the setting, and what a busy machine may add to it.
COMMAND_SECONDS_MAX = 1
ANSWER_SECONDS_MAX = COMMAND_SECONDS_MAX + 3.0
KILLS_OF_STOPPED = 0.3


def stop_anywhere(scene: Scene) -> None:
    """Stop a worker that has clients for a while, whatever it does."""
    with _stopped(scene, a_worker(scene)) as pid:
        time.sleep(scene.chance.uniform(*STOP_SECONDS))
    _wait_until_it_goes_on(pid)


def stop_in_a_write(scene: Scene) -> None:
    """Stop one that holds the write lock, and see that the others answer. Some then are killed.

    When nobody writes any more, nobody is stopped.
    """
    wait_until(
        lambda: len(workers_with_database(scene.server)) > 1,
        "there never were two workers",
    )
    deadline = time.monotonic() + FIND_SECONDS_MAX
    while time.monotonic() < deadline:
        if any(_is_stopped_in_a_write(scene, pid) for pid in serving_workers(scene.server)):
            return
        time.sleep(scene.chance.uniform(0, FIND_PAUSE_SECONDS))


def _is_stopped_in_a_write(scene: Scene, pid: int) -> bool:
    """Stop a worker; it stays so for a while if it has the write lock just then."""
    database = Path(scene.server.environment["DATABASE_URL"].removeprefix("sqlite:///"))
    with _stopped(scene, pid):
        if not has_write_lock(pid, database):
            return False
        scene.tally["stops in a write"] += 1
        _ask_the_others(scene)
        if scene.chance.random() < KILLS_OF_STOPPED:
            os.kill(pid, signal.SIGKILL)
            wait_until_gone([pid])
            scene.tally["workers killed"] += 1
    _wait_until_it_goes_on(pid)
    return True


def _ask_the_others(scene: Scene) -> None:
    with ThreadPoolExecutor(WRITES + 1) as threads:
        reading = threads.submit(_ask, scene, Request("read_event", "GET", _event(scene)))
        writing = [threads.submit(_ask, scene, _change(scene, n)) for n in range(WRITES)]
        read, written = reading.result(), [each.result() for each in writing]
    for answer in (read, *written):
        if answer.status is None:
            why = f"no answer in {ANSWER_SECONDS_MAX:g} s, because a worker is stopped in a write"
            scene.found.append(Violation("bounded answers", why, (answer,)))
    if read.status not in (None, 200):
        why = "no reading, because a worker is stopped in a write"
        scene.found.append(Violation("bounded answers", why, (read,)))
    accepted = [answer for answer in written if answer.outcome == "ok"]
    if accepted:
        why = "somebody writes while another one has the write lock"
        scene.found.append(Violation("write lock", why, tuple(accepted)))


def _ask(scene: Scene, request: Request) -> Operation:
    """Ask whoever takes a new connection, which the stopped worker cannot."""
    with scene.client(scene.keys.operator, scene.server.port, ANSWER_SECONDS_MAX) as wire:
        return wire.ask(request, ANSWER_SECONDS_MAX)


def _event(scene: Scene) -> str:
    return f"/events/{scene.event_id}"


def _change(scene: Scene, number: int) -> Request:
    """What cannot be refused for want of seats, which takes no lock."""
    body = {"holdSecondsTotalMax": HOLD_SECONDS + number}
    return Request("change_event", "PATCH", _event(scene), body, scene.new_name())


@contextmanager
def _stopped(scene: Scene, pid: int) -> Iterator[int]:
    try:
        # One that a storm has ended meanwhile stops nobody.
        send(pid, signal.SIGSTOP)
        wait_until(lambda: state_of(pid) in "TZ", f"{pid} did not stop")
        scene.tally["stops"] += is_running(pid)
        yield pid
    finally:
        send(pid, signal.SIGCONT)


def _wait_until_it_goes_on(pid: int) -> None:
    wait_until(lambda: state_of(pid) != "T", f"{pid} stayed stopped")
