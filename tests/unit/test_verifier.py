"""Proof by replay: each kind of damage that is planted in the database must be found."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.database import Database, new_database, repository_at
from tests.unit.examples import EVENT_ID, cancel, create_event, reserve
from ticketboss.domain.commands import Command
from ticketboss.domain.reservations import PartnerTotals
from ticketboss.engine import verifier
from ticketboss.engine.committer import Committer
from ticketboss.engine.verifier import DIFFERENCES_MAX, Verification, Verifier
from ticketboss.repository.interface import Repository

Damage = Callable[..., None]

# Versions 0 to 6: r1 and r3 are live, r2 is cancelled.
HISTORY: list[Command] = [
    create_event(100),
    reserve(3, "r1", partner_id="abc-corp", reference="PO 4711", key="k"),
    reserve(4, "r2", partner_id="xyz-corp"),
    cancel("r2"),
    reserve(5, "r3", partner_id="xyz-corp"),
    reserve(1, "r4", partner_id="m"),
    cancel("r4"),
]


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return new_database(tmp_path)


@pytest.fixture
def repository(database: Database) -> Repository:
    """A repository with HISTORY in it."""
    repository = repository_at(database.url)
    database.migrate(repository)
    committer = Committer(repository, command_seconds_max=10, queue_length_max=10)
    for command in HISTORY:
        committer.submit(command)
    return repository


@pytest.fixture
def damage(repository: Repository, database: Database) -> Damage:
    """Run SQL on the database behind the repository's back, without foreign keys."""

    def damage(*statements: str) -> None:
        for statement in statements:
            assert database.execute(statement) > 0, "the damage did not take"

    return damage


def _verify(repository: Repository) -> Verification:
    found = Verifier(repository, EVENT_ID).verify()
    assert found is not None
    return found


def test_what_the_engine_wrote_is_clean(repository: Repository) -> None:
    found = _verify(repository)
    assert (found.differences, found.entries, found.version) == ([], 7, 6)


def test_an_unknown_event_has_nothing_to_verify(repository: Repository) -> None:
    assert Verifier(repository, "another").verify() is None


@pytest.mark.parametrize("entries", [1, 2, 3, 7, 8])
def test_a_ledger_of_several_pages_is_clean_wherever_they_end(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, entries: int
) -> None:
    monkeypatch.setattr(verifier, "PAGE_ENTRIES", entries)
    found = _verify(repository)
    assert (found.differences, found.entries) == ([], 7)


REMAKE_ENTRY = """
INSERT INTO ledger SELECT event_id, 7, kind, actor, reservation_id, partner_id, seats, total_seats,
       available_seats {change}, held_seats, reservation_count {count}, at, NULL, NULL, detail, 1
  FROM ledger WHERE version = {version}
"""
SECOND_CANCEL = REMAKE_ENTRY.format(version=3, change="- 5 + 4", count="- 1 + 1")
SECOND_RESERVE = REMAKE_ENTRY.format(version=1, change="- 5 - 3", count="+ 2")
ADD_RESERVATION = """
INSERT INTO reservations SELECT event_id, 'r9', partner_id, reference, 5, status, created_at,
       {version}, {version}, NULL FROM reservations WHERE reservation_id = 'r1'
"""
AGREE_EVENT = """
UPDATE events SET version = 7, available_seats = {available}, reservation_count = {count}
"""
AGREE_PARTNER = """
UPDATE partner_seats SET seats_taken = {seats_taken} WHERE partner_id = '{partner_id}'
"""
ADD_PARTNER = "INSERT INTO partner_seats VALUES ('drop', 'p{number}', 1, 0)"

