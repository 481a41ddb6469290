"""The server did it and the answer was lost: the client finds out, and nothing happens twice."""

from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.client.operator import SECONDS_MAX, Operator
from tests.client.stub import Lost, Reaction, Seen, Stub, Told
from ticketboss.client import BulkItem, Client, OutcomeUnknown, errors


class Losing:
    """Hands requests on to a server, and loses the answers to as many writes as it is told to."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url).netloc
        self.to_lose = 0

    def __call__(self, seen: Seen) -> Reaction:
        with closing(HTTPConnection(self._address, timeout=SECONDS_MAX)) as connection:
            connection.request(seen.method, seen.target, seen.body or None, dict(seen.headers))
            answer = connection.getresponse()
            text = answer.read().decode()
        if seen.method != "GET" and self.to_lose:
            self.to_lose -= 1
            return Lost()
        kept = {"Retry-After", "Idempotent-Replayed"}
        headers = {name: value for name, value in answer.getheaders() if name in kept}
        return Told(answer.status, text or None, headers)


@pytest.fixture
def losing(operator: Operator) -> Losing:
    """The way to the server on which answers get lost."""
    return Losing(operator.server.url)


@pytest.fixture
def client(operator: Operator, event_id: str, losing: Losing) -> Iterator[Client]:
    """The partner's client behind that way."""
    with Stub(losing) as stub, operator.client(event_id, stub.url, attempts_max=3) as client:
        yield client


def test_every_write_has_its_effect_once_though_two_answers_are_lost(
    client: Client, losing: Losing
) -> None:
    losing.to_lose = 2
    made = client.reserve(2)
    assert (made.version, made.replayed) == (1, True)
    losing.to_lose = 2
    hold = client.hold(3, hold_seconds=300)
    losing.to_lose = 2
    assert hold.extend(600).version == 3
    losing.to_lose = 2
    assert hold.confirm().replayed
    losing.to_lose = 2
    assert client.change(made.reservation_id, seats=4).available_seats == 93
    losing.to_lose = 2
    result = client.reserve_many([BulkItem(seats=1), BulkItem(seats=11), BulkItem(seats=1)])
    assert (len(result.accepted), result.version, result.replayed) == (2, 7, True)

    event = client.event()
    assert (event.version, event.available_seats, event.reservation_count) == (7, 91, 4)
    assert [row.seats for row in client.reservations()] == [4, 3, 1, 1]


def test_a_cancellation_whose_answer_was_lost_is_a_success_and_not_cancelled_before(
    client: Client, losing: Losing
) -> None:
    made = client.reserve(2)
    losing.to_lose = 2
    client.cancel(made.reservation_id)
    assert client.event().version == 2
    # Another call is another intent.
    with pytest.raises(errors.AlreadyCancelled):
        client.cancel(made.reservation_id)


def test_a_release_whose_answer_was_lost_is_a_success(client: Client, losing: Losing) -> None:
    with client.hold(2, hold_seconds=300) as hold:
        losing.to_lose = 2
    assert client.reservation(hold.reservation_id).status == "cancelled"
    assert client.event().version == 2


def test_a_call_that_got_no_answer_is_settled_by_calling_again_with_its_key(
    client: Client, losing: Losing
) -> None:
    losing.to_lose = 3
    with pytest.raises(OutcomeUnknown) as caught:
        client.reserve(2, reference="A-17")
    assert losing.to_lose == 0
    settled = client.reserve(2, reference="A-17", idempotency_key=caught.value.idempotency_key)
    assert settled.replayed
    assert [row.reservation_id for row in client.reservations()] == [settled.reservation_id]


def test_a_hold_that_may_be_confirmed_is_not_cancelled_behind_its_owner(
    client: Client, losing: Losing
) -> None:
    hold = client.hold(2, hold_seconds=300)
    losing.to_lose = 3
    with pytest.raises(OutcomeUnknown), hold:
        hold.confirm()
    assert client.reservation(hold.reservation_id).status == "confirmed"
    assert hold.confirm().replayed
    assert client.event().version == 2
