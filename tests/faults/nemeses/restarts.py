"""Signals by which an operator ends, restarts and reloads: one by one, and in storms."""

import signal
import time
from collections.abc import Callable

from tests.faults.nemeses.kills import a_worker, send, signal_a_worker, wait_until_gone
from tests.faults.nemeses.processes import is_running, workers_of
from tests.faults.nemeses.scene import Scene

STORM_SIGNALS = (3, 6)
STORM_PAUSE_SECONDS = (0.0, 0.2)
LOOP_STARTS = (2, 3)
LOOP_PAUSE_SECONDS = (0.0, 1.5)


def terminate_a_worker(scene: Scene) -> None:
    """SIGTERM to one that has clients: it finishes what it has accepted."""
    wait_until_gone([signal_a_worker(scene, signal.SIGTERM)])
    scene.tally["workers terminated"] += 1


def reload(scene: Scene) -> None:
    """SIGHUP: all workers are replaced, and the master stays."""
    _reload_after(scene, lambda: None)


def storm(scene: Scene) -> None:
    """SIGHUP and SIGTERM, to master and workers, faster than they can be obeyed."""

    def rage() -> None:
        for _ in range(scene.chance.randint(*STORM_SIGNALS)):
            if scene.chance.random() < 0.5:
                scene.server.signal(signal.SIGHUP)
            else:
                _terminate_any(scene)
            time.sleep(scene.chance.uniform(*STORM_PAUSE_SECONDS))

    _reload_after(scene, rage)
    scene.tally["storms"] += 1


def _terminate_any(scene: Scene) -> None:
    for pid in workers_of(scene.server):
        if scene.chance.random() < 0.5:
            send(pid, signal.SIGTERM)


def _reload_after(scene: Scene, rage: Callable[[], None]) -> None:
    server = scene.server
    a_worker(scene)
    before, master_pid = workers_of(server), server.master_pid
    rage()
    server.signal(signal.SIGHUP)
    wait_until_gone(before)
    assert is_running(master_pid), "the master ended over a reload"
    server.wait_until_ready()
    scene.tally["reloads"] += 1


def restart(scene: Scene) -> None:
    """SIGTERM to the master, and start it again once all have ended."""
    server = scene.server
    a_worker(scene)
    workers = workers_of(server)
    status = server.stop()
    assert status == 0, f"the server ended with {status}:\n{server.log()}"
    # Nobody waits for them here: the master has done so.
    assert not any(map(is_running, workers)), "the master left workers behind"
    server.start()
    server.wait_until_ready()
    scene.tally["restarts"] += 1


def restart_in_a_loop(scene: Scene) -> None:
    """End and start again several times, however far the start has come by then."""
    server = scene.server
    for _ in range(scene.chance.randint(*LOOP_STARTS)):
        workers = workers_of(server)
        server.signal(signal.SIGTERM)
        server.wait_for_exit()
        wait_until_gone(workers)
        scene.tally["restarts"] += 1
        server.start()
        time.sleep(scene.chance.uniform(*LOOP_PAUSE_SECONDS))
    server.wait_until_ready()
