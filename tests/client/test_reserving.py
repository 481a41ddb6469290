"""What a partner does with the client, against a real server and with a real key."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.client.operator import PARTNER, Operator, make_key
from tests.server import Server
from ticketboss.client import BulkItem, Client, errors


def test_a_reservation_is_made_read_changed_and_cancelled(client: Client, event_id: str) -> None:
    made = client.reserve(3, reference="A-17")
    assert (made.event_id, made.partner_id, made.reference) == (event_id, PARTNER, "A-17")
    assert (made.seats, made.status, made.available_seats) == (3, "confirmed", 97)
    assert client.reservation(made.reservation_id).created_at == made.created_at

    assert client.change(made.reservation_id, seats=5).available_seats == 95
    with pytest.raises(errors.PreconditionFailed) as stale:
        client.cancel(made.reservation_id, if_version=made.version)
    client.cancel(made.reservation_id, if_version=stale.value.current_version)

    assert client.reservation(made.reservation_id).status == "cancelled"
    event = client.event()
    assert (event.available_seats, event.reservation_count, event.version) == (100, 0, 3)
    assert client.event(at=2).available_seats == 95


def test_a_key_given_again_has_no_second_effect(client: Client) -> None:
    key = r'order,"17"\x'
    first = client.reserve(3, idempotency_key=key)
    again = client.reserve(3, idempotency_key=key)
    assert again == replace(first, replayed=True)
    with pytest.raises(errors.IdempotencyKeyReused):
        client.reserve(4, idempotency_key=key)
    assert client.event().available_seats == 97


def test_a_hold_is_released_unless_it_is_confirmed(client: Client) -> None:
    with client.hold(2, hold_seconds=300) as kept:
        assert client.event().held_seats == 2
        kept.extend(600)
        kept.confirm()
    with client.hold(4, hold_seconds=300) as left:
        pass
    assert client.reservation(kept.reservation_id).status == "confirmed"
    assert client.reservation(left.reservation_id).status == "cancelled"
    with client.hold(4, hold_seconds=300) as elsewhere:
        client.confirm(elsewhere.reservation_id)
    assert elsewhere.reservation.status == "confirmed"
    with client.hold(4, hold_seconds=300) as changed:
        client.change(changed.reservation_id, seats=5)
    event = client.event()
    assert (event.available_seats, event.held_seats, event.reservation_count) == (94, 0, 2)


def test_a_bulk_has_an_outcome_for_each_item(client: Client) -> None:
    items = [
        BulkItem(seats=2, reference="A"),
        BulkItem(seats=11),
        BulkItem(seats=3, hold_seconds=60),
    ]
    with pytest.raises(errors.BulkRefused) as caught:
        client.reserve_many(items, atomic=True)
    assert [type(each) for each in caught.value.outcomes] == [
        type(None),
        errors.TooManySeats,
        type(None),
    ]
    assert client.event().version == 0

    result = client.reserve_many(items)
    first, why, third = result.outcomes
    assert result.accepted == [first, third]
    assert [each.status for each in result.accepted] == ["confirmed", "held"]
    assert isinstance(why, errors.TooManySeats)
    assert (why.requested_seats, why.seats_per_reservation_max) == (11, 10)
    assert (result.version, result.available_seats) == (2, 95)


def test_seats_that_are_not_there_are_refused_with_what_is_there(client: Client) -> None:
    hold = client.hold(8, hold_seconds=300)
    client.reserve_many([BulkItem(seats=10)] * 9)
    with pytest.raises(errors.NotEnoughSeats) as caught:
        client.reserve(3)
    refusal = caught.value
    assert (refusal.requested_seats, refusal.available_seats, refusal.held_seats) == (3, 2, 8)
    assert refusal.next_hold_expires_at == hold.reservation.expires_at
    assert refusal.request_id
    assert client.reserve(3, min_seats=1).seats == 2


def test_a_sale_that_is_not_open_says_when(operator: Operator) -> None:
    event_id = operator.new_event(onSaleFrom="2100-01-01T00:00:00Z")
    with operator.client(event_id) as client:
        with pytest.raises(errors.SaleNotOpen) as caught:
            client.reserve(1)
        assert caught.value.opens_in_ms > 0
        assert caught.value.opens_at == client.event().on_sale_from


def test_refusals_come_as_what_they_are(operator: Operator, client: Client, event_id: str) -> None:
    made = client.reserve(1)
    client.cancel(made.reservation_id)
    with pytest.raises(errors.AlreadyCancelled):
        client.cancel(made.reservation_id)
    with pytest.raises(errors.ReservationEnded):
        client.change(made.reservation_id, seats=2)
    with pytest.raises(errors.ReservationNotFound):
        client.reservation("another-one")
    with pytest.raises(errors.InvalidRequest) as invalid:
        client.reserve(0)
    assert [each["field"] for each in invalid.value.errors] == ["seats"]
    with pytest.raises(errors.VersionNotFound) as later:
        client.event(at=99)
    assert later.value.current_version == 2
    with operator.client("no-such-event") as lost, pytest.raises(errors.EventNotFound):
        lost.event()
    with (
        operator.client(event_id, partner_id="other") as other,
        pytest.raises(errors.PartnerMismatch),
    ):
        other.reserve(1)
    operator.cancel_event(event_id)
    with pytest.raises(errors.EventCancelled):
        client.reserve(1)


def test_a_test_key_is_for_test_events_alone(operator: Operator, event_id: str) -> None:
    key = make_key(operator.server, "--partner", PARTNER, "--test")
    with Client(operator.server.url, key, event_id=event_id) as client:
        with pytest.raises(errors.TestKey):
            client.event()
        with pytest.raises(errors.TestKey):
            client.reserve(1)


def test_keys_that_are_missing_or_wrong_are_refused(operator: Operator, event_id: str) -> None:
    with (
        Client(operator.server.url, event_id=event_id) as client,
        pytest.raises(errors.KeyRequired),
    ):
        client.reserve(1)
    with (
        Client(operator.server.url, "tb_live_wrong", event_id=event_id) as client,
        pytest.raises(errors.KeyInvalid),
    ):
        client.event()


def test_threads_share_a_client(client: Client) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: client.reserve(1), range(40)))
    assert len({each.reservation_id for each in made}) == 40
    assert sorted(each.version for each in made) == list(range(1, 41))


def test_a_rate_limit_slows_the_client_down_and_refuses_it_nothing(tmp_path: Path) -> None:
    with Server(
        tmp_path, TICKETBOSS_AUTH="keys", TICKETBOSS_RATE_LIMIT_WRITES="2/second", WEB_CONCURRENCY=1
    ) as server:
        operator = Operator(server)
        with operator.client(operator.new_event()) as client:
            assert [client.reserve(1).version for _ in range(5)] == [1, 2, 3, 4, 5]
        assert '"status": 429' in server.log()
