"""What /metrics counts, and that its labels stay few."""

from typing import Any, NoReturn

import pytest
from flask import Flask

from tests.api.conftest import Clock, CreateEventOf
from tests.api.partner import PARTNER_ID, PartnerClient
from tests.exposition import Exposition
from tests.sqlite_file import SqliteFile
from ticketboss.api import metrics
from ticketboss.api.context import EXTENSION
from ticketboss.metrics import COMMANDS, FAILURES
from ticketboss.repository.interface import Conflict, StorageUnavailable

EVENT_ID = "node-meetup-2025"
EVENT = f"/events/{EVENT_ID}"
HISTOGRAMS = ("batch_commands", "commit_seconds", "lock_wait_seconds")
PARTS = ("bucket", "sum", "count")


def scraped(client: PartnerClient) -> Exposition:
    """What /metrics tells now."""
    response = client.get("/metrics")
    assert response.status_code == 200, response.text
    return Exposition(response.text)


def test_metrics_are_in_the_format_of_prometheus(client: PartnerClient) -> None:
    response = client.get("/metrics")

    assert response.content_type.startswith("text/plain; version=")
    assert "charset=utf-8" in response.content_type
    assert response.headers["Cache-Control"] == "no-store"


def test_there_is_all_that_an_operator_looks_for(client: PartnerClient) -> None:
    client.reserve()

    names = scraped(client).names()

    counters = {"requests", "commands", "ledger_entries", "conflicts"}
    assert names >= {f"{name}_total" for name in counters}
    assert names >= {f"{name}_{part}" for name in HISTOGRAMS for part in PARTS}
    assert names >= {"queue_length", "available_seats", "log_bytes"}


