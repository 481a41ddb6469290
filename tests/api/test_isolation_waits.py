"""A partner that waits for the ledger is shown what it would be shown without waiting."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.keyed import Keyed
from tests.concurrency.watching import wait_until
from ticketboss.api.context import DRAINING, EXTENSION, REQUESTS_AT_ONCE

FEED = "/events/node-meetup-2025/ledger"


@pytest.fixture
def threads(keyed: Keyed) -> Iterator[ThreadPoolExecutor]:
    """For requests that wait; they are let go at the end, whatever became of the test."""
    over: list[bool] = []
    keyed.app.extensions[DRAINING] = lambda: bool(over)
    keyed.app.extensions[REQUESTS_AT_ONCE] = 100
    with ThreadPoolExecutor(2) as found:
        yield found
        over.append(True)


def test_partners_that_wait_are_shown_nothing_of_each_other(
    keyed: Keyed, threads: ThreadPoolExecutor
) -> None:
    owner, rival = keyed.partner("owner-company"), keyed.partner("rival-company")
    operator = keyed.operator()
    feed = keyed.app.extensions[EXTENSION].feed
    url = f"{FEED}?after=0&wait=25"
    asked = [threads.submit(each.get, url) for each in (rival, operator)]
    wait_until(lambda: len(feed._waiters) == 2, "the requests did not wait")

    made = owner.reserve(2, reference="owners-reference").get_json()

    told_rival, told_operator = (each.result().text for each in asked)
    marks = ("owner-company", "owners-reference", made["reservationId"])
    assert [mark for mark in marks if mark in told_rival] == []
    assert [mark for mark in marks if mark in told_operator] == list(marks)
    assert rival.get(f"{FEED}?after=0").text == told_rival
