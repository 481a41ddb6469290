"""Proof by replay of holds, changes and settings: each kind of damage must be found."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.database import Database, new_database, repository_at
from tests.unit.examples import (
    EVENT_ID,
    NOW,
    cancel,
    change,
    change_event,
    confirm,
    create_event,
    hold,
    reserve,
    sweep,
)
from ticketboss.domain.commands import Command
from ticketboss.domain.ledger import STATUS_AFTER
from ticketboss.engine.committer import Committer
from ticketboss.engine.verifier import Verifier
from ticketboss.repository.interface import Repository

Damage = Callable[[str], None]

# Versions 0 to 9, and entry 10 expires h3: every kind of entry is among them.
HISTORY: list[Command] = [
    create_event(50),
    hold(3, "h1", reference="PO 4711"),
    hold(2, "h2"),
    hold(1, "h3", partner_id="m", hold_seconds=10),
    hold(4, "h4", partner_id="m"),
    reserve(5, "r1"),
    change("r1", 6),
    change("h4", 2, hold_seconds=90),
    confirm("h1"),
    cancel("h2"),
    change_event(total_seats=40, paused=True),
]
DAMAGE = {
    "expiry changed": "UPDATE reservations SET expires_at = 5 WHERE reservation_id = 'h4'",
    "hold confirmed": """
        UPDATE reservations SET status = 'confirmed', expires_at = NULL WHERE status = 'held'
    """,
    "hold revived": """
        UPDATE reservations SET status = 'held', expires_at = 5 WHERE reservation_id = 'h3'
    """,
    "expired hold called released": """
        UPDATE reservations SET status = 'cancelled' WHERE reservation_id = 'h3'
    """,
    "reference lost": "UPDATE reservations SET reference = NULL WHERE reservation_id = 'h1'",
    "held seats changed": "UPDATE events SET held_seats = 1",
    "open holds changed": "UPDATE partner_seats SET open_holds = 0 WHERE partner_id = 'm'",
    "open holds of nobody": "INSERT INTO partner_seats VALUES ('drop', 'nobody', 0, 1)",
    "resumed": "UPDATE events SET paused = 0",
    "cancelled": "UPDATE events SET cancelled = 1",
    "made a test": "UPDATE events SET is_test = 1",
    "partner's limit": "UPDATE events SET seats_per_partner_max = 5",
    "limit of holds": "UPDATE events SET open_holds_per_partner_max = 5",
    "limit of extensions": "UPDATE events SET hold_seconds_total_max = 5",
    "window opened": "UPDATE events SET on_sale_from = 5",
    "window closed": "UPDATE events SET on_sale_until = 5",
    "expiry entry gone": "DELETE FROM ledger WHERE kind = 'expired'",
    "release called expiry": "UPDATE ledger SET kind = 'expired' WHERE kind = 'released'",
    "confirmation called change": "UPDATE ledger SET kind = 'changed' WHERE kind = 'confirmed'",
    "seats before the change": """
        UPDATE ledger SET detail = replace(detail, '"seats_before": 5', '"seats_before": 4')
         WHERE kind = 'changed' AND detail LIKE '%"seats_before": 5%'
    """,
    "settings of a change": """
        UPDATE ledger SET detail = replace(detail, '"paused": true', '"paused": false')
         WHERE kind = 'event_changed' AND detail LIKE '%"paused": true%'
    """,
    "settings of a change gone": "UPDATE ledger SET detail = NULL WHERE kind = 'event_changed'",
    "expiry in the ledger": """
        UPDATE ledger SET detail = replace(detail, '"expires_at": 17', '"expires_at": 16')
         WHERE kind = 'hold_changed' AND detail LIKE '%"expires_at": 17%'
    """,
}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return new_database(tmp_path)


@pytest.fixture
def repository(database: Database) -> Repository:
    """A repository with HISTORY in it, ten seconds later."""
    now = NOW
    repository = repository_at(database.url, clock=lambda: now)
    database.migrate(repository)
    committer = Committer(repository, command_seconds_max=10, queue_length_max=10)
    for command in HISTORY:
        committer.submit(command)
    now += 10_000
    committer.submit(sweep())
    return repository


@pytest.fixture
def damage(repository: Repository, database: Database) -> Damage:
    """Run SQL on the database behind the repository's back."""

    def damage(statement: str) -> None:
        assert database.execute(statement) > 0, "the damage did not take"

    return damage


def _differences(repository: Repository) -> list[str]:
    found = Verifier(repository, EVENT_ID).verify()
    assert found is not None
    return found.differences


def test_what_the_engine_wrote_is_clean(repository: Repository) -> None:
    kinds = {entry.kind for entry in repository.ledger(EVENT_ID, -1, 100)}
    # Only "cancelled" is left to the other test of the verifier.
    assert kinds == {"event_created", "event_changed", *STATUS_AFTER} - {"cancelled"}
    assert _differences(repository) == []


@pytest.mark.parametrize("statement", DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_is_reported(repository: Repository, damage: Damage, statement: str) -> None:
    damage(statement)
    assert _differences(repository)


def test_seats_that_came_back_twice_are_found(repository: Repository, damage: Damage) -> None:
    damage("""
        INSERT INTO ledger SELECT event_id, 12, kind, actor, reservation_id, partner_id, seats,
               total_seats, available_seats, held_seats, reservation_count, at, NULL, NULL,
               detail, 1 FROM ledger WHERE kind = 'expired'
    """)
    damage("UPDATE events SET version = 12")
    assert _differences(repository) == [
        "entry 12 is about h3, no live reservation; the replay stops at version 12"
    ]


def test_counters_that_differ_are_told_with_the_total(
    repository: Repository, damage: Damage
) -> None:
    damage("UPDATE ledger SET total_seats = 99 WHERE version = 2")
    assert _differences(repository) == [
        "entry 2 says counters (99, 45, 5, 0), the replay (50, 45, 5, 0)"
    ]
