"""A page looks at a bounded number of rows, and a follower of the pages misses none."""

from contextlib import ExitStack
from pathlib import Path
from time import monotonic

import pytest

from tests.contract.backends import PATIENCE_SECONDS, write
from tests.contract.lists import FILTERS, fill, is_wanted, pages
from tests.contract.process import let_go, started
from tests.unit.examples import EVENT_ID, PARTNER_ID, create_event, reserve
from ticketboss.repository.interface import ROWS_SCANNED_MAX, Repository, ReservationFilter
from ticketboss.repository.sql import reading

EVERYTHING = ReservationFilter()
WRITERS = 3
RESERVATIONS_EACH = 25


def _bound(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    # Each backend takes the bound into its own module, so there is a line for each of them.
    monkeypatch.setattr(reading, "ROWS_SCANNED_MAX", rows)


@pytest.mark.parametrize("rows", [1, 2, 5, 12, 36, 37])
def test_with_few_rows_to_look_at_no_row_is_skipped_or_repeated(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    fill(repository)
    in_order = [row for page in pages(repository, EVERYTHING, 1_000) for row in page.reservations]
    _bound(monkeypatch, rows)
    for wanted in FILTERS:
        expected = [row for row in in_order if is_wanted(row, wanted)]
        for limit in (1, 3, 100):
            found = list(pages(repository, wanted, limit))
            assert [row for page in found for row in page.reservations] == expected
            assert all(len(page.reservations) <= min(limit, rows) for page in found)


def test_a_sparse_filter_gives_empty_pages_that_have_a_next_one(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(repository, *(reserve(1, f"r{number}") for number in range(1, 10)))
    _bound(monkeypatch, 4)
    found = list(pages(repository, ReservationFilter(status="held"), 10))
    assert [(page.reservations, page.next_after) for page in found] == [
        ([], 4),
        ([], 8),
        ([], None),
    ]


def test_a_short_page_goes_on_behind_all_that_was_looked_at(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(repository, *(reserve(1, f"r{n}", reference=f"PO {n % 3}") for n in range(1, 10)))
    _bound(monkeypatch, 5)
    wanted = ReservationFilter(PARTNER_ID, status="confirmed")
    first = repository.reservations_page(EVENT_ID, wanted, 0, 10)
    assert [row.created_version for row in first.reservations] == [1, 2, 3, 4, 5]
    assert first.next_after == 5


def test_partners_and_references_do_not_look_at_the_rows_of_others(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(repository, *(reserve(1, f"r{number}") for number in range(20)))
    write(repository, reserve(1, "mine", partner_id="m", reference="PO 1"))
    _bound(monkeypatch, 2)
    for wanted in (ReservationFilter("m"), ReservationFilter(reference="PO 1")):
        page = repository.reservations_page(EVENT_ID, wanted, 0, 10)
        assert [row.reservation_id for row in page.reservations] == ["mine"]
        assert page.next_after is None


def test_a_partners_reference_does_not_look_at_others_that_use_the_same(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(repository, *(reserve(1, f"r{number}", reference="PO 1") for number in range(20)))
    write(repository, *(reserve(1, f"m{number}", partner_id="m") for number in range(20)))
    write(repository, reserve(1, "mine", partner_id="m", reference="PO 1"))
    _bound(monkeypatch, 2)
    page = repository.reservations_page(EVENT_ID, ReservationFilter("m", "PO 1"), 0, 10)
    assert [row.reservation_id for row in page.reservations] == ["mine"]
    assert page.next_after is None
    nothing = repository.reservations_page(EVENT_ID, ReservationFilter("m", "PO 2"), 0, 10)
    assert (nothing.reservations, nothing.next_after) == ([], None)


def test_a_row_beyond_the_bound_as_it_is_set_is_still_found(repository: Repository) -> None:
    batch = 500
    write(repository, create_event(ROWS_SCANNED_MAX + 1, event_id="big"))
    for start in range(0, ROWS_SCANNED_MAX, batch):
        write(
            repository,
            *(reserve(1, f"r{n}", event_id="big") for n in range(start, start + batch)),
        )
    write(repository, reserve(1, "last", event_id="big", partner_id="m", reference="PO 1"))
    sparse = ReservationFilter(status="held")
    assert repository.reservations_page("big", sparse, 0, 10).next_after == ROWS_SCANNED_MAX
    assert repository.reservations_page("big", sparse, ROWS_SCANNED_MAX, 10).next_after is None
    behind = repository.reservations_page("big", EVERYTHING, ROWS_SCANNED_MAX, 10)
    assert [row.reservation_id for row in behind.reservations] == ["last"]


@pytest.mark.parametrize("wanted", [EVERYTHING, ReservationFilter(PARTNER_ID, status="confirmed")])
@pytest.mark.parametrize("rows", [3, ROWS_SCANNED_MAX])
def test_a_follower_that_pages_while_others_write_misses_no_row(
    repository: Repository,
    backend: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    wanted: ReservationFilter,
    rows: int,
) -> None:
    _bound(monkeypatch, rows)
    names = [[f"w{w}-{n}" for n in range(RESERVATIONS_EACH)] for w in range(WRITERS)]
    seen: list[int] = []
    with ExitStack() as stack:
        writers = [stack.enter_context(started(backend, tmp_path, "sell", *mine)) for mine in names]
        for writer in writers:
            let_go(writer)
        deadline = monotonic() + PATIENCE_SECONDS
        while len(seen) < WRITERS * RESERVATIONS_EACH and monotonic() < deadline:
            for page in pages(repository, wanted, 2, after=seen[-1] if seen else 0):
                seen.extend(row.created_version for row in page.reservations)
        assert [writer.wait(PATIENCE_SECONDS) for writer in writers] == [0] * WRITERS
    assert seen == list(range(1, WRITERS * RESERVATIONS_EACH + 1))