DAMAGE = {
    "available seats changed": ["UPDATE events SET available_seats = available_seats + 1"],
    "held seats appeared": ["UPDATE events SET held_seats = 1"],
    "reservation count changed": ["UPDATE events SET reservation_count = 3"],
    "capacity changed": ["UPDATE events SET total_seats = 200"],
    "name changed": ["UPDATE events SET name = 'Another'"],
    "version ahead of the ledger": ["UPDATE events SET version = 7"],
    "version behind the ledger": ["UPDATE events SET version = 5"],
    "entry missing in the middle": ["DELETE FROM ledger WHERE version = 3"],
    "last entry missing": ["DELETE FROM ledger WHERE version = 6"],
    "first entry missing": ["DELETE FROM ledger WHERE version = 0"],
    "all entries missing": ["DELETE FROM ledger"],
    "entry's seats changed": ["UPDATE ledger SET seats = 4 WHERE version = 1"],
    "entry's partner changed": ["UPDATE ledger SET partner_id = 'm' WHERE version = 1"],
    "entry's reservation changed": ["UPDATE ledger SET reservation_id = 'r8' WHERE version = 1"],
    "entry's reference changed": ["UPDATE ledger SET detail = NULL WHERE version = 1"],
    "entry's counters changed": ["UPDATE ledger SET available_seats = 0 WHERE version = 2"],
    "entry's total changed": ["UPDATE ledger SET total_seats = 99 WHERE version = 2"],
    "cancellation of other seats": ["UPDATE ledger SET seats = 9 WHERE version = 3"],
    "cancellation for another partner": ["UPDATE ledger SET partner_id = 'm' WHERE version = 3"],
    "detail that is no object": ["UPDATE ledger SET detail = '[1]' WHERE version = 2"],
    "cancellation of an unknown one": ["UPDATE ledger SET reservation_id = '?' WHERE version = 3"],
    "entry of an unknown kind": ["UPDATE ledger SET kind = 'sold' WHERE version = 2"],
    "second creation": ["UPDATE ledger SET kind = 'event_created' WHERE version = 2"],
    "creation without its settings": ["UPDATE ledger SET detail = NULL WHERE version = 0"],
    "entry that the event does not know": [SECOND_CANCEL],
    "live reservation missing": ["DELETE FROM reservations WHERE reservation_id = 'r1'"],
    "cancelled reservation missing": ["DELETE FROM reservations WHERE reservation_id = 'r2'"],
    "reservation added": [ADD_RESERVATION.format(version=3)],
    "reservation added with a later version": [ADD_RESERVATION.format(version=99)],
    "reservation revived": [
        "UPDATE reservations SET status = 'confirmed' WHERE reservation_id = 'r2'"
    ],
    "reservation ended": [
        "UPDATE reservations SET status = 'cancelled' WHERE reservation_id = 'r1'"
    ],
    "reservation's seats changed": [
        "UPDATE reservations SET seats = 4 WHERE reservation_id = 'r1'"
    ],
    "reservation's seats and version changed": [
        "UPDATE reservations SET seats = 4, version = 99 WHERE reservation_id = 'r1'"
    ],
    "reservation's partner changed": [
        "UPDATE reservations SET partner_id = 'm' WHERE reservation_id = 'r1'"
    ],
    "reservation's time changed": [
        "UPDATE reservations SET created_at = 1 WHERE reservation_id = 'r1'"
    ],
    "partner's seats changed": [
        "UPDATE partner_seats SET seats_taken = 9 WHERE partner_id = 'abc-corp'"
    ],
    "partner's seats missing": ["DELETE FROM partner_seats WHERE partner_id = 'abc-corp'"],
    "partner's seats added": ["INSERT INTO partner_seats VALUES ('drop', 'nobody', 2, 0)"],
}


@pytest.mark.parametrize("statements", DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_is_reported(repository: Repository, damage: Damage, statements: list[str]) -> None:
    damage(*statements)
    assert _verify(repository).differences


def test_the_report_names_the_reservation_and_the_partner(
    repository: Repository, damage: Damage
) -> None:
    damage(
        "DELETE FROM reservations WHERE reservation_id = 'r1'",
        "UPDATE partner_seats SET seats_taken = 9 WHERE partner_id = 'xyz-corp'",
    )
    missing, partner, rows = _verify(repository).differences
    assert missing == "reservation r1 has no row"
    by_replay, by_row = PartnerTotals(5, 0), PartnerTotals(9, 0)
    assert partner == f"partner xyz-corp has {by_replay} by the replay, {by_row} by its row"
    assert rows == "the ledger made 4 reservations, there are 3 rows"


def test_an_over_sale_is_called_by_its_name(repository: Repository, damage: Damage) -> None:
    damage("UPDATE ledger SET seats = 200 WHERE version = 1")
    assert any(
        difference.startswith("over-sold at version 1")
        for difference in _verify(repository).differences
    )


@pytest.mark.parametrize(
    ("entry", "counters", "partner", "reason"),
    [
        (SECOND_CANCEL, (96, 1), ("xyz-corp", 1), "entry 7 is about r2, no live reservation"),
        (SECOND_RESERVE, (89, 3), ("abc-corp", 6), "entry 7 makes reservation r1 again"),
    ],
)
def test_an_entry_that_repeats_another_is_found_even_when_all_sums_agree(
    repository: Repository,
    damage: Damage,
    entry: str,
    counters: tuple[int, int],
    partner: tuple[str, int],
    reason: str,
) -> None:
    available, count = counters
    partner_id, seats_taken = partner
    damage(
        entry,
        AGREE_EVENT.format(available=available, count=count),
        AGREE_PARTNER.format(partner_id=partner_id, seats_taken=seats_taken),
    )
    assert _verify(repository).differences == [f"{reason}; the replay stops at version 7"]


def test_a_replay_stops_at_the_first_entry_that_cannot_follow(
    repository: Repository, damage: Damage
) -> None:
    damage("DELETE FROM ledger WHERE version = 3")
    found = _verify(repository)
    assert found.entries == 3
    assert found.differences == [
        "the ledger has a gap before version 4; the replay stops at version 3"
    ]


@pytest.mark.parametrize(
    ("partners", "reported"),
    [
        (DIFFERENCES_MAX, DIFFERENCES_MAX),
        (DIFFERENCES_MAX + 1, DIFFERENCES_MAX + 1),
        (DIFFERENCES_MAX * 3, DIFFERENCES_MAX + 1),
    ],
)
def test_the_list_of_differences_has_an_end(
    repository: Repository, damage: Damage, partners: int, reported: int
) -> None:
    damage(*(ADD_PARTNER.format(number=number) for number in range(partners)))
    differences = _verify(repository).differences
    assert len(differences) == reported
    assert (differences[-1] == "... and more") is (partners > DIFFERENCES_MAX)


def test_another_events_damage_does_not_matter(repository: Repository, damage: Damage) -> None:
    Committer(repository, 10, 10).submit(create_event(event_id="another"))
    damage("UPDATE events SET available_seats = 1 WHERE event_id = 'another'")
    assert _verify(repository).differences == []
