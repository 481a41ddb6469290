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


def _of_event(repository: Repository, event_id: str, told: Sequence[Acknowledged]) -> Iterable[str]:
    entries = repository.ledger(event_id, -1, ENTRIES_MAX)[1:]
    effects = Counter(entry.idempotency_key for entry in entries if entry.idempotency_key)
    yield from (f"the key {key} has {times} effects" for key, times in effects.items() if times > 1)
    written, expected = set(map(_effect, entries)), set(map(_effect, told))
    yield from (f"{effect} was acknowledged and is not there" for effect in expected - written)
    yield from (f"{effect} is there and nobody was told" for effect in written - expected)
    kinds = Counter(done.kind for done in told)
    live = kinds["reserved"] - kinds["cancelled"]
    event = repository.event(event_id)
    assert event is not None
    counted = (event.reservation_count, event.total_seats - event.available_seats)
    if counted != (live, live * SEATS):
        yield f"{counted} reservations and seats are counted, not {(live, live * SEATS)}"


def _effect(of: LedgerEntry | Acknowledged) -> tuple[str | None, str, str | None, int]:
    key = of.key if isinstance(of, Acknowledged) else of.idempotency_key
    return key, of.kind, of.reservation_id, of.version
