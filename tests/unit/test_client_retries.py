"""The client tries again where that is safe, as often as it may, and always with the same key."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from tests.client.stub import (
    API_KEY,
    EVENT,
    RESERVED,
    Lost,
    Reaction,
    Silence,
    Stub,
    Told,
    in_turn,
    problem,
)
from tests.ports import free_port
from ticketboss.client import Client, OutcomeUnknown, TicketBossError, errors
from ticketboss.client.patience import Patience, parse_retry_after

BUSY = problem(503, "overloaded", retryable=True)


def _client(url: str, **settings: Any) -> Client:
    quick = {"backoff_seconds": 0.001, "attempts_max": 4, "timeout_seconds": 5.0}
    return Client(url, API_KEY, event_id=EVENT, **{**quick, **settings})


@pytest.mark.parametrize(
    "reaction",
    [
        Lost(),
        Told(201, '{"reservationId": "r1"', {"Content-Length": "500"}),
        Told(201, {"surprise": True}),
        Told(201, "<html>Log in to the hotel's network</html>"),
        BUSY,
        problem(429, "rate_limited", retryable=True),
        problem(500, "internal_error", retryable=True),
        problem(503, "outcome_unknown", retryable=True),
        problem(408, "body_too_slow", retryable=True),
        Told(502, "<html>Bad Gateway</html>"),
        Told(429, "Slow down."),
    ],
)
def test_what_passes_by_itself_is_tried_again_with_the_same_key(reaction: Reaction) -> None:
    with Stub(in_turn(reaction, reaction, RESERVED)) as stub, _client(stub.url) as client:
        assert client.reserve(2).reservation_id == "r1"
    assert len(stub.seen) == 3
    assert len(set(stub.keys)) == 1
    assert stub.keys[0]
    assert len({seen.body for seen in stub.seen}) == 1
    assert len({seen.headers["X-Request-Id"] for seen in stub.seen}) == 1


@pytest.mark.parametrize(
    "reaction",
    [
        problem(409, "not_enough_seats"),
        problem(409, "sale_not_open", retryable=True),
        problem(400, "invalid_request"),
        problem(501, "not_implemented"),
        Told(404, "<html>Nothing here</html>"),
        Told(302, None, {"Location": "/elsewhere"}),
        Told(307, None, {"Location": "http://[not-a-host"}),
        Told(307, None, {"Location": "http://127.0.0.1:99999/"}),
    ],
)
def test_what_stays_is_not_tried_again(reaction: Reaction) -> None:
    with (
        Stub(in_turn(reaction)) as stub,
        _client(stub.url) as client,
        pytest.raises(TicketBossError) as caught,
    ):
        client.reserve(2)
    assert len(stub.seen) == 1
    assert not isinstance(caught.value, OutcomeUnknown)


def test_two_calls_have_two_keys() -> None:
    with Stub(in_turn(RESERVED)) as stub, _client(stub.url) as client:
        client.reserve(2)
        client.reserve(2)
    assert len(set(stub.keys)) == 2


def test_reads_are_tried_again_without_a_key() -> None:
    found = Told(200, RESERVED.body)
    with Stub(in_turn(Lost(), BUSY, found)) as stub, _client(stub.url) as client:
        assert client.reservation("r1").seats == 2
    assert stub.keys == [None, None, None]


def test_silence_is_a_time_out() -> None:
    with (
        Stub(in_turn(Silence(), RESERVED)) as stub,
        _client(stub.url, timeout_seconds=0.2) as client,
    ):
        assert client.reserve(2).reservation_id == "r1"
    assert len(stub.seen) == 2


def test_no_more_tries_than_allowed_and_then_the_key_to_go_on_with() -> None:
    with Stub(in_turn(Lost())) as stub, _client(stub.url, attempts_max=3) as client:
        with pytest.raises(OutcomeUnknown) as caught:
            client.reserve(2)
        assert len(stub.seen) == 3
        stub.react = in_turn(RESERVED)
        client.reserve(2, idempotency_key=caught.value.idempotency_key)
    assert len(set(stub.keys)) == 1
    assert caught.value.request_id == stub.seen[0].headers["X-Request-Id"]
    assert (caught.value.status, caught.value.unanswered_tries) == (None, 2)


def test_nobody_listening_is_no_answer_either() -> None:
    with (
        _client(f"http://127.0.0.1:{free_port()}") as client,
        pytest.raises(OutcomeUnknown, match=r"No answer \(ConnectionError\)"),
    ):
        client.reserve(2)


def test_the_deadline_ends_a_try_that_is_under_way() -> None:
    with (
        Stub(in_turn(Silence())) as stub,
        _client(stub.url, attempts_max=None, deadline_seconds=0.3) as client,
    ):
        started = time.monotonic()
        with pytest.raises(OutcomeUnknown):
            client.reserve(2)
        assert 0.25 <= time.monotonic() - started < 3


def test_the_deadline_ends_the_tries_where_their_number_does_not() -> None:
    with (
        Stub(in_turn(Lost())) as stub,
        _client(stub.url, attempts_max=None, deadline_seconds=0.3) as client,
        pytest.raises(OutcomeUnknown),
    ):
        client.reserve(2)
    assert len(stub.seen) > 4


def test_a_refusal_for_want_of_time_is_told_as_such_when_all_tries_had_one() -> None:
    with (
        Stub(in_turn(BUSY)) as stub,
        _client(stub.url) as client,
        pytest.raises(errors.Overloaded) as caught,
    ):
        client.reserve(2)
    assert len(stub.seen) == 4
    assert caught.value.unanswered_tries == 0


def test_a_refusal_for_want_of_time_behind_a_lost_answer_leaves_the_outcome_unknown() -> None:
    with (
        Stub(in_turn(Lost(), BUSY)) as stub,
        _client(stub.url) as client,
        pytest.raises(OutcomeUnknown, match="overloaded") as caught,
    ):
        client.reserve(2)
    assert caught.value.idempotency_key == str(stub.keys[0]).strip('"')


def test_a_refusal_behind_a_lost_answer_says_so() -> None:
    with (
        Stub(in_turn(Lost(), problem(409, "not_enough_seats"))) as stub,
        _client(stub.url) as client,
        pytest.raises(errors.NotEnoughSeats) as caught,
    ):
        client.reserve(2)
    assert caught.value.unanswered_tries == 1


def test_cancelled_by_somebody_else_is_no_success_of_ours() -> None:
    # Had the lost try cancelled it, its repetition under the same key would have been a 204.
    with (
        Stub(in_turn(Lost(), problem(404, "already_cancelled"))) as stub,
        _client(stub.url) as client,
        pytest.raises(errors.AlreadyCancelled) as caught,
    ):
        client.cancel("r1")
    assert caught.value.unanswered_tries == 1


def test_retry_after_is_waited_for() -> None:
    busy = problem(503, "overloaded", retryable=True, headers={"Retry-After": "1"})
    with Stub(in_turn(busy, RESERVED)) as stub, _client(stub.url) as client:
        client.reserve(2)
    assert 1.0 <= stub.seen[1].at - stub.seen[0].at < 5


def test_retry_after_beyond_the_deadline_is_not_waited_for() -> None:
    limited = problem(429, "rate_limited", retryable=True, headers={"Retry-After": "60"})
    with (
        Stub(in_turn(limited)) as stub,
        _client(stub.url, deadline_seconds=10) as client,
        pytest.raises(errors.RateLimited) as caught,
    ):
        client.reserve(2)
    assert len(stub.seen) == 1
    assert caught.value.retry_after_seconds == 60


def test_pauses_are_random_from_nothing_to_a_bound_that_doubles_up_to_a_maximum() -> None:
    patience = Patience(
        timeout_seconds=1,
        connect_timeout_seconds=1,
        attempts_max=None,
        deadline_seconds=1,
        backoff_seconds=0.1,
        backoff_seconds_max=0.4,
    )
    for tries, longest in ((1, 0.1), (2, 0.2), (3, 0.4), (4, 0.4), (10_000, 0.4)):
        pauses = [patience.pause_seconds(tries, None) for _ in range(500)]
        assert 0 <= min(pauses) < longest * 0.1
        assert longest * 0.9 < max(pauses) <= longest
    assert 7 <= patience.pause_seconds(1, 7) <= 7.1


def test_retry_after_is_a_number_or_a_date() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    seconds = parse_retry_after(soon)
    assert seconds is not None
    assert 25 < seconds <= 30
    assert parse_retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert parse_retry_after("12") == 12
    assert parse_retry_after("soon") is None
    assert parse_retry_after("Mon, 01 Jan 99999999999999999999 00:00:00 GMT") is None
    assert parse_retry_after(None) is None


def test_each_try_asks_for_the_next_simulation_and_the_others_for_none() -> None:
    with Stub(in_turn(BUSY, BUSY, RESERVED, RESERVED)) as stub, _client(stub.url) as client:
        client.simulate("overloaded", "slow=10")
        client.reserve(1)
        client.reserve(1)
    asked = [seen.headers["TicketBoss-Simulate"] for seen in stub.seen]
    assert asked == ["overloaded", "slow=10", None, None]
    assert len(set(stub.keys)) == 2
