"""Lists and the ledger's feed of a real server, as the client gives them."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from tests.client.operator import PARTNER, Operator
from ticketboss.client import Believed, BulkItem, Client, LedgerEntry

ROWS = 230
# Far below the 25 s that the server waits before it says that there is nothing.
AT_ONCE_SECONDS = 10.0


def test_all_pages_of_the_reservations_come_in_order(operator: Operator) -> None:
    with operator.client(operator.new_event(1_000)) as client:
        for first in range(0, ROWS, 100):
            count = min(100, ROWS - first)
            items = [BulkItem(seats=1, reference=f"A-{first + n}") for n in range(count)]
            assert len(client.reserve_many(items).accepted) == count
        client.cancel(next(client.reservations(reference="A-7")).reservation_id)

        rows = list(client.reservations())
        assert [row.reference for row in rows] == [f"A-{n}" for n in range(ROWS)]
        assert [row.created_version for row in rows] == list(range(1, ROWS + 1))
        assert [row.reference for row in client.reservations(status="cancelled")] == ["A-7"]
        assert list(client.reservations(after=ROWS - 1)) == rows[-1:]
        assert list(client.reservations(reference="A-8")) == [rows[8]]
        assert rows[8] == client.reservation(rows[8].reservation_id)


def test_books_of_any_size_are_compared(operator: Operator) -> None:
    with operator.client(operator.new_event(2_000)) as client:
        for _ in range(11):
            assert len(client.reserve_many([BulkItem(seats=1)] * 100).accepted) == 100
        held = client.hold(2, hold_seconds=300, reference="forgotten")
        books = [row for row in client.reservations() if row.reference is None]
        assert len(books) == 1_100
        client.change(books[5].reservation_id, seats=3)
        client.cancel(books[6].reservation_id)
        foreign = Believed(reservation_id="of-another-shop", seats=1, status="held")

        found = client.reconcile([foreign, *books])

        assert found.unknown_here == ("of-another-shop",)
        assert [(row.seats, row.status) for row in found.different] == [
            (3, "confirmed"),
            (1, "cancelled"),
        ]
        assert [row.reservation_id for row in found.unknown_there] == [held.reservation_id]
        assert client.reconcile(client.reservations()).unknown_there == ()


def test_the_ledger_tells_every_change_from_the_beginning(client: Client) -> None:
    made = client.reserve(2, reference="A-17")
    hold = client.hold(3, hold_seconds=300)
    hold.extend(600)
    hold.confirm()
    client.cancel(made.reservation_id)
    entries = list(islice(client.follow_ledger(), 6))

    assert [(each.version, each.kind, each.available_seats) for each in entries] == [
        (0, "event_created", 100),
        (1, "reserved", 98),
        (2, "held", 95),
        (3, "hold_changed", 95),
        (4, "confirmed", 95),
        (5, "cancelled", 97),
    ]
    assert entries[0].event is not None
    assert entries[0].event.total_seats == 100
    assert (entries[1].reservation_id, entries[1].partner_id) == (made.reservation_id, PARTNER)
    assert (entries[1].reference, entries[1].at) == ("A-17", made.created_at)
    assert entries[2].expires_at is not None


def test_a_follower_that_waits_is_told_as_soon_as_something_happens(client: Client) -> None:
    entries = client.follow_ledger(0)
    asking = threading.Event()

    def wait() -> tuple[LedgerEntry, float]:
        asking.set()
        return next(entries), time.monotonic()

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(wait)
        asking.wait()
        made = client.reserve(1)
        made_at = time.monotonic()
        entry, told_at = waiting.result()
    assert (entry.version, entry.reservation_id) == (1, made.reservation_id)
    assert told_at - made_at < AT_ONCE_SECONDS


def test_followers_see_every_version_once_while_many_write(client: Client) -> None:
    def follow(entries: Iterator[LedgerEntry]) -> list[int]:
        return [entry.version for entry in islice(entries, 60)]

    with ThreadPoolExecutor(8) as threads:
        followers = [threads.submit(follow, client.follow_ledger(0)) for _ in range(3)]
        made = list(threads.map(lambda _: client.reserve(1).version, range(60)))
        assert sorted(made) == list(range(1, 61))
        for follower in followers:
            assert follower.result() == list(range(1, 61))
