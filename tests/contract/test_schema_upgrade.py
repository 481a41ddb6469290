"""From the first release's schema, with sales in it, to this one."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.backends import SQLITE_DRIVERS, sqlite_path, within, write
from tests.contract.schema_one import AT, FIRST, make_first_database
from tests.unit.examples import cancel, change_event, confirm, hold, reserve
from ticketboss.domain.decide import decide
from ticketboss.domain.decisions import Replay
from ticketboss.domain.events import Event
from ticketboss.domain.ledger import replay
from ticketboss.domain.reservations import PartnerTotals, Reservation
from ticketboss.engine.batch import BatchRunner
from ticketboss.engine.verifier import Verifier
from ticketboss.repository.interface import SchemaMismatch
from ticketboss.repository.sqlite.migration import migrations
from ticketboss.repository.sqlite.repository import SqliteRepository

EVENT = Event(
    event_id="drop",
    name="The drop",
    total_seats=10,
    available_seats=7,
    held_seats=0,
    reservation_count=1,
    version=3,
    seats_per_reservation_max=4,
    seats_per_partner_max=None,
    open_holds_per_partner_max=1_000,
    hold_seconds_total_max=3_600,
    on_sale_from=None,
    on_sale_until=None,
    is_test=False,
    paused=False,
    cancelled=False,
)


@pytest.fixture(params=sorted(SQLITE_DRIVERS))
def first(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SqliteRepository]:
    """A database of the first release, not yet migrated."""
    driver = SQLITE_DRIVERS[request.param]
    make_first_database(tmp_path, driver, monkeypatch)
    repository = SqliteRepository(str(sqlite_path(tmp_path)), driver)
    yield repository
    repository.close()


@pytest.fixture
def upgraded(first: SqliteRepository) -> SqliteRepository:
    first.migrate()
    return first


def _differences(repository: SqliteRepository) -> list[str]:
    verification = Verifier(repository, "drop").verify()
    assert verification is not None
    return verification.differences


def test_the_first_schema_must_be_migrated_before_use(first: SqliteRepository) -> None:
    with pytest.raises(SchemaMismatch, match="python -m ticketboss migrate"):
        first.check()
    assert first.migrate() == [name for number, name in migrations().items() if number > len(FIRST)]
    first.check()
    assert first.migrate() == []


def test_what_was_sold_before_is_there_with_the_defaults_of_the_new_settings(
    upgraded: SqliteRepository,
) -> None:
    totals = upgraded.totals("drop")
    assert totals == (EVENT, {"abc-corp": PartnerTotals(3, 0), "m": PartnerTotals(0, 0)})
    assert upgraded.reservation("drop", "r1") == Reservation(
        reservation_id="r1",
        partner_id="abc-corp",
        reference="PO 4711",
        seats=3,
        status="confirmed",
        created_at=AT + 1,
        created_version=1,
        version=1,
        expires_at=None,
    )
    cancelled = upgraded.reservation("drop", "r2")
    assert cancelled is not None
    assert (cancelled.status, cancelled.reference) == ("cancelled", "PO 12")


def test_the_ledger_of_before_gives_the_rows_of_after(upgraded: SqliteRepository) -> None:
    state = replay(upgraded.ledger("drop", -1, 10))
    assert state.event == EVENT
    for id_, reservation in state.reservations.items():
        assert reservation == upgraded.reservation("drop", id_)
    assert _differences(upgraded) == []


def test_a_request_of_before_is_still_known_by_its_key(upgraded: SqliteRepository) -> None:
    retry = reserve(3, "minted-again", reference="PO 4711", key="k")
    snapshot = upgraded.snapshot("drop", [retry])
    decision = decide(snapshot.state, retry, snapshot.now)
    assert isinstance(decision, Replay), decision
    assert (decision.entry.version, decision.entry.reservation_id) == (1, "r1")


def test_the_sale_goes_on_where_it_stopped(upgraded: SqliteRepository) -> None:
    write(upgraded, hold(4, "h1"), cancel("r1"))
    write(upgraded, change_event(total_seats=20, seats_per_partner_max=5), confirm("h1"))
    event = upgraded.event("drop")
    assert event is not None
    assert (event.version, event.available_seats, event.reservation_count) == (7, 16, 1)
    assert _differences(upgraded) == []


def test_nothing_of_before_is_due(upgraded: SqliteRepository) -> None:
    assert upgraded.events_due(2**62, 10) == []
    runner = BatchRunner(upgraded)
    (answer,) = runner.run("drop", [change_event(cancelled=True)], within())
    assert not isinstance(answer, BaseException)
    assert upgraded.events_due(time.time_ns() // 1_000_000, 10) == ["drop"]
