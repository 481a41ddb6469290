"""What must be true behind every fault, whatever it was."""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing

from tests.concurrency.load import SEATS
from tests.concurrency.watching import ENTRIES_MAX
from tests.failover.buyers import Acknowledged
from tests.server import Server
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.repository import open_repository
from ticketboss.repository.interface import Repository


def complaints(server: Server, acknowledged: Sequence[Acknowledged]) -> list[str]:
    """All that is wrong, now that each request was settled; empty when all is well.

    `acknowledged` is what all clients were told since the events are there.
    """
    found = []
    with closing(open_repository(server.environment["DATABASE_URL"])) as repository:
        for event_id in sorted({done.event_id for done in acknowledged}):
            told = [done for done in acknowledged if done.event_id == event_id]
            found += [f"{event_id}: {wrong}" for wrong in _of_event(repository, event_id, told)]
    return found + [f"verify: {difference}" for difference in server.differences()]


def _of_event(
    repository: Repository, event_id: str, told: Sequence[Acknowledged]
) -> Iterable[str]:
    entries = repository.ledger(event_id, -1, ENTRIES_MAX)[1:]
    yield from _of_keys(entries, told)
    kinds = Counter(done.kind for done in told)
    live = kinds["reserved"] - kinds["cancelled"]
    event = repository.event(event_id)
    assert event is not None
    counted = (event.reservation_count, event.total_seats - event.available_seats)
    if counted != (live, live * SEATS):
        yield f"{counted} reservations and seats are counted, not {(live, live * SEATS)}"


def _of_keys(entries: Sequence[LedgerEntry], told: Sequence[Acknowledged]) -> Iterable[str]:
    effects = Counter(entry.idempotency_key for entry in entries)
    written = {
        entry.idempotency_key: (entry.kind, entry.reservation_id, entry.version)
        for entry in entries
    }
    expected = {done.key: (done.kind, done.reservation_id, done.version) for done in told}
    for key, times in effects.items():
        if times > 1:
            yield f"the key {key} has {times} effects"
    for key, what in expected.items():
        if written.get(key) != what:
            yield f"{key} was acknowledged as {what}, but {written.get(key)} is there"
    for key in written.keys() - expected.keys():
        yield f"{key} is there, but nobody was told"
