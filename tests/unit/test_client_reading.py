"""The client reads lists page by page, and follows the ledger without a gap."""

import time
from itertools import islice
from typing import Any

import pytest

from tests.client.stub import (
    API_KEY,
    EVENT,
    Lost,
    Reaction,
    Seen,
    Silence,
    Stub,
    Told,
    entry,
    event,
    in_turn,
    problem,
    reservation,
)
from ticketboss.client import Client, OutcomeUnknown, errors


def _client(url: str, **settings: Any) -> Client:
    return Client(url, API_KEY, event_id=EVENT, backoff_seconds=0.001, **settings)


def _page(following: str | None, *ids: str) -> Told:
    rows = [reservation(reservationId=id_, createdVersion=7) for id_ in ids]
    return Told(200, {"reservations": rows, "next": following})


def _entries(*versions: int) -> Told:
    return Told(200, {"entries": [entry(version) for version in versions], "next": 0})


def test_reservations_come_page_by_page_until_there_is_no_next() -> None:
    pages = (_page("7", "r1", "r2"), Lost(), _page("9", "r3"), _page(None))
    with Stub(in_turn(*pages)) as stub, _client(stub.url) as client:
        found = client.reservations(status="held", reference="A 17&more")
        assert [each.reservation_id for each in found] == ["r1", "r2", "r3"]
    filters = {"status": "held", "reference": "A 17&more"}
    assert [seen.query for seen in stub.seen] == [
        {**filters, "cursor": cursor} for cursor in ("0", "7", "7", "9")
    ]


def test_a_page_is_read_when_it_is_needed() -> None:
    with Stub(in_turn(_page("7", "r1"))) as stub, _client(stub.url, partner_id="acme") as client:
        found = client.reservations(after=5)
        assert stub.seen == []
        next(found)
        assert [seen.query for seen in stub.seen] == [{"partnerId": "acme", "cursor": "5"}]


def test_the_ledger_is_followed_from_the_last_entry_that_came() -> None:
    pages = (_entries(4, 5), _entries(6), _entries(7))
    with Stub(in_turn(*pages)) as stub, _client(stub.url) as client:
        entries = list(islice(client.follow_ledger(3, wait_seconds=20), 4))
    assert [each.version for each in entries] == [4, 5, 6, 7]
    assert [seen.query for seen in stub.seen] == [
        {"after": after, "wait": "20"} for after in ("3", "5", "6")
    ]


def test_the_ledger_is_followed_from_its_beginning() -> None:
    first = entry(0, kind="event_created", event=event())
    with (
        Stub(in_turn(Told(200, {"entries": [first], "next": 0}))) as stub,
        _client(stub.url) as client,
    ):
        created = next(client.follow_ledger())
    assert "after" not in stub.seen[0].query
    assert created.event is not None
    assert (created.version, created.event.name) == (0, "Gala")
    assert (created.reservation_id, created.partner_id) == (None, None)


@pytest.mark.parametrize(
    "trouble",
    [
        Lost(),
        problem(503, "overloaded"),
        Told(502, "<html>"),
        _entries(6),
        _entries(4),
        _entries(3),
    ],
    ids=["lost", "busy", "proxy", "gap", "repetition", "older"],
)
def test_trouble_neither_skips_nor_repeats_a_version(trouble: Reaction) -> None:
    # More often than a call is tried that is not for ever.
    pages = (_entries(3, 4), *[trouble] * 4, _entries(5, 6))
    with Stub(in_turn(*pages)) as stub, _client(stub.url, attempts_max=2) as client:
        found = [each.version for each in islice(client.follow_ledger(2), 4)]
    assert found == [3, 4, 5, 6]


def test_following_waits_as_long_for_the_answer_as_the_server_waits_and_then_some() -> None:
    def react(_: Seen) -> Reaction:
        time.sleep(0.6)
        return _entries(1)

    with Stub(react) as stub, _client(stub.url, timeout_seconds=0.3) as client:
        assert next(client.follow_ledger(0, wait_seconds=1, outage_seconds_max=3)).version == 1
    assert len(stub.seen) == 1


def test_following_ends_when_an_outage_lasts_too_long() -> None:
    with (
        Stub(in_turn(_entries(1), Silence())) as stub,
        _client(stub.url, timeout_seconds=0.1) as client,
    ):
        entries = client.follow_ledger(0, wait_seconds=0, outage_seconds_max=0.5)
        assert next(entries).version == 1
        with pytest.raises(OutcomeUnknown):
            next(entries)
    assert len(stub.seen) > 2


def test_following_ends_at_a_refusal() -> None:
    with (
        Stub(in_turn(problem(401, "key_invalid"))) as stub,
        _client(stub.url) as client,
        pytest.raises(errors.KeyInvalid),
    ):
        next(client.follow_ledger())


def test_a_server_that_does_not_wait_is_not_asked_all_the_time() -> None:
    with Stub(in_turn(_entries(), _entries(), _entries(1))) as stub, _client(stub.url) as client:
        assert next(client.follow_ledger(0)).version == 1
    first, second, third = (seen.at for seen in stub.seen)
    assert min(second - first, third - second) >= 0.9
