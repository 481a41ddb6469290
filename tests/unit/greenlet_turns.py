"""Run as a program: counts how often other greenlets come first while one does its work.

gevent must patch before anything else is imported, so this cannot run inside pytest's process.
"""

from gevent import monkey

monkey.patch_all()

import json  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable, Iterator  # noqa: E402
from contextlib import closing, contextmanager  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import click  # noqa: E402
import gevent  # noqa: E402

from tests.unit.examples import EVENT_ID  # noqa: E402
from ticketboss.api.gate import RequestGate  # noqa: E402
from ticketboss.api.rate_limits import RateLimits  # noqa: E402
from ticketboss.domain.commands import CreateEvent  # noqa: E402
from ticketboss.engine.committer import Committer  # noqa: E402
from ticketboss.metrics import Metrics  # noqa: E402
from ticketboss.repository.sqlite import log_bound  # noqa: E402
from ticketboss.repository.sqlite.driver import choose_driver  # noqa: E402
from ticketboss.repository.sqlite.repository import SqliteRepository  # noqa: E402

TIMES = 10


class Others:
    """A greenlet that only counts its turns."""

    def __init__(self) -> None:
        self._turns = 0
        gevent.spawn(self._run)

    def turns_during(self, work: Callable[[], Any]) -> int:
        """How often it had a turn while `work` was done TIMES times."""
        before = self._turns
        for _ in range(TIMES):
            work()
        return self._turns - before

    def _run(self) -> None:
        while True:
            self._turns += 1
            gevent.sleep(0)


@contextmanager
def a_long_log_that_is_read(path: Path) -> Iterator[None]:
    """The log is beyond its bound, and somebody's snapshot keeps it from being begun anew."""
    log_bound.WAL_BYTES_KEPT_MAX = 0
    with closing(choose_driver().module.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT version FROM events").fetchall()
        yield


def transactions_of(repository: SqliteRepository, event_ids: list[str]) -> int:
    """How many transactions it takes to create these events, all at once."""
    commits = 0
    commit = repository._connections._commit

    def count(*arguments: Any) -> None:
        nonlocal commits
        commits += 1
        commit(*arguments)

    committer = Committer(repository, command_seconds_max=5, queue_length_max=10)
    repository._connections._commit = count  # type: ignore[assignment, method-assign]
    commands = [CreateEvent(event_id=id_, name="E", total_seats=1) for id_ in event_ids]
    gevent.joinall([gevent.spawn(committer.submit, command) for command in commands])
    repository._connections._commit = commit  # type: ignore[method-assign]
    return commits


def main(folder: Path) -> None:
    path = folder / "turns.db"
    repository = SqliteRepository(str(path))
    repository.migrate()
    limits = RateLimits("1000000/second", "1000000/second", "memory://")
    gate = RequestGate(lambda _environ, _start: [], Metrics(None))
    others = Others()
    turns = {
        "reads": others.turns_during(lambda: repository.event(EVENT_ID)),
        "counted requests": others.turns_during(lambda: limits.wait_seconds("key", is_write=True)),
        "whole requests": others.turns_during(lambda: gate({}, lambda *_: None)),
    }
    turns["transactions of 16 events"] = transactions_of(
        repository, [f"event-{number}" for number in range(16)]
    )
    turns["commits"] = others.turns_during(
        lambda: repository.exclusive("one", lambda _: None, time.monotonic() + 5)
    )
    with a_long_log_that_is_read(path):
        turns["a log that cannot be begun anew"] = others.turns_during(repository.tidy)
    click.echo(json.dumps(turns))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
