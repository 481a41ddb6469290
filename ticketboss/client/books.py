"""A partner's own books, compared with the server's."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ticketboss.client.documents import Document, Reservation, read_as

RECONCILED_IDS_MAX = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Believed:
    """What a partner's books say of one reservation; `created_version` may be unknown."""

    reservation_id: str
    seats: int
    status: str
    created_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """Where the books and the server differ; nothing at all if they agree.

    `unknown_here` are ids of the books that the server does not have, `different` those that it
    has otherwise, as they really are, `unknown_there` live reservations that the books lack.
    """

    unknown_here: tuple[str, ...]
    different: tuple[Reservation, ...]
    unknown_there: tuple[Reservation, ...]


Row = Believed | Reservation


@dataclass(frozen=True, slots=True)
class Compared:
    """What the server answers about a piece; `following` is the `after` to go on with, or None."""

    unknown_here: list[str]
    different: list[Reservation]
    unknown_there: list[Reservation]
    following: int | None


# Asks about a piece of the books, with `after` and `upTo`.
Ask = Callable[[Sequence[Row], int, int | None], Compared]


def differences(books: Iterable[Row], ask: Ask) -> Differences:
    """Ask piece by piece; a row without a version may be in another piece than its own."""
    rows = sorted(books, key=lambda row: row.created_version or 0)
    starts = range(0, len(rows), RECONCILED_IDS_MAX) or (0,)
    here: dict[str, None] = {}
    different: dict[str, Reservation] = {}
    there: dict[str, Reservation] = {}
    after = 0
    for start in starts:
        piece = rows[start : start + RECONCILED_IDS_MAX]
        up_to = None if start == starts[-1] else piece[-1].created_version or 0
        is_through = False
        while not is_through:
            found = ask(piece, after, up_to)
            here |= dict.fromkeys(found.unknown_here)
            different |= {row.reservation_id: row for row in found.different}
            there |= {row.reservation_id: row for row in found.unknown_there}
            is_through = found.following in (None, up_to)
            after = after if found.following is None else found.following
    known = {row.reservation_id for row in rows}
    return Differences(
        unknown_here=tuple(here),
        different=tuple(different.values()),
        unknown_there=tuple(row for id_, row in there.items() if id_ not in known),
    )


def piece_document(piece: Sequence[Row], after: int, up_to: int | None) -> dict[str, Any]:
    """The request about a piece."""
    rows = [
        {"reservationId": row.reservation_id, "seats": row.seats, "status": row.status}
        for row in piece
    ]
    return {"reservations": rows, "after": after, "upTo": up_to}


def compared(document: Document, after: int, up_to: int | None) -> Compared:
    """The answer about a piece. Raises LookupError, TypeError or ValueError if it is none."""
    following = document["next"]
    if following not in (None, up_to) and not after < following < (up_to or following + 1):
        raise ValueError(f"the comparison goes on from {after} to {following}")
    return Compared(
        unknown_here=[str(id_) for id_ in document["unknownHere"]],
        different=[read_as(Reservation, row) for row in document["different"]],
        unknown_there=[read_as(Reservation, row) for row in document["unknownThere"]],
        following=following,
    )
