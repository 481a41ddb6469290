"""`copy` in a terminal."""

import re
import signal
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests import postgres
from tests.contract.everything import fill_everything
from tests.postgres_schema import PostgresSchema
from tests.sqlite_file import SqliteFile
from tests.terminal import COLUMNS, in_terminal, seen_until
from ticketboss.repository import open_repository

PATIENCE_SECONDS = 60.0
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


def test_bars_of_all_stages_fit_into_a_line_and_end_full(
    tmp_path: Path, source: SqliteFile
) -> None:
    target = f"sqlite:///{tmp_path / 'target.db'}"
    with in_terminal("copy", "--from", source.url, "--to", target) as (process, screen):
        lines = seen_until(screen)
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
            in_terminal(*copy) as (process, screen),
        ):
            _wait_until_it_waits(target)
            process.send_signal(signal.SIGINT)
            assert seen_until(screen)[-1] == "Aborted!"
            assert process.wait(PATIENCE_SECONDS) == 1
    assert target.rows("SELECT * FROM events") == []
