"""No answer, however odd, slow or large, holds a call for ever or takes its key away."""

import gzip
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from typing import Any

import pytest

from tests.client.stub import (
    API_KEY,
    EVENT,
    RESERVED,
    Raw,
    Reaction,
    Stub,
    Told,
    event,
    in_turn,
    problem,
)
from ticketboss.client import Client, OutcomeUnknown, TicketBossError, transport

HEAD = b"HTTP/1.1 201 Created\r\n"
DEADLINE_SECONDS = 0.5
# A machine that is busy may be late; without a bound a call would last for all the drips.
LATE_SECONDS_MAX = 10.0
DRIP_SECONDS = 0.02
DRIPS = round(1.5 * LATE_SECONDS_MAX / DRIP_SECONDS)
LATER = "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"
DEEP = "[" * 200_000


def _client(url: str, **settings: Any) -> Client:
    return Client(url, API_KEY, event_id=EVENT, **{"backoff_seconds": 0.001, **settings})


def _dripping(first: bytes, drip: bytes) -> Raw:
    return Raw([first, *[drip] * DRIPS], DRIP_SECONDS)


DRIPPING = {
    "body": _dripping(HEAD + b"Content-Length: 100000\r\n\r\n", b" "),
    "chunks": _dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "body without an end": _dripping(HEAD + b"\r\n", b" "),
    "header": _dripping(HEAD + b"X: ", b"x"),
    "status": _dripping(b"HTTP/1.1 201 ", b"x"),
    "continue": _dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@pytest.mark.parametrize("reaction", DRIPPING.values(), ids=DRIPPING.keys())
def test_an_answer_that_drips_ends_with_the_deadline(reaction: Raw) -> None:
    with (
        Stub(in_turn(reaction)) as stub,
        _client(stub.url, timeout_seconds=5.0, deadline_seconds=DEADLINE_SECONDS) as client,
    ):
        started = time.monotonic()
        with pytest.raises(OutcomeUnknown) as caught:
            client.reserve(2, idempotency_key="k1")
        assert DEADLINE_SECONDS <= time.monotonic() - started < LATE_SECONDS_MAX
    assert caught.value.idempotency_key == "k1"
    assert len(stub.seen) == 1


def test_following_ends_where_the_server_drips() -> None:
    with Stub(in_turn(DRIPPING["body"])) as stub, _client(stub.url) as client:
        entries = client.follow_ledger(wait_seconds=0, outage_seconds_max=DEADLINE_SECONDS)
        started = time.monotonic()
        with pytest.raises(OutcomeUnknown):
            next(entries)
        assert time.monotonic() - started < LATE_SECONDS_MAX


def test_an_answer_that_comes_slowly_but_in_time_is_one() -> None:
    body = b'{"version": 7, "outcomes": [], "availableSeats": 1}'
    head = HEAD + b"Content-Length: %d\r\n\r\n" % len(body)
    slow = Raw([head, *(bytes([byte]) for byte in body)], pause_seconds=0.01)
    with Stub(in_turn(slow)) as stub, _client(stub.url, timeout_seconds=5.0) as client:
        assert client.reserve_many([]).version == 7


def test_an_answer_that_is_too_large_is_not_read_to_its_end() -> None:
    sent = 0

    def large() -> Iterator[bytes]:
        nonlocal sent
        yield HEAD + b"\r\n"
        for piece in repeat(b" " * 1_000_000, 100):
            sent += len(piece)
            yield piece

    with Stub(lambda _: Raw(large())) as stub, _client(stub.url, attempts_max=1) as client:
        with pytest.raises(OutcomeUnknown, match="AnswerTooLarge") as caught:
            client.reserve(2, idempotency_key="k1")
        assert caught.value.idempotency_key == "k1"
    # What the system keeps on the way is sent as well.
    assert sent < 5 * transport.ANSWER_BYTES_MAX


def test_an_answer_that_is_large_only_when_unpacked_is_refused_too() -> None:
    packed = gzip.compress(b" " * (4 * transport.ANSWER_BYTES_MAX))
    head = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    with (
        Stub(lambda _: Raw([HEAD + head, packed])) as stub,
        _client(stub.url, attempts_max=1) as client,
        pytest.raises(OutcomeUnknown, match="AnswerTooLarge"),
    ):
        client.reserve(2)


@pytest.mark.parametrize("over", [0, 1])
def test_an_answer_may_be_as_large_as_the_limit(over: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "ANSWER_BYTES_MAX", 2_000)
    told = Told(200, event(name="x" * (2_000 + over - len(Told(200, event(name="")).sent))))
    with Stub(in_turn(told)) as stub, _client(stub.url, attempts_max=1) as client:
        if over:
            with pytest.raises(OutcomeUnknown):
                client.event()
        else:
            assert client.event().event_id == EVENT


@pytest.mark.parametrize(
    "reaction",
    [
        Told(201, DEEP),
        Told(201, RESERVED.body, {"Content-Length": "5, 6"}),
        Told(201, RESERVED.body, {"Content-Encoding": "gzip"}),
        Raw([b"HTTP/1.1 201 Created\r\n" + b"X: y\r\n" * 200 + b"\r\n"]),
        Raw([b"HTTP/1.1 201 Created\r\nX: " + b"x" * 70_000 + b"\r\n\r\n"]),
        Raw([b"\x16\x03\x01 not HTTP at all\r\n\r\n"]),
        problem(503, "overloaded", retryable=True, headers={"Retry-After": LATER}),
        problem(409, "sale_not_open", opensAt="soon"),
        Told(409, DEEP),
        Told(307, None, {"Location": "http://[bad"}),
        Told(307, None, {"Location": "http://127.0.0.1:99999/"}),
        Told(307, None, {"Location": "\x00"}),
        Told(429, "no", {"Retry-After": LATER}),
    ],
)
def test_whatever_is_answered_comes_as_an_error_of_ours_with_the_key(reaction: Reaction) -> None:
    with (
        Stub(in_turn(reaction)) as stub,
        _client(stub.url, attempts_max=2, timeout_seconds=0.5) as client,
        pytest.raises(TicketBossError) as caught,
    ):
        client.reserve(2, idempotency_key="k1")
    assert caught.value.idempotency_key == "k1"


@pytest.mark.parametrize(
    "use",
    [
        lambda client: client.reserve(float("nan")),
        lambda client: client.reserve(object()),
        lambda client: client.reservation("\ud800"),
        lambda client: next(client.reservations(reference="\ud800")),
    ],
)
def test_what_cannot_be_sent_is_the_callers_mistake_and_is_not_sent(
    use: Callable[[Client], Any],
) -> None:
    with Stub(in_turn(RESERVED)) as stub, _client(stub.url) as client:
        with pytest.raises((ValueError, TypeError)):
            use(client)
        assert stub.seen == []


def test_one_connection_serves_all_calls_of_a_thread() -> None:
    answers: Iterable[Reaction] = (RESERVED, Told(204), problem(409, "not_enough_seats"), RESERVED)
    with Stub(in_turn(*answers), keeps_alive=True) as stub, _client(stub.url) as client:
        client.reserve(1)
        client.cancel("r1")
        with pytest.raises(TicketBossError):
            client.reserve(1)
        client.reserve(1)
    assert len(stub.seen) == 4
    assert len({seen.port for seen in stub.seen}) == 1
