"""kill -9: of a worker, of all, of the master alone, and of everything at once."""

import os
import signal

from tests.concurrency.watching import wait_until
from tests.faults.nemeses.processes import is_running, serving_workers, workers_of
from tests.faults.nemeses.scene import Scene

START_SECONDS_MAX = 40.0


def a_worker(scene: Scene) -> int:
    """A worker that clients are connected to, by chance."""
    found: list[int] = []

    def serve() -> bool:
        found[:] = serving_workers(scene.server)
        return bool(found)

    wait_until(serve, "no worker serves")
    return scene.chance.choice(found)


def send(pid: int, number: signal.Signals) -> bool:
    """Send a signal; False where there is no such process any more."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def signal_a_worker(scene: Scene, number: signal.Signals) -> int:
    """Send a signal to a worker that clients are connected to, and give its process id."""
    # A storm may still be ending: then who has just served may be gone.
    while not send(pid := a_worker(scene), number):
        pass
    return pid


def wait_until_gone(pids: list[int], seconds_max: float = START_SECONDS_MAX) -> None:
    """Return when none of these processes runs any more."""
    wait_until(lambda: not any(map(is_running, pids)), f"{pids} did not end", seconds_max)


def kill_a_worker(scene: Scene) -> None:
    """Kill one that has clients."""
    wait_until_gone([signal_a_worker(scene, signal.SIGKILL)])
    scene.tally["workers killed"] += 1


def kill_all_workers(scene: Scene) -> None:
    """Kill those that boot as well."""
    a_worker(scene)
    killed = [pid for pid in workers_of(scene.server) if send(pid, signal.SIGKILL)]
    wait_until_gone(killed)
    scene.tally["workers killed"] += len(killed)


def kill_the_master(scene: Scene) -> None:
    """Kill it alone, and start it again while its workers still have the port."""
    server = scene.server
    a_worker(scene)
    orphans = workers_of(server)
    server.kill_master()
    scene.tally["masters killed"] += 1
    server.start()
    # Until then it could be one of them that answers.
    wait_until_gone(orphans)
    server.wait_until_ready()


def kill_everything(scene: Scene) -> None:
    """Kill the master and all workers at the same moment, and start again."""
    server = scene.server
    a_worker(scene)
    workers = workers_of(server)
    os.killpg(server.master_pid, signal.SIGKILL)
    server.wait_for_exit()
    wait_until_gone(workers)
    scene.tally["masters killed"] += 1
    scene.tally["workers killed"] += len(workers)
    server.start()
    server.wait_until_ready()
