"""From the second schema, which had partners but no keys, to this one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.backends import SQLITE_DRIVERS, sqlite_path, write
from tests.contract.partners import add_key, hash_of
from tests.unit.examples import EVENT_ID, confirm, create_event, hold, reserve
from ticketboss.domain.access import Partner, PartnerStanding
from ticketboss.engine.verifier import Verifier
from ticketboss.repository.interface import SchemaMismatch
from ticketboss.repository.sqlite import migration
from ticketboss.repository.sqlite.driver import Driver
from ticketboss.repository.sqlite.repository import SqliteRepository

SECOND = {1: "0001_events_and_ledger.sql", 2: "0002_holds_and_limits.sql"}
INSERT_PARTNERS = """
INSERT INTO partners (partner_id, name, frozen, release_holds)
VALUES ('abc-corp', 'ABC Ltd', 1, 1), ('m', 'M', 0, 0)
"""


def _make_second_database(path: Path, driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sales and partners in the second schema; its events are written as those of today."""
    with monkeypatch.context() as patched:
        patched.setattr(migration, "migrations", lambda: SECOND)
        repository = SqliteRepository(str(path), driver)
        assert repository.migrate() == list(SECOND.values())
        write(repository, create_event(20, is_test=True, seats_per_partner_max=9))
        write(repository, hold(2, "h1"), reserve(3, "r1", key="k"), hold(1, "h2"))
        write(repository, confirm("h2"))
        repository.close()
    connection = driver.module.connect(path)
    connection.execute(INSERT_PARTNERS)
    connection.commit()
    connection.close()


@pytest.fixture(params=sorted(SQLITE_DRIVERS))
def second(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SqliteRepository]:
    """A database of the second schema, not yet migrated."""
    driver = SQLITE_DRIVERS[request.param]
    _make_second_database(sqlite_path(tmp_path), driver, monkeypatch)
    repository = SqliteRepository(str(sqlite_path(tmp_path)), driver)
    yield repository
    repository.close()


def _events(repository: SqliteRepository) -> object:
    ids = ["h1", "r1", "h2"]
    rows = [repository.reservation(EVENT_ID, reservation_id) for reservation_id in ids]
    return repository.totals(EVENT_ID), rows, repository.ledger(EVENT_ID, -1, 100)


def test_the_second_schema_must_be_migrated_before_use(second: SqliteRepository) -> None:
    with pytest.raises(SchemaMismatch, match="python -m ticketboss migrate"):
        second.check()
    assert second.migrate() == [
        "0003_keys.sql",
        "0004_lists_and_feed.sql",
        "0005_reference_of_partner.sql",
    ]
    second.check()
    assert second.migrate() == []


def test_events_and_their_ledgers_stay_as_they_were(second: SqliteRepository) -> None:
    before = _events(second)
    second.migrate()
    assert _events(second) == before
    verification = Verifier(second, EVENT_ID).verify()
    assert verification is not None
    assert (verification.entries, verification.differences) == (5, [])
    assert second.damage() == []


def test_partners_stay_as_frozen_as_they_were_and_have_no_key_yet(
    second: SqliteRepository,
) -> None:
    second.migrate()
    frozen = Partner("abc-corp", "ABC Ltd", frozen=True, release_holds=True)
    assert second.access.partners("", 10) == [
        PartnerStanding(frozen, live_keys=0, open_holds=1),
        PartnerStanding(Partner("m", "M"), live_keys=0, open_holds=0),
    ]
    assert second.snapshot(EVENT_ID, [reserve()]).state.frozen == {"abc-corp"}
    assert second.access.keys("", 10) == []
    assert second.access.admin_log(None, 10) == []


def test_a_partner_of_before_gets_a_key_and_keeps_its_freeze(second: SqliteRepository) -> None:
    second.migrate()
    key = add_key(second, "key-1")
    assert second.access.live_key(hash_of("key-1")) == key
    frozen = Partner("abc-corp", "ABC Ltd", frozen=True, release_holds=True)
    assert second.access.partner("abc-corp") == PartnerStanding(frozen, 1, 1)
