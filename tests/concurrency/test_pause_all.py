"""The emergency stop: after its answer nothing new is sold of any event, whoever is writing."""

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.concurrency.clients import Client
from tests.concurrency.watching import DEFAULT_EVENT, ENTRIES_MAX, wait_until_all_workers_answer
from tests.concurrency.writers import Writers
from tests.server import Server
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.repository import open_repository

EVENTS = [DEFAULT_EVENT, *(f"event-{number}" for number in range(19))]
SEATS = 100_000
WRITERS = 8
PARTNER_ID = "abc-corp"
# So many that every event has its share.
WRITES_EACH_TIME = 300
RESUMED = EVENTS[3]

PauseAll = Callable[[Server, Client], tuple[dict[str, list[str]], str]]


def over_http(server: Server, operator: Client) -> tuple[dict[str, list[str]], str]:
    """Pause all with the operator's key; gives the answer, and the actor to be found."""
    answer = operator.send("POST", "/events/pause")
    assert answer.status_code == 200, answer.text
    (key,) = [key for key in server.operate("keys", "list")["keys"] if key["scope"] == "operator"]
    return answer.json(), f"operator:{key['keyId']}"


def at_the_command_line(server: Server, operator: Client) -> tuple[dict[str, list[str]], str]:
    """The same at the command line, beside the server."""
    return server.operate("events", "pause-all"), "operator:cli"


def _put_on_sale(operator: Client) -> None:
    for event_id in EVENTS[1:]:
        body = {"eventId": event_id, "name": event_id, "totalSeats": SEATS}
        assert operator.send("POST", "/events", body=body).status_code == 201
    for event_id in EVENTS:
        changed = operator.send(
            "PATCH", f"/events/{event_id}", body={"openHoldsPerPartnerMax": SEATS}
        )
        assert changed.status_code == 200, changed.text


def _ledgers(server: Server) -> dict[str, list[LedgerEntry]]:
    with closing(open_repository(server.environment["DATABASE_URL"])) as repository:
        return {event_id: repository.ledger(event_id, -1, ENTRIES_MAX) for event_id in EVENTS}


def _is_growth(entry: LedgerEntry) -> bool:
    return entry.kind in ("reserved", "held") or (
        entry.kind == "changed" and entry.seats > entry.detail["seats_before"]
    )


@pytest.mark.parametrize("pause_all", [over_http, at_the_command_line])
def test_nothing_new_is_sold_of_any_event_after_all_were_paused(
    tmp_path: Path, pause_all: PauseAll
) -> None:
    with Server(
        tmp_path,
        WEB_CONCURRENCY=4,
        TICKETBOSS_AUTH="keys",
        TICKETBOSS_RATE_LIMIT_WRITES="",
        TICKETBOSS_DEFAULT_EVENT_SEATS=SEATS,
    ) as server:
        key, operators_key = (
            server.operate("keys", "create", *whose)["key"]
            for whose in (["--partner", PARTNER_ID], ["--operator"])
        )
        wait_until_all_workers_answer(server)
        with Client(server.url, PARTNER_ID, operators_key) as operator:
            _put_on_sale(operator)
            with Writers(server, WRITERS, PARTNER_ID, [key], EVENTS) as writers:
                writers.wait_for_more(WRITES_EACH_TIME, "accepted")
                outcome, actor = pause_all(server, operator)
                paused_at = time.monotonic()
                writers.wait_for_more(WRITES_EACH_TIME, "sale_paused")
                resumed_from = time.monotonic()
                assert operator.send("POST", f"/events/{RESUMED}/resume").status_code == 200
                writers.wait_for_more(WRITES_EACH_TIME, "sale_paused")

        assert sorted(outcome["paused"]) == sorted(EVENTS)
        assert (outcome["werePaused"], outcome["notPaused"]) == ([], [])
        _assert_paused_in_the_ledgers(server, writers, actor)
        _assert_told_so(writers, paused_at, resumed_from)
        assert server.differences() == []


def _assert_paused_in_the_ledgers(server: Server, writers: Writers, actor: str) -> None:
    for event_id, entries in _ledgers(server).items():
        changes = [entry for entry in entries if entry.kind == "event_changed"]
        (paused,) = [entry for entry in changes if entry.detail["paused"]]
        resumed = [entry for entry in changes if entry.version > paused.version]
        until = resumed[0].version if resumed else len(entries)
        grown = {entry.version for entry in entries if _is_growth(entry)}
        told = {
            write.version
            for write in writers.writes
            if write.event_id == event_id and write.kind in ("reserve", "hold")
            if write.told == "accepted"
        }

        assert paused.actor == actor
        assert len(resumed) == (event_id == RESUMED)
        assert min(grown) < paused.version
        assert not grown & set(range(paused.version, until))
        assert not told & set(range(paused.version, until))
        assert told <= grown
        # It is an emergency stop for sales alone: what exists can still be confirmed and ended.
        assert {e.kind for e in entries[paused.version + 1 : until]} <= {
            "confirmed",
            "released",
            "cancelled",
            "changed",
        }


def _assert_told_so(writers: Writers, paused_at: float, resumed_from: float) -> None:
    while_paused = [
        write
        for write in writers.writes
        if paused_at < write.sent_at and write.answered_at < resumed_from
    ]
    of_new = [write for write in while_paused if write.kind in ("reserve", "hold")]
    of_old = [write for write in while_paused if write.kind in ("confirm", "release", "cancel")]

    assert {write.told for write in of_new} == {"sale_paused"}
    assert {write.status for write in of_new} == {409}
    assert {write.told for write in of_old} == {"accepted"}
    assert {write.event_id for write in of_new} == set(EVENTS)
