"""The nemeses themselves: what must not be they see, and what they say that they did they did."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from tests.concurrency.watching import wait_until
from tests.faults.history.planted import Bug, PlantedServer
from tests.faults.history.sale import Keys, make_keys, run_sale
from tests.faults.history.wire import Identity
from tests.faults.nemeses import guests
from tests.faults.nemeses.__main__ import main
from tests.faults.nemeses.clock import Clock, remove_traces
from tests.faults.nemeses.needs import needs_faketime
from tests.faults.nemeses.ordeal import SETTINGS
from tests.faults.nemeses.processes import has_write_lock, is_running, state_of
from tests.faults.nemeses.scene import Scene
from tests.faults.nemeses.stops import stop_in_a_write
from tests.planting import Patch
from tests.server import Server
from tests.sqlite_file import SqliteFile
from ticketboss.domain.commands import CreateEvent, Reserve
from ticketboss.engine.committer import Committer
from ticketboss.repository import open_repository

EVENT = "sale"
JUMP_SECONDS = 4_000
NO_KEYS = Keys(Identity("", ""), ())
WAITS_FOR_EVER = Bug(
    "Who waits for the write lock waits for ever",
    [
        Patch("repository/sqlite/waiting.py", "if time.monotonic() >= deadline:", "if False:"),
        # Else whoever does not lead a batch is answered all the same.
        Patch(
            "engine/committer.py",
            "member.wake.wait(max(0.0, member.deadline - time.monotonic()))",
            "member.wake.wait()",
        ),
    ],
    "bounded answers",
)
of_files = pytest.mark.sqlite_only("it is about SQLite's files")


def _scene(server: Server, keys: Keys = NO_KEYS) -> Scene:
    return Scene(server, keys, EVENT, "nemesis", Random(1))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """An event with one reservation, which is in the write-ahead log and not in the file."""
    server = Server(tmp_path)
    url = server.environment["DATABASE_URL"]
    with closing(open_repository(url)) as repository:
        repository.migrate()
        committer = Committer(repository, command_seconds_max=5, queue_length_max=10)
        committer.submit(CreateEvent(event_id=EVENT, name=EVENT, total_seats=9))
        SqliteFile(url).rows("PRAGMA wal_checkpoint(TRUNCATE)")
        committer.submit(Reserve(event_id=EVENT, reservation_id="r", partner_id="ada", seats=2))
        yield _scene(server)


@of_files
def test_writers_that_wait_for_ever_are_found_out_when_one_of_them_is_stopped(
    tmp_path: Path,
) -> None:
    with PlantedServer(tmp_path, WAITS_FOR_EVER, **SETTINGS) as server:
        keys = make_keys(server)
        scene = _scene(server, keys)
        run_sale(server, keys, EVENT, "1", 0.0, lambda: stop_in_a_write(scene))
    assert {each.check for each in scene.found} == {WAITS_FOR_EVER.caught_by}


@of_files
def test_a_backup_is_whole(scene: Scene) -> None:
    guests.back_up(scene)
    assert [len(copy) for copy in scene.copies] == [2]
    assert scene.found == []
    assert guests.wrong_copies(scene) == []


@of_files
def test_a_copy_of_the_file_without_its_log_is_no_backup(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guests, "_copy", shutil.copyfile)
    guests.back_up(scene)
    [found] = scene.found
    assert "it ends before version 1" in found.why


@of_files
def test_a_backup_of_what_was_taken_back_later_is_none(scene: Scene) -> None:
    guests.back_up(scene)
    scene.copies[0] = [*scene.copies[0][:-1], scene.copies[0][-1]._replace(seats=3)]
    [found] = guests.wrong_copies(scene)
    assert found.check == "backup"


@of_files
def test_who_has_the_write_lock_is_seen_from_outside(scene: Scene) -> None:
    database = SqliteFile(scene.server.environment["DATABASE_URL"])
    with database.writes_locked():
        assert has_write_lock(os.getpid(), database.path)
        assert not has_write_lock(os.getppid(), database.path)
    assert not has_write_lock(os.getpid(), database.path)


def test_a_process_that_is_stopped_or_dead_is_known_for_it() -> None:
    process = subprocess.Popen(["sleep", "60"])
    try:
        assert state_of(process.pid) != "T"
        process.send_signal(signal.SIGSTOP)
        wait_until(lambda: state_of(process.pid) == "T", "it did not stop")
        assert is_running(process.pid)
    finally:
        process.kill()
    # Nobody has looked at its end yet.
    wait_until(lambda: not is_running(process.pid), "it did not end")
    process.wait()
    assert not is_running(process.pid)


@needs_faketime
def test_the_clock_jumps_and_the_monotonic_one_does_not(tmp_path: Path) -> None:
    clock = Clock(tmp_path)
    program = (
        "import time; print(time.time()); input(); time.sleep(0.01);"
        "print(time.time(), time.monotonic())"
    )
    before, began = time.time(), time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-u", "-c", program],
        env=os.environ | clock.settings,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        first = float(process.stdout.readline())
        clock.set(-JUMP_SECONDS)
        told, _ = process.communicate("\n")
    remove_traces()
    wall, monotonic = map(float, told.split())
    assert before <= first <= time.time()
    assert before <= wall + JUMP_SECONDS <= time.time()
    assert began <= monotonic <= time.monotonic()
    assert clock.farthest_seconds == JUMP_SECONDS


def test_a_run_without_an_end_is_not_begun() -> None:
    done = CliRunner().invoke(main, [])
    assert done.exit_code == 2
    assert "Say --kills, --seconds or --round." in done.output
