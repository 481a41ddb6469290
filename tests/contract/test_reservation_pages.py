"""Lists of reservations: their order, their filters, their pages."""

import pytest

from tests.contract.backends import write
from tests.contract.lists import FILTERS, fill, is_wanted, listed, pages
from tests.unit.examples import EVENT_ID, cancel, change, confirm, hold, reserve
from ticketboss.domain.ledger import replay
from ticketboss.domain.reservations import Reservation
from ticketboss.repository.interface import Repository, ReservationFilter

EVERYTHING = ReservationFilter()


@pytest.fixture
def full(repository: Repository) -> Repository:
    fill(repository)
    return repository


def _replayed(repository: Repository) -> list[Reservation]:
    """All reservations of the event by its ledger alone, in the order in which they were made."""
    rows = replay(repository.ledger(EVENT_ID, -1, 1_000)).reservations.values()
    return sorted(rows, key=lambda row: row.created_version)


def _names(
    repository: Repository, after: int, limit: int, wanted: ReservationFilter = EVERYTHING
) -> tuple[list[str], int | None]:
    page = repository.reservations_page(EVENT_ID, wanted, after, limit)
    return [row.reservation_id for row in page.reservations], page.next_after


def test_every_filter_gives_what_it_wants_whole_and_in_the_order_of_the_commits(
    full: Repository,
) -> None:
    rows = _replayed(full)
    assert len(rows) == 36
    assert {row.status for row in rows} == {"held", "confirmed", "cancelled", "expired"}
    for wanted in FILTERS:
        expected = [row for row in rows if is_wanted(row, wanted)]
        for limit in (1, 2, 7, 1_000):
            assert listed(full, wanted, limit) == expected, (wanted, limit)


def test_no_page_has_more_than_its_limit_and_only_the_last_one_fewer(full: Repository) -> None:
    for limit in (1, 5, 35, 36, 37):
        sizes = [len(page.reservations) for page in pages(full, EVERYTHING, limit)]
        assert sizes[:-1] == [limit] * (len(sizes) - 1)
        assert 0 < sizes[-1] <= limit
        assert sum(sizes) == 36


def test_a_page_goes_on_after_a_version_whatever_was_made_by_it(repository: Repository) -> None:
    write(repository, reserve(1, "r1"), reserve(1, "r2"), cancel("r1"), reserve(1, "r4"))
    assert _names(repository, -1, 10) == (["r1", "r2", "r4"], None)
    assert _names(repository, 0, 10) == (["r1", "r2", "r4"], None)
    assert _names(repository, 1, 10) == (["r2", "r4"], None)
    assert _names(repository, 3, 10) == (["r4"], None)
    assert _names(repository, 4, 10) == ([], None)
    assert _names(repository, 2**63 - 1, 10) == ([], None)


def test_a_full_page_has_a_next_one_only_where_there_is_more(repository: Repository) -> None:
    write(repository, reserve(1, "r1"), reserve(1, "r2"), reserve(1, "r3"))
    assert _names(repository, 0, 2) == (["r1", "r2"], 2)
    assert _names(repository, 0, 3) == (["r1", "r2", "r3"], None)
    assert _names(repository, 1, 2) == (["r2", "r3"], None)


def test_the_cursor_is_the_version_that_made_the_last_one_of_the_page(
    repository: Repository,
) -> None:
    write(repository, hold(1, "h1"), hold(1, "h2"), confirm("h1"), change("h1", 2), hold(1, "h5"))
    assert _names(repository, 0, 1) == (["h1"], 1)
    # A claim keeps its place in the list, however often it is changed later.
    assert _names(repository, 0, 2) == (["h1", "h2"], 2)
    assert _names(repository, 2, 1) == (["h5"], None)


def test_a_reservation_is_listed_as_it_is_now(repository: Repository) -> None:
    write(repository, hold(2, "h1", reference="PO 1"))
    write(repository, change("h1", 3), confirm("h1"))
    (row,) = listed(repository, EVERYTHING, 10)
    assert row == repository.reservation(EVENT_ID, "h1")
    assert (row.seats, row.status, row.created_version, row.version) == (3, "confirmed", 1, 3)


def test_a_status_that_changes_moves_the_reservation_to_the_other_list(
    repository: Repository,
) -> None:
    write(repository, hold(1, "h1"), hold(1, "h2"))
    held, confirmed = ReservationFilter(status="held"), ReservationFilter(status="confirmed")
    write(repository, confirm("h1"))
    assert _names(repository, 0, 10, held) == (["h2"], None)
    assert _names(repository, 0, 10, confirmed) == (["h1"], None)


@pytest.mark.parametrize("odd", ["quo'te", 'quo"te', "50%", "_", "é", "0", " x "])
def test_a_reference_is_found_by_all_of_it_and_nothing_else(
    repository: Repository, odd: str
) -> None:
    write(
        repository,
        reserve(1, "r1", reference=odd),
        reserve(1, "r2", reference=f"{odd}1"),
        reserve(1, "r3"),
        reserve(1, "r4", partner_id="m", reference=odd),
    )
    assert _names(repository, 0, 10, ReservationFilter(reference=odd)) == (["r1", "r4"], None)
    of_one = ReservationFilter("m", odd)
    assert _names(repository, 0, 10, of_one) == (["r4"], None)


def test_a_list_has_the_reservations_of_its_own_event_only(full: Repository) -> None:
    (other,) = full.reservations_page("another", EVERYTHING, 0, 10).reservations
    assert other == full.reservation("another", "r00")
    assert full.reservations_page("unknown", EVERYTHING, 0, 10).reservations == []
    assert full.reservations_page("unknown", EVERYTHING, 0, 10).next_after is None
