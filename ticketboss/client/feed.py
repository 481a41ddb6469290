"""Reading what has no end, or comes in pages."""

import time
from collections.abc import Callable, Iterator

from ticketboss.client.documents import LedgerEntry, Reservation

# A server that cannot wait answers at once; it is asked no more often than this.
IDLE_PAUSE_SECONDS = 1.0


def followed(read_after: Callable[[int], list[LedgerEntry]], after: int) -> Iterator[LedgerEntry]:
    """All entries behind a version, for ever; `read_after` gives the next ones, or none yet."""
    while True:
        asked_at = time.monotonic()
        entries = read_after(after)
        for entry in entries:
            after = entry.version
            yield entry
        if not entries:
            time.sleep(max(0.0, asked_at + IDLE_PAUSE_SECONDS - time.monotonic()))


def paged(
    read_page: Callable[[str], tuple[list[Reservation], str | None]], cursor: str
) -> Iterator[Reservation]:
    """All rows behind a cursor; `read_page` gives some, and the cursor of the next ones."""
    following: str | None = cursor
    while following is not None:
        rows, following = read_page(following)
        yield from rows
