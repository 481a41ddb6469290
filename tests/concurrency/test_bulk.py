"""Bulks that race for seats: each is one piece, atomic ones whole, and nothing is sold twice."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.concurrency.clients import Client, crowd, summary_of
from tests.concurrency.watching import ledger_of, wait_until_all_workers_answer
from tests.server import Server
from ticketboss.domain.ledger import LedgerEntry

CLIENTS = 8
STEPS = 14
ITEMS_MAX = 8
SEATS_MAX = 4
TOTAL_SEATS = 250
CANCELLED_EACH = 5


@dataclass(frozen=True, slots=True)
class Bulk:
    """One bulk, and what it was answered."""

    seats: list[int]
    atomic: bool
    answer: requests.Response

    @property
    def outcomes(self) -> list[Any]:
        """What became of each item; None in a refused atomic one if it could have been taken."""
        found: list[Any] = self.answer.json()["outcomes"]
        return found

    @property
    def taken(self) -> list[dict[str, Any]]:
        """The reservations that it made."""
        return [each for each in self.outcomes if each and "reservationId" in each]


@dataclass(slots=True)
class Told:
    """What one client was answered."""

    bulks: list[Bulk] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Race:
    """A server after a race of bulks, with all that its clients were told."""

    server: Server
    told: list[Told]
    ledger: list[LedgerEntry]

    @property
    def bulks(self) -> list[Bulk]:
        """All bulks of all clients."""
        return [bulk for told in self.told for bulk in told.bulks]


def _send_bulks(client: Client, number: int) -> Told:
    """Send bulks, every other one atomic, and give some seats back in between."""
    told, chance = Told(), random.Random(number)
    for step in range(STEPS):
        seats = [chance.randint(1, SEATS_MAX) for _ in range(chance.randint(1, ITEMS_MAX))]
        atomic = (number + step) % 2 == 0
        bulk = Bulk(seats, atomic, client.reserve_many(seats, atomic=atomic))
        told.bulks.append(bulk)
        for each in bulk.taken[:1] if len(told.cancelled) < CANCELLED_EACH else ():
            assert client.cancel(each["reservationId"]).status_code == 204
            told.cancelled.append(each["reservationId"])
    return told


@pytest.fixture(scope="module")
def race(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Race]:
    folder: Path = tmp_path_factory.mktemp("bulks")
    with Server(folder, TICKETBOSS_DEFAULT_EVENT_SEATS=TOTAL_SEATS, WEB_CONCURRENCY=4) as server:
        wait_until_all_workers_answer(server)
        told = crowd(server, CLIENTS, _send_bulks)
        yield Race(server, told, ledger_of(server))


def test_seats_of_bulks_sum_up(race: Race) -> None:
    cancelled = {each for told in race.told for each in told.cancelled}
    live = [
        made["seats"]
        for bulk in race.bulks
        for made in bulk.taken
        if made["reservationId"] not in cancelled
    ]
    summary = summary_of(race.server)

    assert summary["reservedSeats"] == sum(live)
    assert summary["reservationCount"] == len(live)
    assert summary["availableSeats"] == TOTAL_SEATS - sum(live) >= 0
    assert race.server.differences() == []


def test_race_was_one_with_every_kind_of_end(race: Race) -> None:
    ends = {(bulk.atomic, bulk.answer.status_code) for bulk in race.bulks}
    assert ends == {(atomic, status) for atomic in (False, True) for status in (201, 409)}
    in_part = [b for b in race.bulks if b.answer.ok and len(b.taken) < len(b.seats)]
    assert in_part
    assert not any(bulk.atomic for bulk in in_part)


def test_entries_of_each_bulk_are_contiguous_and_in_the_order_of_its_items(race: Race) -> None:
    for bulk in race.bulks:
        if bulk.answer.status_code == 409:
            continue
        versions = [made["version"] for made in bulk.taken]
        assert versions == list(range(versions[0], versions[0] + len(versions)))
        assert bulk.answer.headers["TicketBoss-Version"] == str(versions[-1])
        for made in bulk.taken:
            entry = race.ledger[made["version"]]
            assert (entry.reservation_id, entry.seats) == (made["reservationId"], made["seats"])
            assert entry.available_seats == made["availableSeats"]


def test_atomic_bulks_are_there_whole_or_not_at_all(race: Race) -> None:
    for bulk in race.bulks:
        if bulk.atomic and bulk.answer.ok:
            assert [made["seats"] for made in bulk.taken] == bulk.seats
        elif not bulk.answer.ok:
            assert bulk.answer.json()["code"] == "bulk_refused"
            assert bulk.taken == []
    made = sum(len(bulk.taken) for bulk in race.bulks)
    given_back = sum(len(told.cancelled) for told in race.told)
    # Nothing was written that nobody was told of.
    assert len(race.ledger) == 1 + made + given_back


def test_each_refusal_is_true_at_its_place_in_the_bulk(race: Race) -> None:
    for bulk in race.bulks:
        available: int | None = None
        for seats, outcome in zip(bulk.seats, bulk.outcomes, strict=True):
            if outcome is None:
                available = None if available is None else available - seats
                continue
            if "code" in outcome:
                assert (outcome["code"], outcome["requestedSeats"]) == ("not_enough_seats", seats)
                assert outcome["availableSeats"] < seats
                assert available in (None, outcome["availableSeats"])
            available = outcome["availableSeats"]
