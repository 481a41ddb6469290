"""SIGSTOP of a worker, at any moment or while it holds SQLite's write lock, and SIGCONT."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.concurrency.watching import wait_until
from tests.faults.history.record import Operation
from tests.faults.history.violations import Violation
from tests.faults.history.wire import Request
from tests.faults.nemeses.kills import a_worker, wait_until_gone
from tests.faults.nemeses.processes import (
    has_write_lock,
    serving_workers,
    state_of,
    workers_with_database,
)
from tests.faults.nemeses.scene import Scene

STOP_SECONDS = (0.05, 1.5)
FIND_SECONDS_MAX = 20.0
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
    with _stopped(a_worker(scene)) as pid:
        scene.tally["stops"] += 1
        time.sleep(scene.chance.uniform(*STOP_SECONDS))
    _wait_until_it_goes_on(pid)


def stop_in_a_write(scene: Scene) -> None:
    """Stop one that holds the write lock, and see that the others answer. Some then are killed."""
    wait_until(
        lambda: len(workers_with_database(scene.server)) > 1,
        "there never were two workers",
    )
    with _stopped_in_a_write(scene) as pid:
        scene.tally["stops in a write"] += 1
        _ask_the_others(scene)
        if scene.chance.random() < KILLS_OF_STOPPED:
            os.kill(pid, signal.SIGKILL)
            wait_until_gone([pid])
            scene.tally["workers killed"] += 1
    _wait_until_it_goes_on(pid)


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
def _stopped(pid: int) -> Iterator[int]:
    try:
        os.kill(pid, signal.SIGSTOP)
        wait_until(lambda: state_of(pid) in "TZ", f"{pid} did not stop")
        yield pid
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


@contextmanager
def _stopped_in_a_write(scene: Scene) -> Iterator[int]:
    """Stop one worker after the other for a moment, until one has the write lock."""
    database = Path(scene.server.environment["DATABASE_URL"].removeprefix("sqlite:///"))
    deadline = time.monotonic() + FIND_SECONDS_MAX
    while time.monotonic() < deadline:
        for pid in serving_workers(scene.server):
            with _stopped(pid):
                scene.tally["stops"] += 1
                if has_write_lock(pid, database):
                    yield pid
                    return
        time.sleep(scene.chance.uniform(0, FIND_PAUSE_SECONDS))
    raise AssertionError(f"No worker was found writing in {FIND_SECONDS_MAX:g} seconds.")


def _wait_until_it_goes_on(pid: int) -> None:
    wait_until(lambda: state_of(pid) != "T", f"{pid} stayed stopped")