def test_requests_are_counted_by_route_and_status(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("concert", seats=3)
    made = [client.reserved_id(), client.reserved_id(at=at)]
    for reservation_id in made:
        client.get(f"/reservations/{reservation_id}")
    client.reserve(4, at=at)
    client.reserve(0)
    client.get("/events/unknown/ledger")

    counted = scraped(client).counted("requests_total", "route", "status")

    assert counted == {
        ("/reservations", "201"): 1,
        ("/reservations", "400"): 1,
        ("/events/<event_id>/reservations", "201"): 1,
        ("/events/<event_id>/reservations", "409"): 1,
        ("/reservations/<reservation_id>", "200"): 1,
        ("/reservations/<reservation_id>", "404"): 1,
        ("/events/<event_id>/ledger", "404"): 1,
    }


def test_scrape_counts_itself_in_the_next_one(client: PartnerClient) -> None:
    for number in range(3):
        assert scraped(client).total("requests_total", route="/metrics") == number


def test_whatever_has_no_route_is_counted_together(client: PartnerClient) -> None:
    for number in range(5):
        client.get(f"/nothing/{number}")
        client.open("/reservations", method=f"BREW{number}")
        client.get(f"/nothing/{number}", headers={"Host": f"{number}@"})

    counted = scraped(client).counted("requests_total", "route", "status")

    assert counted == {("none", "404"): 5, ("none", "405"): 5, ("none", "400"): 5}


def test_what_the_gate_refuses_is_counted_for_its_route(client: PartnerClient) -> None:
    client.get("/", headers={"Host": "b@d"})
    client.post_body(b" " * 16_385)
    chunked = {"Transfer-Encoding": "chunked", "Content-Type": "application/json"}
    client.post("/reservations/bulk", headers=chunked)
    client.get("/healthz", headers={"Host": "b@d"})

    assert scraped(client).counted("requests_total", "route", "status") == {
        ("/", "400"): 1,
        ("/reservations", "413"): 1,
        ("/reservations/bulk", "411"): 1,
        ("/healthz", "400"): 1,
    }


def test_failures_of_every_route_and_command_are_told_before_there_are_any(
    app: Flask, client: PartnerClient
) -> None:
    found = scraped(client)

    requests = found.values("requests_total", "route", "status")
    routes = {rule.rule for rule in app.url_map.iter_rules()} | {"none", "simulated"}
    assert requests == {(route, status): 0 for route in routes for status in ("401", "500")}
    commands = found.values("commands_total", "command", "outcome")
    assert {outcome for _, outcome in commands} == set(FAILURES)
    assert {command for command, _ in commands} == set(COMMANDS)
    assert set(commands.values()) == {0}


def test_commands_are_counted_by_how_they_ended(client: PartnerClient) -> None:
    hold_id, reservation_id = client.held_id(), client.reserved_id()
    client.confirm(hold_id)
    client.confirm(hold_id)
    client.change(reservation_id, seats=2)
    for _ in range(2):
        client.cancel(reservation_id)
    for _ in range(3):
        client.reserve(1, key="order-1")
    client.reserve(11)
    client.hold(11)
    client.reserve_many({"seats": 1}, {"seats": 11})
    client.patch(EVENT, json={"name": "Another"})

    counted = scraped(client).counted("commands_total", "command", "outcome")

    assert counted == {
        ("hold", "accepted"): 1,
        ("hold", "too_many_seats"): 1,
        ("reserve", "accepted"): 2,
        ("reserve", "replayed"): 2,
        ("reserve", "too_many_seats"): 1,
        ("confirm", "accepted"): 1,
        ("confirm", "unchanged"): 1,
        ("change", "accepted"): 1,
        ("cancel", "accepted"): 1,
        ("cancel", "already_cancelled"): 1,
        ("reserve_many", "accepted"): 1,
        ("change_event", "accepted"): 1,
    }


def test_entries_are_counted_by_kind_expiries_among_them(
    client: PartnerClient, clock: Clock
) -> None:
    client.reserve_many({"seats": 1}, {"seats": 1}, {"seats": 1, "holdSeconds": 10})
    clock.move(10)
    client.cancel(client.held_id())

    counted = scraped(client).values("ledger_entries_total", "kind")

    expected = {"reserved": 2, "held": 2, "expired": 1, "released": 1}
    assert counted == {(kind,): count for kind, count in expected.items()}


def test_commits_and_their_waits_are_measured(client: PartnerClient) -> None:
    client.reserve()
    client.reserve(11)

    found = scraped(client)

    # A refusal is decided in a batch too, and commits nothing.
    assert found.total("batch_commands_count") == found.total("batch_commands_sum") == 2
    assert found.total("commit_seconds_count") == found.total("lock_wait_seconds_count") == 1
    assert 0 < found.total("lock_wait_seconds_sum") <= found.total("commit_seconds_sum") < 5
    assert found.total("queue_length") == 0


def test_plans_that_were_made_again_are_counted(
    app: Flask, client: PartnerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = app.extensions[EXTENSION].repository
    exclusive, lost = repository.exclusive, [Conflict()]

    def lose(*_: Any) -> NoReturn:
        raise Conflict

    def lose_once(*arguments: Any) -> Any:
        if lost:
            raise lost.pop()
        return exclusive(*arguments)

    monkeypatch.setattr(repository, "commit", lose)
    monkeypatch.setattr(repository, "exclusive", lose_once)
    client.reserve()

    found = scraped(client)
    assert (found.total("conflicts_total"), found.total("commit_seconds_count")) == (2, 1)


def test_failures_are_counted_too(
    app: Flask, client: PartnerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> NoReturn:
        raise StorageUnavailable("disk full")

    monkeypatch.setattr(app.extensions[EXTENSION].repository, "commit", fail)
    client.reserve()

    found = scraped(client)
    assert found.total("commands_total", outcome="storage_unavailable") == 1
    assert found.total("requests_total", status="503") == 1
    assert found.total("ledger_entries_total") == 0


def test_seats_of_each_event_are_told(client: PartnerClient, create_event: CreateEventOf) -> None:
    client.reserve(2, at=create_event("concert", seats=10))

    found = scraped(client)

    seats = {("concert",): 8, (EVENT_ID,): 500}
    assert found.values("available_seats", "event") == seats


@pytest.mark.sqlite_only("PostgreSQL's log is not ours to measure")
def test_size_of_the_log_is_told(client: PartnerClient, database: SqliteFile) -> None:
    client.reserve()

    found = scraped(client)

    log = database.path.with_name(f"{database.path.name}-wal")
    assert found.values("log_bytes", "storage") == {("sqlite",): log.stat().st_size}


def test_only_so_many_events_are_told_of(
    client: PartnerClient, create_event: CreateEventOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        create_event(f"event-{number}", seats=number + 1)
    monkeypatch.setattr(metrics, "METRICS_EVENTS_MAX", 3)

    assert scraped(client).values("available_seats", "event") == {
        ("event-0",): 1,
        ("event-1",): 2,
        ("event-2",): 3,
    }


def test_labels_tell_of_no_partner_and_of_no_reservation(client: PartnerClient) -> None:
    reservation_id = client.reserve(reference="PO-4711", key="order-1").get_json()["reservationId"]
    client.change(reservation_id, seats=2)
    client.get(f"/reservations/{reservation_id}?x=query")
    client.post(f"/partners/{PARTNER_ID}/freeze", json={"holds": "keep"})
    client.reserve()

    text = client.get("/metrics").text

    for secret in (PARTNER_ID, reservation_id, "PO-4711", "order-1", "query"):
        assert secret not in text
    labels = {"route", "status", "command", "outcome", "kind", "le", "event", "storage"}
    assert Exposition(text).label_names() == labels
