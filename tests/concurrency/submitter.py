"""A process of its own that submits reservations straight to the engine.

`python -m tests.concurrency.submitter default|rollback THREADS RESERVATIONS_EACH EVENT...`: the
threads take the events in turn. It says "ready", waits for a line, then prints what its commands
were told as one JSON object.
"""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from ticketboss.config import Settings, load_settings
from ticketboss.domain.commands import Reserve
from ticketboss.engine.committer import Committer
from ticketboss.engine.ids import new_id
from ticketboss.repository.sqlite.driver import Driver, choose_driver
from ticketboss.repository.sqlite.repository import SqliteRepository
from ticketboss.services import open_services


def committer_for(journal: str, settings: Settings) -> Committer:
    """The process's own committer; "rollback" stands for a SQLite that must not use WAL."""
    if journal == "default":
        return open_services(settings).committer
    return Committer(
        rollback_repository(settings.database_url),
        settings.command_seconds_max,
        settings.queue_length_max,
    )


def rollback_repository(database_url: str) -> SqliteRepository:
    """A repository that treats the SQLite at hand as one with the WAL-reset bug."""
    driver = Driver(choose_driver().module, wal_safe=False)
    return SqliteRepository(database_url.removeprefix("sqlite:///"), driver)


def main(journal: str, threads: int, reservations_each: int, event_ids: Sequence[str]) -> None:
    """Submit single seats from several threads, and count how they ended."""
    settings = load_settings()
    committer = committer_for(journal, settings)

    def submit_all(number: int) -> list[str]:
        event_id = event_ids[number % len(event_ids)]
        return [_submit(committer, event_id, number) for _ in range(reservations_each)]

    _say("ready")
    sys.stdin.readline()
    with ThreadPoolExecutor(threads) as pool:
        told = Counter(word for words in pool.map(submit_all, range(threads)) for word in words)
    _say(json.dumps(told))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _submit(committer: Committer, event_id: str, number: int) -> str:
    command = Reserve(
        event_id=event_id,
        reservation_id=new_id(),
        partner_id=f"partner-{number}",
        seats=1,
    )
    try:
        committer.submit(command)
    except Exception as error:  # noqa: BLE001 - whatever it is, the test wants to see its name
        return f"{type(error).__name__}: {error}"
    return "accepted"


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
