"""A commit that somebody stops from waiting for the standby is there, and yet not acknowledged."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
import requests

from tests.concurrency.clients import PARTNER_ID, Client
from tests.concurrency.load import settled
from tests.failover.buyers import Buyers
from tests.failover.cluster import Cluster
from tests.failover.faults import CLIENTS, put_on_sale
from tests.server import Server
from ticketboss.repository import open_repository

KEY = "only-once"
PAUSE_SECONDS = 0.05
WRITES_UNTIL_CONTENDED = 300
REPEATS = 6
ENTRIES_MAX = 10_000
WAITING = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


def _reserve_while_waits_are_ended(
    cluster: Cluster, client: Client, function: str
) -> tuple[requests.Response, int]:
    """The answer, and how many waits of commits were ended before it came."""
    ended = 0
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(client.reserve, 1, KEY)
        while not asked.done():
            ended += len(cluster.primary.execute(f"SELECT {function}(pid) {WAITING}"))
            time.sleep(PAUSE_SECONDS)
        return asked.result(), ended


def _assert_settled(server: Server, client: Client, event_id: str, replayed: bool) -> None:
    """The key's one effect is told to whoever asks again, and it is the only one."""
    answer = settled(lambda: client.reserve(1, KEY), 201, [])
    assert ("Idempotent-Replayed" in answer.headers) == replayed
    with closing(open_repository(server.environment["DATABASE_URL"])) as repository:
        entries = repository.ledger(event_id, 0, ENTRIES_MAX)
    assert [e.reservation_id for e in entries if e.idempotency_key == KEY] == [
        answer.json()["reservationId"]
    ]
    assert server.differences() == []


@pytest.mark.parametrize("function", ["pg_cancel_backend", "pg_terminate_backend"])
def test_commit_whose_wait_was_ended_is_acknowledged_once_the_standby_has_it(
    cluster: Cluster, server: Server, function: str
) -> None:
    put_on_sale(server, function)
    with Client(server.url, PARTNER_ID, event_id=function) as client:
        with cluster.link_cut():
            answer, ended = _reserve_while_waits_are_ended(cluster, client, function)
            again = client.reserve(1, KEY)
            # What no standby has is to be seen all the same: nobody may be told that it was done.
            assert client.get(f"/events/{function}").json()["version"] == 1

        assert ended > 0
        assert [answer.json()["code"], again.json()["code"]] == ["outcome_unknown"] * 2
        _assert_settled(server, client, function, replayed=True)


@pytest.mark.parametrize("is_contended", [False, True], ids=["alone", "contended"])
def test_commit_whose_wait_was_cancelled_may_be_lost_and_then_nobody_was_told(
    cluster: Cluster, server: Server, is_contended: bool
) -> None:
    event_id = f"lost-{is_contended}"
    put_on_sale(server, event_id)
    if is_contended:
        _have_every_worker_lose_a_race(server, event_id)
    with Client(server.url, PARTNER_ID, event_id=event_id) as client:
        with cluster.link_cut():
            answer, ended = _reserve_while_waits_are_ended(cluster, client, "pg_cancel_backend")
            again = [client.reserve(1, KEY) for _ in range(REPEATS)]
            cluster.primary.kill()
            cluster.promote()
            cluster.throw_primary_away()
        cluster.add_standby()

        assert ended > 0
        assert answer.json()["code"] == "outcome_unknown"
        # Where the row is still locked, a repetition does not even come to look.
        assert {each.json().get("code") for each in again} <= {"outcome_unknown", "overloaded"}
        _assert_settled(server, client, event_id, replayed=False)


def _have_every_worker_lose_a_race(server: Server, event_id: str) -> None:
    """From then on each of them locks the event before it looks at it."""
    with Buyers(server, CLIENTS, None, [event_id]) as buyers:
        buyers.wait_for_more(WRITES_UNTIL_CONTENDED)
