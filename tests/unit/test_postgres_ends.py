"""Programs on PostgreSQL that end: no thread of the pool keeps them, whatever they forgot."""

import subprocess
import sys
from pathlib import Path

from tests import postgres
from tests.server import PROJECT, Server

FORGETS_TO_CLOSE = """
import atexit, sys, threading
# Registered first, so it is run last.
atexit.register(lambda: print([thread.name for thread in threading.enumerate()]))
from ticketboss.repository import open_repository
repository = open_repository(sys.argv[1])
repository.migrate()
print(repository.event("unknown"))
"""


def test_no_thread_is_left_when_a_program_ends_without_closing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORGETS_TO_CLOSE, postgres.url_for(tmp_path)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["None", "['MainThread']"]


def test_operator_commands_say_nothing_of_threads(tmp_path: Path) -> None:
    ticketboss = Server(tmp_path, DATABASE_URL=postgres.url_for(tmp_path))
    for command in (["migrate"], ["events", "list"], ["verify"], ["keys", "list"]):
        done = ticketboss.command(*command)
        assert (done.returncode, done.stderr) == (0, "")
