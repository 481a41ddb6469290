"""A partner that is frozen while it writes: it changes nothing, and loses holds only if told."""

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.concurrency.clients import PARTNER_ID, Client, crowd
from tests.concurrency.watching import (
    DEFAULT_EVENT,
    ledger_of,
    wait_until,
    wait_until_all_workers_answer,
)
from tests.concurrency.writers import Write, Writers
from tests.server import Server
from ticketboss.domain.events import Event
from ticketboss.repository import open_repository
from ticketboss.repository.interface import DUE_MAX

SEATS_ENOUGH_FOR_ALL = 1_000_000
HOLDS_ENOUGH_FOR_ALL = "100000"
WRITERS = 8
ROUNDS = 3
WRITES_EACH_TIME = 60
RELEASE_SECONDS_MAX = 6.0
KINDS = {"reserve", "hold", "confirm", "release", "change", "cancel"}
# Frozen as well, but its hold is to be kept.
BYSTANDER = "bystander"


@dataclass(frozen=True, slots=True)
class Races:
    """A server after some freezes under load.

    `frozen` and `thawed` are the times between an operator's answer and his next command.
    """

    server: Server
    writers: Writers
    frozen: list[tuple[float, float]]
    thawed: list[tuple[float, float]]
    bystanders_hold: str

    def writes_in(self, times: list[tuple[float, float]]) -> list[Write]:
        """The writes that were sent and answered within one of these times."""
        return [
            write
            for write in self.writers.writes
            if any(begin < write.sent_at and write.answered_at < end for begin, end in times)
        ]


def _event(server: Server) -> Event:
    """The event as the database has it: nobody sends a request for that."""
    with closing(open_repository(server.environment["DATABASE_URL"])) as repository:
        event = repository.event(DEFAULT_EVENT)
        assert event is not None
        return event


def _keyed_server(folder: Path, **settings: str | int) -> Server:
    return Server(
        folder,
        TICKETBOSS_AUTH="keys",
        TICKETBOSS_RATE_LIMIT_WRITES="",
        TICKETBOSS_DEFAULT_EVENT_SEATS=SEATS_ENOUGH_FOR_ALL,
        **settings,
    )


def _key_for(server: Server, partner_id: str) -> str:
    key: str = server.operate("keys", "create", "--partner", partner_id)["key"]
    return key


def _freeze_again_and_again(server: Server, writers: Writers) -> Iterator[tuple[float, float]]:
    """The times of freezing, and in between those of thawing."""
    since = time.monotonic()
    for _ in range(ROUNDS):
        writers.wait_for_more(WRITES_EACH_TIME, "accepted")
        yield since, time.monotonic()
        server.operate("partners", "freeze", PARTNER_ID, "--holds", "release")
        since = time.monotonic()
        writers.wait_for_more(WRITES_EACH_TIME, "partner_frozen")
        # The bystander's hold of one seat is all that is left.
        wait_until(lambda: _event(server).held_seats == 1, "holds stayed", RELEASE_SECONDS_MAX)
        yield since, time.monotonic()
        server.operate("partners", "unfreeze", PARTNER_ID)
        since = time.monotonic()


@pytest.fixture(scope="module")
def races(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Races]:
    with _keyed_server(tmp_path_factory.mktemp("freezing"), WEB_CONCURRENCY=4) as server:
        server.operate(
            "events", "update", DEFAULT_EVENT, "--open-holds-per-partner-max", HOLDS_ENOUGH_FOR_ALL
        )
        wait_until_all_workers_answer(server)
        keys = [_key_for(server, PARTNER_ID), _key_for(server, PARTNER_ID)]
        with Client(server.url, BYSTANDER, _key_for(server, BYSTANDER)) as bystander:
            hold_id = bystander.hold(1, 600).json()["reservationId"]
        server.operate("partners", "freeze", BYSTANDER, "--holds", "keep")
        with Writers(server, WRITERS, PARTNER_ID, keys) as writers:
            times = list(_freeze_again_and_again(server, writers))
        yield Races(server, writers, times[1::2], times[0::2], hold_id)


