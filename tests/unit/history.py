"""What must hold of the whole history of an event, whatever it was."""

from collections import Counter

from ticketboss.domain.ledger import replay
from ticketboss.engine.verifier import Verifier
from ticketboss.repository.interface import Repository

ENDS = ("cancelled", "released", "expired")


def check_history(repository: Repository, event_id: str, version: int, live: set[str]) -> None:
    """The ledger has no gap, gives the rows, and ends each claim but those `live` just once."""
    ledger = repository.ledger(event_id, -1, 10_000)
    assert [entry.version for entry in ledger] == list(range(version + 1))
    state = replay(ledger)
    assert state.event == repository.event(event_id)
    for id_, reservation in state.reservations.items():
        assert reservation == repository.reservation(event_id, id_)
    seats: Counter[str | None] = Counter()
    for entry in ledger:
        if entry.kind in ENDS:
            # As many as it had, and nothing a second time.
            assert seats.pop(entry.reservation_id) == entry.seats
        elif entry.reservation_id is not None:
            seats[entry.reservation_id] = entry.seats
    assert set(seats) == live
    verification = Verifier(repository, event_id).verify()
    assert verification is not None
    assert verification.differences == []
