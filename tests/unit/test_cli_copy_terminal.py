"""`copy` as somebody sees it who sits before it: in a terminal of 80 columns."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests import postgres
from tests.contract.everything import fill_everything
from tests.postgres_schema import PostgresSchema
from tests.sqlite_file import SqliteFile
from ticketboss.repository import open_repository

PROJECT = Path(__file__).parents[2]
COLUMNS, LINES = 80, 24
PATIENCE_SECONDS = 60.0
# What moves the cursor, or hides it.
CONTROL = re.compile(r"\x1b\[[?0-9;]*[A-Za-z]")
BAR = re.compile(r"^(\w[\w ]{18}) +\[#{36}\] +100% *$")


COUNT_WAITING = """
SELECT count(*) FROM pg_locks WHERE relation = to_regclass('events') AND NOT granted
"""


@pytest.fixture
def source(tmp_path: Path) -> SqliteFile:
    """A database with rows of every kind."""
    file = SqliteFile(f"sqlite:///{tmp_path / 'source.db'}")
    with closing(open_repository(file.url)) as repository:
        repository.migrate()
        fill_everything(repository)
    return file


def _heed_ctrl_c() -> None:
    """Whoever runs the tests in the background of a shell ignores it, and so would the command."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def _in_terminal(*arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """An operator command in a terminal; gives its process and where to read what is seen."""
    screen, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "ticketboss", *arguments],
        cwd=PROJECT,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env={"PATH": os.environ["PATH"], "TERM": "xterm", "TICKETBOSS_ENV_FILE": ""},
        preexec_fn=_heed_ctrl_c,
    )
    os.close(terminal)
    try:
        yield process, screen
    finally:
        process.kill()
        process.wait()
        os.close(screen)


def _seen(screen: int) -> list[str]:
    """All that comes until the command has ended, as lines; those that were written over too."""
    text = b""
    while True:
        try:
            part = os.read(screen, 65_536)
        # What Linux answers when nobody is left who writes.
        except OSError:
            part = b""
        if not part:
            return [line for line in re.split(r"[\r\n]+", CONTROL.sub("", text.decode())) if line]
        text += part


def test_bars_of_all_stages_fit_into_a_line_and_end_full(
    tmp_path: Path, source: SqliteFile
) -> None:
    target = f"sqlite:///{tmp_path / 'target.db'}"
    with _in_terminal("copy", "--from", source.url, "--to", target) as (process, screen):
        lines = _seen(screen)
        assert process.wait(PATIENCE_SECONDS) == 0
    full = [bar[1].rstrip() for line in lines if (bar := BAR.match(line))]
    assert list(dict.fromkeys(full)) == [
        "Checking the source",
        "Copying",
        "Checking the copy",
        "Comparing",
    ]
    # In the last column some terminals begin a new line.
    assert max(map(len, lines)) < COLUMNS
    assert lines[-1] == "Copied; both sides are equal, and their ledgers replay clean."


def _wait_until_it_waits(target: PostgresSchema) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while target.rows(COUNT_WAITING) != [(1,)]:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_ctrl_c_ends_a_copy_that_waits_for_a_lock(tmp_path: Path, source: SqliteFile) -> None:
    target = PostgresSchema(postgres.url_for(tmp_path))
    copy = ("copy", "--from", source.url, "--to", target.url)
    with closing(open_repository(target.url)) as repository:
        repository.migrate()
        with (
            repository.transfer(time.monotonic() + PATIENCE_SECONDS),
            _in_terminal(*copy) as (process, screen),
        ):
            _wait_until_it_waits(target)
            process.send_signal(signal.SIGINT)
            assert _seen(screen)[-1] == "Aborted!"
            assert process.wait(PATIENCE_SECONDS) == 1
    assert target.rows("SELECT * FROM events") == []
