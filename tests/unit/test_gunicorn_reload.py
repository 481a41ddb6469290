"""Old workers are told to end when the new ones serve, and not before."""

import signal
import time
from dataclasses import dataclass, field

import pytest
from gunicorn.errors import HaltServer

import gunicorn_reload
from gunicorn_reload import reload_without_a_gap


@dataclass
class Sign:
    """A worker's file, as gunicorn's: the time of day until the worker gives a sign of life."""

    updated: float = field(default_factory=time.time)

    def last_update(self) -> float:
        return self.updated

    def give(self) -> None:
        self.updated = time.monotonic()


@dataclass
class Worker:
    age: int
    tmp: Sign = field(default_factory=Sign)


@dataclass
class Log:
    errors: list[str] = field(default_factory=list)

    def error(self, message: str, *words: object) -> None:
        self.errors.append(message % words)


class Master:
    """gunicorn's arbiter, as far as a reload needs it; what it does is noted in `done`."""

    def __init__(self) -> None:
        self.num_workers = 2
        self.worker_age = 0
        self.WORKERS: dict[int, Worker] = {}
        self.log = Log()
        self.done: list[str] = []
        for _ in range(2):
            self.spawn_worker()
            self.WORKERS[self.worker_age].tmp.give()
        self.looks = 0

    def spawn_worker(self) -> None:
        self.worker_age += 1
        self.WORKERS[self.worker_age] = Worker(self.worker_age)
        self.done.append(f"started {self.worker_age}")

    def reap_workers(self) -> None:
        self.looks += 1

    def manage_workers(self) -> None:
        while len(self.WORKERS) > self.num_workers:
            oldest = min(self.WORKERS)
            del self.WORKERS[oldest]
            self.done.append(f"ended {oldest}")

    def reload(self) -> None:
        self.spawn_worker()
        self.spawn_worker()
        self.manage_workers()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gunicorn_reload, "BOOT_PAUSE_SECONDS", 0)


def test_old_workers_end_once_all_new_ones_serve() -> None:
    class Booting(Master):
        def reap_workers(self) -> None:
            self.looks += 1
            if self.looks in (3, 5):
                self.WORKERS[3 if self.looks == 3 else 4].tmp.give()
                self.done.append(f"up after {self.looks}")

    master = Booting()
    reload_without_a_gap(master, master.reload)

    assert master.done[2:] == [
        *("started 3", "started 4", "up after 3", "up after 5"),
        *("ended 1", "ended 2"),
    ]
    assert master.log.errors == []


def test_new_worker_that_dies_is_replaced_while_the_old_ones_serve() -> None:
    class Dying(Master):
        def reap_workers(self) -> None:
            self.looks += 1
            if self.looks == 2:
                del self.WORKERS[4]
            for worker in self.WORKERS.values():
                if self.looks > 3:
                    worker.tmp.give()

    master = Dying()
    reload_without_a_gap(master, master.reload)

    assert master.done[4:] == ["started 5", "ended 1", "ended 2"]
    assert sorted(master.WORKERS) == [3, 5]


def test_new_workers_that_never_come_up_do_not_keep_the_old_ones_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gunicorn_reload, "BOOT_SECONDS_MAX", 0.01)
    master = Master()
    reload_without_a_gap(master, master.reload)

    assert master.done[-2:] == ["ended 1", "ended 2"]
    assert len(master.log.errors) == 1


def test_workers_are_managed_as_ever_behind_a_reload_even_one_that_failed() -> None:
    def fail() -> None:
        raise RuntimeError("no such file")

    master = Master()
    with pytest.raises(RuntimeError, match="no such file"):
        reload_without_a_gap(master, fail)

    assert "manage_workers" not in vars(master)


def test_old_workers_stay_when_the_new_ones_cannot_start() -> None:
    class Failing(Master):
        def reap_workers(self) -> None:
            self.looks += 1
            gone = min(worker for worker in self.WORKERS if worker > 2)
            del self.WORKERS[gone]
            raise HaltServer(f"Worker {gone} failed to boot.", 3)

        def kill_worker(self, pid: int, number: signal.Signals) -> None:
            self.done.append(f"{number.name} to {pid}")

    master = Failing()
    reload_without_a_gap(master, master.reload)

    assert master.done[4:] == ["SIGTERM to 4"]
    assert sorted(master.WORKERS) == [1, 2]
    assert master.log.errors == ["Not reloaded: Worker 3 failed to boot. The old workers stay."]