def test_every_write_after_a_freeze_was_answered_is_refused(races: Races) -> None:
    writes = races.writes_in(races.frozen)

    assert {write.told for write in writes} == {"partner_frozen"}
    assert {write.status for write in writes} == {403}
    assert {write.kind for write in writes} == KINDS


def test_partner_goes_on_as_soon_as_the_thaw_was_answered(races: Races) -> None:
    writes = races.writes_in(races.thawed)

    # Holds that were released are told as such.
    assert {write.told for write in writes} <= {
        "accepted",
        "reservation_ended",
        "already_cancelled",
    }
    assert {write.kind for write in writes if write.told == "accepted"} == KINDS


def test_freezing_takes_no_confirmed_reservation_and_nobody_elses_hold(races: Races) -> None:
    entries = ledger_of(races.server)[1:]
    ends = [entry for entry in entries if entry.kind in ("released", "cancelled", "expired")]
    ended = Counter(entry.reservation_id for entry in ends)
    by_system = [entry for entry in entries if entry.actor == "system"]

    assert races.writers.kept
    assert not {reservation_id for _, reservation_id in races.writers.kept} & set(ended)
    assert races.bystanders_hold not in ended
    assert set(ended.values()) == {1}
    assert {(entry.kind, entry.partner_id) for entry in by_system} == {("released", PARTNER_ID)}


def test_sums_are_right_after_freezes_under_load(races: Races) -> None:
    event = _event(races.server)
    assert event.held_seats >= 1
    assert races.server.differences() == []
    told = {write.told for write in races.writers.writes}
    assert told <= {"accepted", "partner_frozen", "reservation_ended", "already_cancelled"}
    actors = {entry.actor for entry in ledger_of(races.server)[1:]}
    assert actors == {f"partner:{PARTNER_ID}", f"partner:{BYSTANDER}", "system", "operator:cli"}


def test_many_holds_are_released_in_bounded_batches_though_workers_are_killed(
    tmp_path: Path,
) -> None:
    each = 90
    with _keyed_server(tmp_path) as server:
        server.operate(
            "events", "update", DEFAULT_EVENT, "--open-holds-per-partner-max", HOLDS_ENOUGH_FOR_ALL
        )
        key = _key_for(server, PARTNER_ID)

        def hold_all(client: Client, _: int) -> None:
            assert client.reserve(2).status_code == 201
            for _number in range(each):
                assert client.hold(1, 600).status_code == 201

        crowd(server, WRITERS, hold_all, PARTNER_ID, [key])
        before = _event(server)
        assert before.held_seats == WRITERS * each > 2 * DUE_MAX

        server.operate("partners", "freeze", PARTNER_ID, "--holds", "release")
        # From here on nobody sends a request.
        wait_until(lambda: _event(server).version > before.version, "no release began")
        for pid in server.worker_pids():
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: _event(server).held_seats == 0, "holds stayed", RELEASE_SECONDS_MAX)

        after = _event(server)
        assert after.version == before.version + WRITERS * each
        assert after.reservation_count == before.reservation_count == WRITERS
        assert after.available_seats == before.available_seats + WRITERS * each
        sizes = _sizes_of_commits(server, before.version)
        assert sum(sizes) == WRITERS * each
        assert max(sizes) <= DUE_MAX
        assert server.differences() == []


def _sizes_of_commits(server: Server, after_version: int) -> list[int]:
    rows = server.database.rows("SELECT version, commit_id FROM ledger")
    return list(Counter(commit for version, commit in rows if version > after_version).values())


def test_holds_of_a_partner_frozen_with_keep_stay_and_can_be_confirmed_after_it(
    tmp_path: Path,
) -> None:
    with _keyed_server(tmp_path) as server:
        key = _key_for(server, PARTNER_ID)
        with Client(server.url, PARTNER_ID, key) as client:
            hold_id = client.hold(3, 600).json()["reservationId"]
            server.operate("partners", "freeze", PARTNER_ID, "--holds", "keep")
            assert client.confirm(hold_id).json()["code"] == "partner_frozen"
            assert client.get(f"/reservations/{hold_id}").json()["status"] == "held"
            server.operate("partners", "unfreeze", PARTNER_ID)
            assert client.confirm(hold_id).status_code == 200
