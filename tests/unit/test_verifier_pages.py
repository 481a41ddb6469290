"""Proof by replay, page by page, and while somebody sells."""

from pathlib import Path

import pytest

from tests.database import Database, new_database, repository_at
from tests.unit.examples import EVENT_ID, create_event, reserve
from ticketboss.engine import verifier
from ticketboss.engine.committer import Committer
from ticketboss.engine.verifier import Verifier
from ticketboss.repository.interface import Repository

RESERVATIONS = 7


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return new_database(tmp_path)


@pytest.fixture
def repository(database: Database) -> Repository:
    """A repository with a reservation of each of some partners."""
    repository = repository_at(database.url)
    database.migrate(repository)
    committer = _committer(repository)
    committer.submit(create_event(100))
    for number in range(RESERVATIONS):
        committer.submit(reserve(1, f"r{number}", partner_id=f"p{number}"))
    return repository


def _committer(repository: Repository) -> Committer:
    return Committer(repository, command_seconds_max=10, queue_length_max=10)


@pytest.mark.parametrize("reservation_id", ["r0", "r6"])
def test_a_difference_on_any_page_is_told_once(
    repository: Repository,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    reservation_id: str,
) -> None:
    monkeypatch.setattr(verifier, "PAGE_ENTRIES", 2)
    assert database.execute(
        f"UPDATE reservations SET reference = 'x' WHERE reservation_id = '{reservation_id}'"  # noqa: S608 - our own id
    )
    found = Verifier(repository, EVENT_ID).verify()
    assert found is not None
    assert (found.event_id, len(found.differences)) == (EVENT_ID, 1)


def test_a_partner_that_has_nothing_may_have_a_row_of_it(
    repository: Repository, database: Database
) -> None:
    assert database.execute(f"INSERT INTO partner_seats VALUES ('{EVENT_ID}', 'nobody', 0, 0)")  # noqa: S608 - our own id
    found = Verifier(repository, EVENT_ID).verify()
    assert found is not None
    assert found.differences == []


@pytest.mark.parametrize("more", [1, 2])
def test_what_is_sold_meanwhile_is_no_difference(
    repository: Repository, database: Database, more: int
) -> None:
    committer = _committer(repository_at(database.url))
    numbers = list(range(more))

    def sell() -> None:
        while numbers:
            committer.submit(reserve(1, f"later-{numbers.pop()}"))

    found = Verifier(repository, EVENT_ID, pause=sell).verify()
    assert found is not None
    assert (found.version, found.differences) == (RESERVATIONS, [])
