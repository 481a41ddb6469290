"""Several processes on one database, without HTTP between them and the test."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.concurrency.submitter import rollback_repository
from tests.server import PROJECT, Server
from ticketboss.domain.commands import CreateEvent
from ticketboss.engine.committer import Committer
from ticketboss.engine.verifier import Verifier
from ticketboss.repository import open_repository
from ticketboss.repository.interface import Repository

EVENT_ID = "node-meetup-2025"
PROCESS_SECONDS_MAX = 60

every_journal = pytest.mark.parametrize(
    "journal",
    [
        "default",
        pytest.param("rollback", marks=pytest.mark.sqlite_only("PostgreSQL keeps one kind of log")),
    ],
)


def _repository(journal: str, database_url: str) -> Repository:
    if journal == "rollback":
        return rollback_repository(database_url)
    return open_repository(database_url)


def _put_on_sale(repository: Repository, seats: int, event_id: str = EVENT_ID) -> None:
    repository.migrate()
    Committer(repository, command_seconds_max=5, queue_length_max=10).submit(
        CreateEvent(
            event_id=event_id, name="Node.js", total_seats=seats, seats_per_reservation_max=10
        )
    )


def _submitter(
    settings: Server, journal: str, threads: int, each: int, event_ids: Sequence[str]
) -> subprocess.Popen[str]:
    arguments = [journal, str(threads), str(each), *event_ids]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.concurrency.submitter", *arguments],
        cwd=PROJECT,
        env=settings.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _submit_at_once(
    settings: Server,
    journal: str,
    counts: list[tuple[int, int]],
    event_ids: Sequence[str] = (EVENT_ID,),
) -> Counter[str]:
    """Run one submitter for each (threads, reservations each), all released together."""
    told: Counter[str] = Counter()
    with ExitStack() as stack:
        processes = [
            stack.enter_context(_submitter(settings, journal, threads, each, event_ids))
            for threads, each in counts
        ]
        for process in processes:
            stack.callback(process.kill)
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in processes:
            output, _ = process.communicate(timeout=PROCESS_SECONDS_MAX)
            told.update(json.loads(output))
    return told


@every_journal
@pytest.mark.parametrize(
    "counts",
    [[(1, 150), (1, 150)], [(8, 40), (8, 40)], [(4, 25)] * 4],
    ids=["two-without-batches", "two-with-batches", "four"],
)
def test_processes_that_submit_at_once_are_never_refused_while_seats_are_left(
    tmp_path: Path, journal: str, counts: list[tuple[int, int]]
) -> None:
    settings = Server(tmp_path, TICKETBOSS_COMMAND_SECONDS_MAX=25)
    total = sum(threads * each for threads, each in counts)
    with closing(_repository(journal, settings.environment["DATABASE_URL"])) as repository:
        # Not one seat to spare: a single false refusal would leave one over.
        _put_on_sale(repository, seats=total)

        told = _submit_at_once(settings, journal, counts)

        assert told == {"accepted": total}
        event = repository.event(EVENT_ID)
        assert event is not None
        assert (event.available_seats, event.reservation_count) == (0, total)
        assert event.version == total
        verification = Verifier(repository, EVENT_ID).verify()
        assert verification is not None
        assert verification.differences == []


@every_journal
def test_processes_that_submit_too_much_share_exactly_what_there_is(
    tmp_path: Path, journal: str
) -> None:
    settings = Server(tmp_path, TICKETBOSS_COMMAND_SECONDS_MAX=25)
    with closing(_repository(journal, settings.environment["DATABASE_URL"])) as repository:
        _put_on_sale(repository, seats=100)

        told = _submit_at_once(settings, journal, [(4, 20), (4, 20)])

        assert told == {"accepted": 100, "CommandRefused: not_enough_seats": 60}
        event = repository.event(EVENT_ID)
        assert event is not None
        assert (event.available_seats, event.reservation_count) == (0, 100)
        verification = Verifier(repository, EVENT_ID).verify()
        assert verification is not None
        assert verification.differences == []


@every_journal
def test_processes_that_sell_many_events_at_once_sell_all_of_each(
    tmp_path: Path, journal: str
) -> None:
    settings = Server(tmp_path, TICKETBOSS_COMMAND_SECONDS_MAX=25)
    event_ids = [f"event-{number}" for number in range(8)]
    with closing(_repository(journal, settings.environment["DATABASE_URL"])) as repository:
        for event_id in event_ids:
            _put_on_sale(repository, seats=30, event_id=event_id)

        # Of each process two threads for each event: together ten more than there are seats.
        told = _submit_at_once(settings, journal, [(16, 10), (16, 10)], event_ids)

        assert told == {"accepted": 8 * 30, "CommandRefused: not_enough_seats": 8 * 10}
        for event_id in event_ids:
            event = repository.event(event_id)
            assert event is not None
            assert (event.available_seats, event.reservation_count, event.version) == (0, 30, 30)
            verification = Verifier(repository, event_id).verify()
            assert verification is not None
            assert verification.differences == []
