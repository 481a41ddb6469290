"""Whoever follows sees every change exactly once, while eight write and workers are killed."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.concurrency.clients import Client
from tests.concurrency.followers import Followers, Row, ledger, partners_client, reservations
from tests.concurrency.killing import kill_a_worker
from tests.concurrency.load import Load
from tests.concurrency.watching import ledger_of, wait_until_all_workers_answer
from tests.server import Server
from ticketboss.domain.ledger import LedgerEntry

WRITERS = 8
KILLS = 5
BETWEEN_KILLS = 60
SEATS_ENOUGH_FOR_ALL = 1_000_000
LAST = "the last one"
FEEDS = {
    "waiting": ledger(wait=2, limit=100),
    "waiting, entry by entry": ledger(wait=2, limit=1),
    "asking again and again": ledger(wait=0, limit=100),
    "asking again and again for little": ledger(wait=0, limit=3),
    "with the Python client": partners_client(LAST),
}
WAYS = {**FEEDS, "list": reservations}


@dataclass(frozen=True, slots=True)
class Race:
    """What each follower saw, and what there was to see."""

    server: Server
    seen: dict[str, list[Row]]
    ledger: list[LedgerEntry]
    interruptions: list[str]


def _write_and_kill(server: Server) -> list[str]:
    """Have clients write while workers are killed; gives what went wrong for them."""
    killed: set[int] = set()
    with Load(server, WRITERS) as load:
        for _ in range(KILLS):
            load.wait_for_more(BETWEEN_KILLS)
            killed.add(kill_a_worker(server, killed))
        load.wait_for_more(BETWEEN_KILLS)
    with Client(server.url) as client:
        assert client.reserve(1, reference=LAST).status_code == 201
    return load.interruptions


@pytest.fixture(scope="module")
def race(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Race]:
    with Server(
        tmp_path_factory.mktemp("followers"),
        TICKETBOSS_DEFAULT_EVENT_SEATS=SEATS_ENOUGH_FOR_ALL,
        WEB_CONCURRENCY=4,
    ) as server:
        wait_until_all_workers_answer(server)
        with Followers(server, list(WAYS.values())) as followers:
            writers_interruptions = _write_and_kill(server)
        assert writers_interruptions, "no kill met a writer"
        seen = dict(zip(WAYS, followers.seen, strict=True))
        yield Race(server, seen, ledger_of(server), followers.interruptions)


@pytest.mark.parametrize("way", FEEDS)
def test_follower_of_the_ledger_sees_every_version_exactly_once(race: Race, way: str) -> None:
    found = [(entry["version"], entry["kind"]) for entry in race.seen[way]]

    assert found == [(entry.version, entry.kind) for entry in race.ledger]
    assert [version for version, _ in found] == list(range(len(race.ledger)))
    assert len(found) > WRITERS * KILLS


def test_follower_of_the_list_misses_no_row_and_sees_none_twice(race: Race) -> None:
    found = [(row["createdVersion"], row["reservationId"]) for row in race.seen["list"]]

    made = [entry for entry in race.ledger if entry.makes_reservation]
    assert found == [(entry.version, entry.reservation_id) for entry in made]


def test_kills_met_followers_too(race: Race) -> None:
    assert race.interruptions
    assert race.server.differences() == []
