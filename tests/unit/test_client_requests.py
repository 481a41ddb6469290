"""What each method sends, and what it makes of the answer."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.client.stub import (
    API_KEY,
    EVENT,
    RESERVED,
    Reaction,
    Stub,
    Told,
    event,
    in_turn,
    problem,
    reservation,
)
from ticketboss.client import BulkItem, Client, TicketBossError, errors

Use = Callable[[Client], Any]
EVENT_PATH = f"/events/{EVENT}"
ONE = f"{EVENT_PATH}/reservations/r1"
BULK = Told(201, {"outcomes": [], "version": 7, "availableSeats": 93})


def _client(url: str, **settings: Any) -> Client:
    return Client(url, API_KEY, event_id=EVENT, attempts_max=1, **settings)


@pytest.mark.parametrize(
    ("use", "answer", "method", "path", "body"),
    [
        (
            lambda c: c.reserve(2, min_seats=1, reference="A-17"),
            RESERVED,
            "POST",
            f"{EVENT_PATH}/reservations",
            {"seats": 2, "minSeats": 1, "reference": "A-17"},
        ),
        (lambda c: c.reserve(2), RESERVED, "POST", f"{EVENT_PATH}/reservations", {"seats": 2}),
        (
            lambda c: c.hold(2, hold_seconds=60),
            RESERVED,
            "POST",
            f"{EVENT_PATH}/reservations",
            {"seats": 2, "holdSeconds": 60},
        ),
        (lambda c: c.confirm("r1"), Told(200, reservation()), "POST", f"{ONE}/confirm", None),
        (lambda c: c.cancel("r1"), Told(204), "DELETE", ONE, None),
        (
            lambda c: c.change("r1", seats=3, hold_seconds=60),
            Told(200, reservation()),
            "PATCH",
            ONE,
            {"seats": 3, "holdSeconds": 60},
        ),
        (
            lambda c: c.reserve_many([BulkItem(seats=1), BulkItem(seats=2, hold_seconds=9)]),
            BULK,
            "POST",
            f"{EVENT_PATH}/reservations/bulk",
            {"items": [{"seats": 1}, {"seats": 2, "holdSeconds": 9}], "atomic": False},
        ),
    ],
)
def test_a_write_is_sent_as_the_api_wants_it(
    use: Use, answer: Reaction, method: str, path: str, body: Any
) -> None:
    with Stub(in_turn(answer)) as stub, _client(stub.url + "/") as client:
        use(client)
    (seen,) = stub.seen
    assert (seen.method, seen.target) == (method, path)
    assert (seen.document if seen.body else None) == body
    assert seen.headers["Authorization"] == f"Bearer {API_KEY}"
    assert len(seen.headers["Idempotency-Key"]) == len('"00000000-0000-0000-0000-000000000000"')
    assert "If-Match" not in seen.headers


@pytest.mark.parametrize(
    ("use", "answer", "target"),
    [
        (lambda c: c.event(), Told(200, event()), EVENT_PATH),
        (lambda c: c.event(at=0), Told(200, event()), f"{EVENT_PATH}?at=0"),
        (lambda c: c.reservation("r1"), Told(200, reservation()), ONE),
        (
            lambda c: c.reservation("a/b?c"),
            Told(200, reservation()),
            f"{EVENT_PATH}/reservations/a%2Fb%3Fc",
        ),
    ],
)
def test_a_read_is_sent_as_the_api_wants_it(use: Use, answer: Reaction, target: str) -> None:
    with Stub(in_turn(answer)) as stub, _client(stub.url) as client:
        use(client)
    (seen,) = stub.seen
    assert (seen.method, seen.target, seen.body) == ("GET", target, b"")


def test_the_version_that_a_change_expects_is_its_precondition() -> None:
    answers = (Told(200, reservation()), Told(200, reservation()), Told(204))
    with Stub(in_turn(*answers)) as stub, _client(stub.url) as client:
        client.confirm("r1", if_version=7)
        client.change("r1", seats=1, if_version=7)
        client.cancel("r1", if_version=7)
    assert [seen.headers["If-Match"] for seen in stub.seen] == ['"7"'] * 3


def test_a_key_of_the_caller_is_sent_whole_whatever_is_in_it() -> None:
    with Stub(in_turn(RESERVED)) as stub, _client(stub.url) as client:
        client.reserve(2, idempotency_key=r'order,17"\x')
    assert stub.keys == [r'"order,17\"\\x"']


def test_without_an_api_key_none_is_sent_and_the_partner_is_named() -> None:
    with (
        Stub(in_turn(RESERVED, BULK)) as stub,
        Client(stub.url, event_id=EVENT, partner_id="acme") as client,
    ):
        client.reserve(2)
        client.reserve_many([BulkItem(seats=1)])
    assert [seen.document["partnerId"] for seen in stub.seen] == ["acme", "acme"]
    assert not any("Authorization" in seen.headers for seen in stub.seen)


def test_a_reservation_has_times_and_what_a_later_server_adds_is_left_out() -> None:
    answer = reservation(status="held", expiresAt="2026-12-01T12:05:00.250Z", novelty=1)
    replay = Told(201, answer, {"Idempotent-Replayed": "true"})
    with Stub(in_turn(replay)) as stub, _client(stub.url) as client:
        made = client.hold(2, hold_seconds=300).reservation
    assert made.created_at == datetime(2026, 12, 1, 12, 0, 0, 250_000, UTC)
    assert made.expires_at == datetime(2026, 12, 1, 12, 5, 0, 250_000, UTC)
    assert (made.seats, made.available_seats, made.replayed) == (2, 93, True)


def test_an_event_has_its_counters_and_settings() -> None:
    with Stub(in_turn(Told(200, event()))) as stub, _client(stub.url) as client:
        found = client.event()
    assert (found.total_seats, found.available_seats, found.sale_state) == (100, 93, "open")
    assert (found.on_sale_from, found.on_sale_until) == (
        datetime(2026, 12, 1, 12, tzinfo=UTC),
        None,
    )


def test_a_bulk_has_an_outcome_for_each_item_in_order() -> None:
    refused = {
        "code": "not_enough_seats",
        "detail": "9 seats were asked for, 3 are available.",
        "retryable": False,
        "requestedSeats": 9,
        "availableSeats": 3,
        "heldSeats": 0,
        "nextHoldExpiresAt": None,
    }
    answer = {"outcomes": [reservation(), refused], "version": 8, "availableSeats": 3}
    with Stub(in_turn(Told(201, answer))) as stub, _client(stub.url) as client:
        result = client.reserve_many([BulkItem(seats=2), BulkItem(seats=9)])
    first, second = result.outcomes
    assert result.accepted == [first]
    assert result.refused == [second]
    assert isinstance(second, errors.NotEnoughSeats)
    assert (second.requested_seats, second.available_seats) == (9, 3)
    assert (result.version, result.available_seats, result.replayed) == (8, 3, False)


def test_a_bulk_of_which_nothing_was_accepted_says_why_for_each_item() -> None:
    why = {"code": "too_many_seats", "detail": "Too many.", "seatsPerReservationMax": 10}
    refusal = problem(409, "bulk_refused", outcomes=[None, why])
    with (
        Stub(in_turn(refusal)) as stub,
        _client(stub.url) as client,
        pytest.raises(errors.BulkRefused) as caught,
    ):
        client.reserve_many([BulkItem(seats=2), BulkItem(seats=11)], atomic=True)
    assert stub.seen[0].document["atomic"] is True
    first, second = caught.value.outcomes
    assert first is None
    assert isinstance(second, errors.TooManySeats)
    assert second.seats_per_reservation_max == 10


@pytest.mark.parametrize(
    "use",
    [
        lambda: Client("tickets.example", event_id=EVENT),
        lambda: Client("ftp://tickets.example", event_id=EVENT),
        lambda: Client("http://name:secretsecret@tickets.example", event_id=EVENT),
        lambda: Client("http://a..b", event_id=EVENT),
        lambda: Client(f"http://{'a' * 70}.example", event_id=EVENT),
        lambda: Client("http://tickets.example:99999", event_id=EVENT),
        lambda: Client("http://[secret", event_id=EVENT),
        lambda: Client("http://tickets.example?", event_id=EVENT),
        lambda: Client("http://tickets.example/ ", event_id=EVENT),
        lambda: Client("http://tickets.example", f"{API_KEY}\n", event_id=EVENT),
        lambda: Client("http://tickets.example", "", event_id=EVENT),
        lambda: Client("http://tickets.example", event_id=""),
        lambda: Client("http://tickets.example", event_id=EVENT, attempts_max=0),
        lambda: Client("http://tickets.example", event_id=EVENT, deadline_seconds=0),
        lambda: Client("http://tickets.example", event_id=EVENT, backoff_seconds=-1),
        lambda: Client("http://tickets.example", event_id=EVENT).cancel(".."),
        lambda: Client("http://tickets.example", event_id=EVENT).reservation(""),
        lambda: Client("http://tickets.example", event_id=EVENT).reserve(1, idempotency_key=""),
        lambda: Client("http://tickets.example", event_id=EVENT).reserve(1, idempotency_key="a b"),
        lambda: Client("http://tickets.example", event_id=EVENT).reserve(
            1, idempotency_key="k" * 256
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_sent(use: Callable[[], Any]) -> None:
    with pytest.raises(ValueError, match=r"must") as caught:
        use()
    assert not isinstance(caught.value, TicketBossError)
    assert "secret" not in str(caught.value)
