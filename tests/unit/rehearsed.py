"""A drop that went as promised, as its records show it; tests plant one fault at a time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ticketboss.client.documents import EventSummary, LedgerEntry, Reservation
from ticketboss.rehearsal.arrivals import Wish
from ticketboss.rehearsal.errands import ACCEPTED, Action, Errand, Told
from ticketboss.rehearsal.evidence import Evidence

RUN = "run"
NOON = datetime(2030, 12, 1, 12, tzinfo=UTC)
SEATS_TOTAL = 10


def wish(number: int, seats: int = 4, *, holds: bool = False) -> Wish:
    """A wish that is due at T-0."""
    return Wish(
        number=number,
        due_seconds=0.0,
        partner=number,
        seats=seats,
        holds=holds,
        confirms=holds,
        cancels=False,
        repeats=False,
        think_seconds=0.0,
    )


def reservation(id_: str, seats: int, version: int, left: int, status: str) -> Reservation:
    """A reservation as an answer shows it."""
    return Reservation(
        reservation_id=id_,
        event_id="gala",
        partner_id="abc-corp",
        reference=None,
        seats=seats,
        status=status,
        created_at=NOON,
        version=version,
        available_seats=left,
    )


def yes(
    asked: Wish, action: Action, id_: str, version: int, left: int, at: float, **more: Any
) -> Told:
    """An answer with a reservation, a tenth of a second after it was asked for."""
    status = "held" if action == "hold" else "confirmed"
    return Told(
        errand=Errand(wish=asked, action=action, due_seconds=at, reservation_id=id_),
        sent_seconds=at,
        ended_seconds=at + 0.1,
        code=ACCEPTED,
        version=version,
        reservation=reservation(id_, asked.seats, version, left, status),
        **more,
    )


def no(asked: Wish, action: Action, code: str, version: int | None, at: float) -> Told:
    """A refusal."""
    return Told(
        errand=Errand(wish=asked, action=action, due_seconds=at),
        sent_seconds=at,
        ended_seconds=at + 0.1,
        code=code,
        version=version,
    )


def done(asked: Wish, action: Action, id_: str, at: float) -> Told:
    """A yes without a body."""
    errand = Errand(wish=asked, action=action, due_seconds=at, reservation_id=id_)
    return replace(no(asked, action, ACCEPTED, None, at), errand=errand)


def entry(version: int, kind: str, id_: str, number: int, **counters: Any) -> LedgerEntry:
    """An entry of the ledger, `number` being that of the wish; a second lies between two."""
    return LedgerEntry(
        version=version,
        kind=kind,
        at=NOON + timedelta(seconds=version),
        reservation_id=id_,
        partner_id="abc-corp",
        reference=f"{RUN}-{number}",
        **{"seats": 4, "total_seats": SEATS_TOTAL, **counters},
    )


def summary(version: int, available: int, held: int, count: int) -> EventSummary:
    """The event at a version."""
    return EventSummary(
        event_id="gala",
        name="Gala",
        total_seats=SEATS_TOTAL,
        available_seats=available,
        held_seats=held,
        reserved_seats=SEATS_TOTAL - available - held,
        reservation_count=count,
        sale_state="on_sale",
        version=version,
        seats_per_reservation_max=10,
        seats_per_partner_max=None,
        open_holds_per_partner_max=1000,
        hold_seconds_total_max=3600,
        on_sale_from=None,
        on_sale_until=None,
        paused=False,
        is_test=True,
    )


def evidence() -> Evidence:
    """One reserves 4 of 10, one holds 4 and confirms them, one cancels, one is refused."""
    first, second, third = wish(0), wish(1, holds=True), wish(2)
    return Evidence(
        run=RUN,
        before=summary(0, 10, 0, 0),
        after=summary(4, 6, 0, 1),
        entries=[
            entry(1, "reserved", "a", 0, available_seats=6, held_seats=0, reservation_count=1),
            entry(2, "held", "b", 1, available_seats=2, held_seats=4, reservation_count=1,
                  expires_at=NOON + timedelta(seconds=60)),
            entry(3, "confirmed", "b", 1, available_seats=2, held_seats=0, reservation_count=2),
            entry(4, "cancelled", "a", 0, available_seats=6, held_seats=0, reservation_count=1),
        ],
        told=[
            yes(first, "reserve", "a", 1, 6, 0.0),
            yes(first, "repeat", "a", 1, 6, 0.2),
            yes(second, "hold", "b", 2, 2, 0.4),
            no(third, "reserve", "not_enough_seats", 2, 0.6),
            yes(second, "confirm", "b", 3, 2, 0.8),
            done(first, "cancel", "a", 1.0),
        ],
        differences=[],
    )  # fmt: skip


def with_told(place: int, **changed: Any) -> Callable[[Evidence], Evidence]:
    """A fault: one answer was another one."""

    def plant(found: Evidence) -> Evidence:
        told = list(found.told)
        told[place] = replace(told[place], **changed)
        return replace(found, told=told)

    return plant


def with_entry(place: int, **changed: Any) -> Callable[[Evidence], Evidence]:
    """A fault: one entry of the ledger was another one."""

    def plant(found: Evidence) -> Evidence:
        entries = list(found.entries)
        entries[place] = replace(entries[place], **changed)
        return replace(found, entries=entries)

    return plant
