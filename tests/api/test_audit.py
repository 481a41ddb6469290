"""The audit: the replay of an event's ledger beside its counters and reservations."""

from collections.abc import Callable

import pytest

from tests.api.conftest import ChangeEventOf, Clock, CreateEventOf
from tests.api.keyed import Keyed
from tests.api.partner import PartnerClient, problem
from tests.database import Database
from ticketboss.api import ledger

EVENT = "/events/node-meetup-2025"
AUDIT = f"{EVENT}/audit"

Tamper = Callable[[str], None]


@pytest.fixture
def tamper(database: Database) -> Tamper:
    """Changes one row of the database behind the application's back."""

    def run(statement: str) -> None:
        assert database.execute(statement) == 1

    return run


def differences(client: PartnerClient, url: str = AUDIT) -> list[str]:
    """What the audit finds wrong."""
    response = client.get(url)
    assert response.status_code == 200, response.text
    found: list[str] = response.get_json()["differences"]
    return found


def test_audit_of_a_varied_history_is_clean(
    client: PartnerClient, clock: Clock, change_event: ChangeEventOf
) -> None:
    client.change(client.reserved_id(3), seats=1)
    client.confirm(client.held_id(2))
    client.hold(1, seconds=10)
    client.reserve_many({"seats": 2}, {"seats": 11}, {"seats": 1, "holdSeconds": 600})
    clock.move(10)
    change_event(total_seats=600)

    response = client.get(AUDIT)

    version = client.event(EVENT)["version"]
    assert response.get_json() == {
        "eventId": "node-meetup-2025",
        "version": version,
        "entries": version + 1,
        "differences": [],
    }
    assert response.headers["Cache-Control"] == "no-store"


def test_audit_of_a_new_event_is_clean(client: PartnerClient) -> None:
    assert client.get(f"{AUDIT}/").get_json() == {
        "eventId": "node-meetup-2025",
        "version": 0,
        "entries": 1,
        "differences": [],
    }


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE reservations SET seats = 3 WHERE created_version = 1", "seats=3"),
        ("UPDATE reservations SET partner_id = 'rival' WHERE created_version = 1", "rival"),
        ("UPDATE reservations SET status = 'cancelled' WHERE created_version = 1", "cancelled"),
        ("DELETE FROM reservations WHERE created_version = 1", "has no row"),
        ("UPDATE events SET available_seats = available_seats + 1", "the row is"),
        ("UPDATE ledger SET seats = 3 WHERE version = 1", "says counters"),
        ("UPDATE ledger SET partner_id = 'rival' WHERE version = 1", "rival"),
        ("DELETE FROM ledger WHERE version = 1", "gap before version 2"),
        ("UPDATE partner_seats SET seats_taken = 1", "by its row"),
    ],
)
def test_audit_finds_what_was_changed_behind_the_servers_back(
    client: PartnerClient, tamper: Tamper, statement: str, found: str
) -> None:
    client.reserve(2)
    client.reserve(5)
    assert differences(client) == []

    tamper(statement)

    told = differences(client)
    assert any(found in line for line in told), told


def test_audit_looks_at_one_event_alone(
    client: PartnerClient, create_event: CreateEventOf, tamper: Tamper
) -> None:
    elsewhere = create_event("elsewhere", seats=5)
    client.reserve()
    tamper("UPDATE events SET available_seats = 1 WHERE event_id = 'elsewhere'")

    assert differences(client) == []
    assert differences(client, f"{elsewhere}/audit") != []


def test_audit_changes_nothing_and_leaves_the_event_on_sale(
    client: PartnerClient, tamper: Tamper
) -> None:
    client.reserve()
    tamper("UPDATE reservations SET reference = 'forged' WHERE created_version = 1")

    assert len(differences(client)) == 1
    assert len(differences(client)) == 1
    assert client.reserve().get_json()["version"] == 2


def test_audit_is_for_operators_alone(keyed: Keyed, create_event: CreateEventOf) -> None:
    rehearsal = create_event("rehearsal", seats=5, is_test=True)

    problem(keyed.partner().get(AUDIT), 403, "wrong_scope")
    problem(keyed.nobody().get(AUDIT), 401, "key_required")
    problem(keyed.operator(is_test=True).get(AUDIT), 403, "test_key")
    problem(keyed.operator().get(f"{rehearsal}/audit"), 403, "test_key")
    problem(keyed.operator().get("/events/unknown/audit"), 404, "event_not_found")
    assert differences(keyed.operator()) == []
    assert differences(keyed.operator(is_test=True), f"{rehearsal}/audit") == []


def test_ledger_that_is_too_long_is_not_audited_over_http(
    client: PartnerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.reserve_many(*[{"seats": 1}] * 9)
    monkeypatch.setattr(ledger, "AUDIT_ENTRIES_MAX", 10)
    assert differences(client) == []
    client.reserve()

    document = problem(client.get(AUDIT), 409, "audit_too_large")

    assert (document["entries"], document["entriesMax"]) == (11, 10)
    assert "python -m ticketboss verify" in document["detail"]
