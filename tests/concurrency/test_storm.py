"""Reserving and cancelling at the same time: nothing is lost, made up or told wrong."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from tests.concurrency.clients import Client, crowd
from tests.concurrency.watching import ledger_of, wait_until_all_workers_answer
from tests.server import Server
from ticketboss.domain.ledger import LedgerEntry

CLIENTS = 24
STEPS = 15
TOTAL_SEATS = 300


@dataclass(frozen=True, slots=True)
class Storm:
    """A server after a storm, with all that its clients were told."""

    server: Server
    told: list["Told"]
    ledger: list[LedgerEntry]


@dataclass(slots=True)
class Told:
    """What one client was answered, and the reservations that it still has."""

    reserved: list[requests.Response] = field(default_factory=list)
    cancelled: list[tuple[str, requests.Response]] = field(default_factory=list)
    refused: list[requests.Response] = field(default_factory=list)
    live_seats: dict[str, int] = field(default_factory=dict)


def _reserve_and_cancel(client: Client, number: int) -> Told:
    told, chance = Told(), random.Random(number)
    for _ in range(STEPS):
        if told.live_seats and chance.random() < 0.4:
            reservation_id = chance.choice(list(told.live_seats))
            told.cancelled.append((reservation_id, client.cancel(reservation_id)))
            del told.live_seats[reservation_id]
            continue
        answer = client.reserve(chance.randint(1, 10))
        if answer.status_code == 201:
            told.reserved.append(answer)
            told.live_seats[answer.json()["reservationId"]] = answer.json()["seats"]
        else:
            told.refused.append(answer)
    return told


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storm]:
    folder: Path = tmp_path_factory.mktemp("storm")
    with Server(folder, TICKETBOSS_DEFAULT_EVENT_SEATS=TOTAL_SEATS, WEB_CONCURRENCY=4) as server:
        wait_until_all_workers_answer(server)
        told = crowd(server, CLIENTS, _reserve_and_cancel)
        yield Storm(server, told, ledger_of(server))


def test_only_seats_that_are_taken_are_missing_after_a_storm(storm: Storm) -> None:
    with Client(storm.server.url) as client:
        summary = client.summary()
    live = [seats for told in storm.told for seats in told.live_seats.values()]
    assert summary["reservedSeats"] == sum(live)
    assert summary["availableSeats"] == TOTAL_SEATS - sum(live)
    assert summary["reservationCount"] == len(live)
    assert storm.server.differences() == []


def test_storm_was_one_in_which_seats_ran_out_and_came_back(storm: Storm) -> None:
    assert sum(len(told.refused) for told in storm.told) > 0
    assert sum(len(told.cancelled) for told in storm.told) > 0
    assert all(answer.status_code == 204 for told in storm.told for _, answer in told.cancelled)
    assert all(answer.status_code == 409 for told in storm.told for answer in told.refused)


def test_every_acknowledged_reservation_can_be_read_back(storm: Storm) -> None:
    with Client(storm.server.url) as client:
        for told in storm.told:
            for answer in told.reserved:
                acknowledged = answer.json()
                found = client.get(answer.headers["Location"]).json()
                live = acknowledged["reservationId"] in told.live_seats
                assert found["status"] == ("confirmed" if live else "cancelled")
                for name in ("reservationId", "eventId", "partnerId", "seats", "createdAt"):
                    assert found[name] == acknowledged[name]


def test_versions_in_the_answers_are_the_ledger_without_a_gap(storm: Storm) -> None:
    told = {
        int(answer.headers["TicketBoss-Version"]): ("reserved", answer.json()["reservationId"])
        for client in storm.told
        for answer in client.reserved
    } | {
        int(answer.headers["TicketBoss-Version"]): ("cancelled", reservation_id)
        for client in storm.told
        for reservation_id, answer in client.cancelled
    }
    changes = storm.ledger[1:]
    answered = sum(len(client.reserved) + len(client.cancelled) for client in storm.told)
    assert len(changes) == answered
    assert [entry.version for entry in changes] == list(range(1, answered + 1))
    assert told == {entry.version: (entry.kind, entry.reservation_id) for entry in changes}


def test_every_answer_is_true_at_the_version_it_was_decided_at(storm: Storm) -> None:
    for told in storm.told:
        for answer in told.reserved:
            entry = storm.ledger[int(answer.headers["TicketBoss-Version"])]
            assert answer.json()["availableSeats"] == entry.available_seats
        for answer in told.refused:
            entry = storm.ledger[int(answer.headers["TicketBoss-Version"])]
            problem = answer.json()
            assert problem["availableSeats"] == entry.available_seats
            assert problem["requestedSeats"] > entry.available_seats
