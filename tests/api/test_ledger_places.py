"""How many may wait for an event's next entry: in a worker, and of one partner in it."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from tests.api.keyed import Keyed
from tests.concurrency.watching import wait_until
from ticketboss.api.context import EXTENSION, REQUESTS_AT_ONCE, waiting_places
from ticketboss.engine.feed import FEED_WAITERS_MAX, Feed

FEED = "/events/node-meetup-2025/ledger?after=0&wait=25"
# Much less than the wait that is asked for, and much more than an answer takes.
AT_ONCE_SECONDS = 4.0


@pytest.mark.parametrize(
    ("at_once", "places"), [(None, 0), (1, 0), (8, 4), (999, 499), (1_000, 500), (10**6, 500)]
)
def test_places_to_wait_follow_from_what_the_server_says_of_the_worker(
    app: Flask, at_once: int | None, places: int
) -> None:
    if at_once is not None:
        app.extensions[REQUESTS_AT_ONCE] = at_once
    with app.app_context():
        assert waiting_places() == places
    assert places <= FEED_WAITERS_MAX == 500


def test_partner_that_waits_a_lot_leaves_places_to_the_others(
    keyed_app: Flask, keyed: Keyed
) -> None:
    keyed_app.extensions[REQUESTS_AT_ONCE] = 8
    feed: Feed = keyed_app.extensions[EXTENSION].feed
    partner = keyed.partner()
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(partner.get, FEED)
        wait_until(lambda: len(feed._waiters) == 1, "the request did not wait")
        started = time.monotonic()

        assert keyed.partner().get(FEED).get_json()["entries"] == []

        assert time.monotonic() - started < AT_ONCE_SECONDS
        assert not waiting.done()
        keyed.operator().reserve()
        assert [entry["version"] for entry in waiting.result().get_json()["entries"]] == [1]
