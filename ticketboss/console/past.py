"""Looking back along ledgers by time: a few entries are read, however long the ledger is.

Entries are found by their versions. Times nearly follow these; where a clock went back, what is
found is off by as much.
"""

from collections.abc import Sequence

from ticketboss.domain.events import Event
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.repository.interface import Repository

PACE_SECONDS = 60
POINTS_MAX = 240


def versions_at(
    repository: Repository, versions: dict[str, int], at: int
) -> dict[str, LedgerEntry | None]:
    """The newest entry of each event that is not later than `at`; None where all are.

    `versions` are those of the events now. All are bisected side by side, so that it takes one
    statement for each halving, and only one where nothing happened since.
    """
    found: dict[str, LedgerEntry | None] = dict.fromkeys(versions)
    low = dict.fromkeys(versions, -1)
    high = {event_id: version + 1 for event_id, version in versions.items()}
    wanted = dict(versions)
    while wanted:
        for entry in repository.entries_at(wanted.items()):
            event_id = entry.event_id
            if entry.at <= at:
                low[event_id], found[event_id] = entry.version, entry
            else:
                high[event_id] = entry.version
        wanted = {
            event_id: (low[event_id] + high[event_id]) // 2
            for event_id in wanted
            # What was not found there ends the search too.
            if high[event_id] - low[event_id] > 1
            and wanted[event_id] in (low[event_id], high[event_id])
        }
    return found


def seats_per_minute(repository: Repository, events: Sequence[Event], now: int) -> dict[str, int]:
    """The seats of each event that were taken in the last minute, less those given back."""
    versions = {event.event_id: event.version for event in events}
    then = versions_at(repository, versions, now - PACE_SECONDS * 1_000)
    return {event.event_id: _taken(event) - _taken(then[event.event_id]) for event in events}


def points(
    repository: Repository, event: Event, since: int | None, points_max: int
) -> list[LedgerEntry]:
    """Entries at even distances, from the last one at or before `since` to the newest one."""
    first = 0
    if since is not None:
        begin = versions_at(repository, {event.event_id: event.version}, since)[event.event_id]
        first = 0 if begin is None else begin.version
    steps = min(points_max - 1, event.version - first) or 1
    wanted = {first + (event.version - first) * step // steps for step in range(steps + 1)}
    places = [(event.event_id, version) for version in wanted]
    return sorted(repository.entries_at(places), key=lambda entry: entry.version)


def _taken(place: Event | LedgerEntry | None) -> int:
    return 0 if place is None else place.total_seats - place.available_seats
