"""Holds that many clients and all sweepers end at the same moment: their seats come back once."""

import os
import random
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests

from tests.concurrency.clients import PARTNER_ID, Client, codes, crowd, summary_of
from tests.concurrency.watching import ledger_of, wait_until, wait_until_all_workers_answer
from tests.server import Server
from ticketboss.domain.ledger import LedgerEntry

CLIENTS = 12
HOLDS = 30
SEATS = 3
EXPIRY_MS_MAX = 2_000
# Around which moment the clients set upon a hold, from its expiry, and how far they scatter.
MOMENTS_MS = (-600, 0, 250)
SCATTER_MS = 60
# What may become of a hold after it was made.
LIVES = {
    ("held", "confirmed"),
    ("held", "confirmed", "cancelled"),
    ("held", "released"),
    ("held", "expired"),
}


@dataclass(frozen=True, slots=True)
class Race:
    """A server after the race for its holds: what was answered, and the ledger."""

    server: Server
    confirmed: list[tuple[str, requests.Response]]
    deleted: list[tuple[str, requests.Response]]
    ledger: list[LedgerEntry]

    def lives(self) -> dict[str, list[LedgerEntry]]:
        """The entries of each hold, in order."""
        found: defaultdict[str, list[LedgerEntry]] = defaultdict(list)
        for entry in self.ledger[1:]:
            found[entry.reservation_id or ""].append(entry)
        return dict(found)


def _made_holds(server: Server) -> list[tuple[str, int]]:
    with Client(server.url) as client:
        for number in range(HOLDS):
            assert client.hold(SEATS, seconds=2 + number % 2).status_code == 201
    held = [entry for entry in ledger_of(server) if entry.kind == "held"]
    return [(entry.reservation_id or "", entry.detail["expires_at"]) for entry in held]


def _wait_for_clock(moment_ms: float) -> None:
    wait_until(lambda: time.time() * 1_000 >= moment_ms, "the clock stood still")


@pytest.fixture(scope="module")
def race(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Race]:
    with Server(tmp_path_factory.mktemp("holds")) as server:
        wait_until_all_workers_answer(server)
        holds = _made_holds(server)
        plan = sorted(
            (expires_at + MOMENTS_MS[number % 3], hold_id, number % 4 < 2)
            for number, (hold_id, expires_at) in enumerate(holds)
        )
        confirmed: list[tuple[str, requests.Response]] = []
        deleted: list[tuple[str, requests.Response]] = []

        def end_them_all(client: Client, number: int) -> None:
            chance = random.Random(number)
            for moment, hold_id, is_only_confirmed in plan:
                _wait_for_clock(moment + chance.uniform(-SCATTER_MS, SCATTER_MS))
                if is_only_confirmed or chance.random() < 0.6:
                    confirmed.append((hold_id, client.confirm(hold_id)))
                else:
                    deleted.append((hold_id, client.cancel(hold_id)))

        crowd(server, CLIENTS, end_them_all, PARTNER_ID)
        wait_until(lambda: summary_of(server)["heldSeats"] == 0, "a hold stayed")
        yield Race(server, confirmed, deleted, ledger_of(server))


def test_every_hold_ends_in_one_way_only(race: Race) -> None:
    lives = [tuple(entry.kind for entry in entries) for entries in race.lives().values()]

    assert len(lives) == HOLDS
    assert set(lives) <= LIVES
    ends = Counter(life[-1] for life in lives)
    assert ends["confirmed"] > 0
    assert ends["expired"] > 0
    assert ends["released"] + ends["cancelled"] > 0


def test_seats_of_raced_holds_come_back_exactly_once(race: Race) -> None:
    last = [entries[-1] for entries in race.lives().values()]
    live = [entry for entry in last if entry.kind == "confirmed"]
    summary = summary_of(race.server)

    assert summary["reservedSeats"] == SEATS * len(live)
    assert summary["availableSeats"] == summary["totalSeats"] - SEATS * len(live)
    assert summary["reservationCount"] == len(live)
    assert summary["version"] == len(race.ledger) - 1
    assert race.server.differences() == []


def test_every_answer_about_a_raced_hold_was_true_at_its_version(race: Race) -> None:
    lives = race.lives()

    def status_at(hold_id: str, answer: requests.Response) -> str:
        version = int(answer.headers["TicketBoss-Version"])
        return [entry.kind for entry in lives[hold_id] if entry.version <= version][-1]

    told_of_confirm = {
        (answer.status_code, answer.json().get("code"), status_at(hold_id, answer))
        for hold_id, answer in race.confirmed
    }
    told_of_delete = {
        (answer.status_code, *codes([answer]), status_at(hold_id, answer))
        for hold_id, answer in race.deleted
    }
    assert told_of_confirm <= {
        (200, None, "confirmed"),
        (409, "hold_expired", "expired"),
        (409, "reservation_ended", "released"),
        (409, "reservation_ended", "cancelled"),
    }
    assert told_of_delete <= {
        (204, "released"),
        (204, "cancelled"),
        (404, "already_cancelled", "released"),
        (404, "already_cancelled", "cancelled"),
        (409, "hold_expired", "expired"),
    }


def test_each_hold_was_given_back_to_one_client_at_most(race: Race) -> None:
    ended = Counter(hold_id for hold_id, answer in race.deleted if answer.status_code == 204)

    assert set(ended.values()) <= {1}
    given_back = {
        hold_id
        for hold_id, entries in race.lives().items()
        if entries[-1].kind in ("released", "cancelled")
    }
    assert set(ended) == given_back


def test_holds_expire_in_time_when_nothing_else_happens(server: Server) -> None:
    wait_until_all_workers_answer(server)
    with Client(server.url) as client:
        assert client.hold(SEATS, seconds=1).status_code == 201

    wait_until(lambda: len(ledger_of(server)) > 2, "the hold did not expire")

    _, held, *others = ledger_of(server)
    (expired,) = others
    assert (expired.kind, expired.actor) == ("expired", "system")
    assert 0 <= expired.at - held.detail["expires_at"] <= EXPIRY_MS_MAX
    assert summary_of(server)["availableSeats"] == 500
    assert server.differences() == []


@pytest.mark.parametrize("stopped", [0, 1])
def test_each_worker_ends_overdue_holds_alone(server: Server, stopped: int) -> None:
    wait_until_all_workers_answer(server)
    with Client(server.url) as client:
        assert client.hold(SEATS, seconds=1).status_code == 201
    pid = sorted(server.worker_pids())[stopped]
    os.kill(pid, signal.SIGSTOP)
    try:
        wait_until(lambda: len(ledger_of(server)) > 2, "the other worker did not sweep")
        _, held, expired = ledger_of(server)
        assert expired.at - held.detail["expires_at"] <= EXPIRY_MS_MAX
    finally:
        os.kill(pid, signal.SIGCONT)
