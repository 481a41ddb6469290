"""The rows that stand in a contender's table, past itself, and how many must be there."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ticketboss.repository.sqlite.driver import choose_driver

READ_SECONDS_MAX = 30.0
# One statement is one snapshot, also while a server still answers. Ours and those of the peers have
# the same names.
COUNT = """
SELECT events.reservation_count,
       (SELECT count(*) FROM reservations
         WHERE reservations.event_id = events.event_id AND status = 'confirmed')
  FROM events WHERE event_id = ?
"""


@dataclass(frozen=True, slots=True)
class Promised:
    """So many reservations were acknowledged; what nobody saw the answer of may be there too."""

    at_least: int = 0
    at_most: int = 0

    def __add__(self, other: "Promised") -> "Promised":
        return Promised(self.at_least + other.at_least, self.at_most + other.at_most)


def miscounts(database: Path, event_ids: Sequence[str], promised: Promised) -> Iterator[str]:
    """What is wrong with the rows of these events, which so many were promised in together."""
    rows = 0
    for event_id, (counted, found) in zip(event_ids, _counts(database, event_ids), strict=True):
        rows += found
        if counted != found:
            yield f"{event_id} counts {counted} reservations and has {found} rows"
    if rows < promised.at_least:
        yield f"{promised.at_least} reservations were acknowledged, {rows} rows are there"
    if rows > promised.at_most:
        yield f"{promised.at_most} reservations were asked for at most, {rows} rows are there"


def _counts(database: Path, event_ids: Sequence[str]) -> list[tuple[int, int]]:
    connect = choose_driver().module.connect
    address = f"{database.resolve().as_uri()}?mode=ro"
    with closing(connect(address, uri=True, timeout=READ_SECONDS_MAX)) as connection:
        return [connection.execute(COUNT, (event_id,)).fetchone() for event_id in event_ids]
