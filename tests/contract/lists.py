"""Reservations of several partners, and pages of them turned to the end."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

from tests.contract.backends import within, write
from tests.unit.examples import EVENT_ID, cancel, confirm, create_event, hold, reserve, sweep
from ticketboss.domain.reservations import Reservation
from ticketboss.engine.plan import make_plan
from ticketboss.repository.interface import Repository, ReservationFilter, ReservationPage

PARTNERS = ("abc-corp", "m", "xyz-corp")
REFERENCES = (None, "PO 1", "PO 2")
STATUSES = ("held", "confirmed", "cancelled", "expired")
FILTERS = [
    ReservationFilter(*wanted)
    for wanted in product(
        (None, "abc-corp", "m", "nobody"),
        (None, "PO 1", "PO 2", "unknown"),
        (None, "held", "confirmed", "cancelled", "expired"),
    )
]
PAGES_MAX = 1_000


def fill(repository: Repository) -> None:
    """36 reservations: of each partner, with and without references, in each status.

    A second event has some of the same partners and references.
    """
    kinds = list(product(range(4), REFERENCES, PARTNERS))
    for number, (status, reference, partner_id) in enumerate(kinds):
        id_ = f"r{number:02}"
        options: dict[str, Any] = {"partner_id": partner_id, "reference": reference}
        match STATUSES[status]:
            case "held":
                write(repository, hold(1, id_, hold_seconds=3_600, **options))
            case "confirmed":
                write(repository, hold(1, id_, **options), confirm(id_))
            case "cancelled":
                write(repository, reserve(1, id_, **options), cancel(id_))
            case "expired":
                hold_long_ago(repository, id_, **options)
    write(repository, sweep())
    write(repository, create_event(10, event_id="another"))
    write(repository, reserve(1, "r00", event_id="another", reference="PO 1"))


def hold_long_ago(repository: Repository, reservation_id: str, **options: Any) -> None:
    """A hold whose time is over: whatever is written next ends it."""
    commands = [hold(1, reservation_id, **options)]
    snapshot = repository.snapshot(EVENT_ID, commands)
    changes = make_plan(replace(snapshot, now=1_000_000), commands).changes
    assert changes is not None
    repository.commit(changes, within())


def pages(
    repository: Repository, wanted: ReservationFilter, limit: int, after: int = 0
) -> Iterator[ReservationPage]:
    """Page after page, until one says that it is the last."""
    for _ in range(PAGES_MAX):
        page = repository.reservations_page(EVENT_ID, wanted, after, limit)
        yield page
        if page.next_after is None:
            return
        assert page.next_after > after, "a list must get on"
        after = page.next_after
    raise AssertionError("The list never ends.")


def listed(repository: Repository, wanted: ReservationFilter, limit: int) -> list[Reservation]:
    """All that the pages of a list have."""
    return [row for page in pages(repository, wanted, limit) for row in page.reservations]


def is_wanted(row: Reservation, wanted: ReservationFilter) -> bool:
    """What the filter means, row by row."""
    return (
        wanted.partner_id in (None, row.partner_id)
        and wanted.reference in (None, row.reference)
        and wanted.status in (None, row.status)
    )
