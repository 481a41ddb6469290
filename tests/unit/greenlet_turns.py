"""Run as a program: counts how often other greenlets come first while one does its work.

gevent must patch before anything else is imported, so this cannot run inside pytest's process.
"""

from gevent import monkey

monkey.patch_all()

import json  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import click  # noqa: E402
import gevent  # noqa: E402

from tests.unit.examples import EVENT_ID  # noqa: E402
from ticketboss.api.gate import RequestGate  # noqa: E402
from ticketboss.api.rate_limits import RateLimits  # noqa: E402
from ticketboss.metrics import Metrics  # noqa: E402
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


def main(folder: Path) -> None:
    repository = SqliteRepository(str(folder / "turns.db"))
    repository.migrate()
    limits = RateLimits("1000000/second", "1000000/second", "memory://")
    gate = RequestGate(lambda _environ, _start: [], Metrics(None))
    others = Others()
    turns = {
        "reads": others.turns_during(lambda: repository.event(EVENT_ID)),
        "counted requests": others.turns_during(lambda: limits.wait_seconds("key", is_write=True)),
        "whole requests": others.turns_during(lambda: gate({}, lambda *_: None)),
    }
    click.echo(json.dumps(turns))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
