"""The client compares books of any size, in pieces that the server takes."""

from typing import Any

import pytest

from tests.client.stub import API_KEY, EVENT, Lost, Reaction, Seen, Stub, Told, in_turn, reservation
from ticketboss.api.schemas import RECONCILED_IDS_MAX as TAKEN_AT_ONCE
from ticketboss.client import Believed, Client, Differences, OutcomeUnknown
from ticketboss.client.books import RECONCILED_IDS_MAX

NOTHING = Differences(unknown_here=(), different=(), unknown_there=())


def _client(url: str, **settings: Any) -> Client:
    quick = {"attempts_max": 2, "backoff_seconds": 0.001}
    return Client(url, API_KEY, event_id=EVENT, **{**quick, **settings})


def _row(number: int, created_version: int | None = None) -> Believed:
    return Believed(
        reservation_id=f"r{number}", seats=2, status="held", created_version=created_version
    )


def _told(following: int | None = None, **found: Any) -> Told:
    empty: dict[str, Any] = {"unknownHere": [], "different": [], "unknownThere": []}
    return Told(200, {**empty, **found, "next": following})


def _bounds(seen: Seen) -> tuple[int, int | None, int]:
    asked = seen.document
    return asked["after"], asked.get("upTo"), len(asked["reservations"])


def test_a_piece_is_as_large_as_the_server_takes() -> None:
    assert RECONCILED_IDS_MAX == TAKEN_AT_ONCE


def test_books_are_sent_as_the_api_wants_them_and_differences_come_back() -> None:
    answer = _told(
        unknownHere=["r1"],
        different=[reservation(reservationId="r2", seats=3)],
        unknownThere=[reservation(reservationId="r9")],
    )
    with Stub(in_turn(Lost(), answer)) as stub, _client(stub.url, partner_id="acme") as client:
        found = client.reconcile([_row(2, 7), _row(1)])
    assert stub.seen[-1].target == f"/events/{EVENT}/reservations/reconcile"
    assert stub.seen[-1].document == {
        "partnerId": "acme",
        "reservations": [
            {"reservationId": "r1", "seats": 2, "status": "held"},
            {"reservationId": "r2", "seats": 2, "status": "held"},
        ],
        "after": 0,
    }
    # It changes nothing, and so is asked again without a key.
    assert stub.keys == [None, None]
    assert found.unknown_here == ("r1",)
    assert [(row.reservation_id, row.seats) for row in found.different] == [("r2", 3)]
    assert [row.reservation_id for row in found.unknown_there] == ["r9"]


def test_empty_books_are_compared_too() -> None:
    with Stub(in_turn(_told())) as stub, _client(stub.url) as client:
        assert client.reconcile([]) == NOTHING
    assert [_bounds(seen) for seen in stub.seen] == [(0, None, 0)]


def test_large_books_go_in_pieces_each_to_its_own_bound() -> None:
    rows = [_row(number, number) for number in range(2_500, 0, -1)]
    answers = (_told(400), _told(1_000), _told(2_000), _told(2_400), _told(3_900), _told())
    with Stub(in_turn(*answers)) as stub, _client(stub.url) as client:
        assert client.reconcile(rows) == NOTHING
    assert [_bounds(seen) for seen in stub.seen] == [
        (0, 1_000, 1_000),
        (400, 1_000, 1_000),
        (1_000, 2_000, 1_000),
        (2_000, None, 500),
        (2_400, None, 500),
        (3_900, None, 500),
    ]


def test_what_stands_in_another_piece_than_its_own_is_not_missing() -> None:
    rows = [*(_row(number, number) for number in range(1, 1_001)), _row(1_001)]
    missed = _told(unknownThere=[reservation(reservationId="r1000", createdVersion=1_000)])
    with Stub(in_turn(_told(999), missed)) as stub, _client(stub.url) as client:
        assert client.reconcile(rows) == NOTHING
    assert [_bounds(seen) for seen in stub.seen] == [(0, 999, 1_000), (999, None, 1)]


def test_what_is_told_twice_of_a_piece_is_one_difference() -> None:
    found = {"unknownHere": ["r1"], "different": [reservation(reservationId="r2")]}
    answers = (_told(5, **found), _told(None, **found))
    with Stub(in_turn(*answers)) as stub, _client(stub.url) as client:
        result = client.reconcile([_row(1), _row(2)])
    assert (len(result.unknown_here), len(result.different)) == (1, 1)


@pytest.mark.parametrize(
    "answer", [_told(0), _told(-1), Told(200, {}), _told(unknownThere=[{}]), Told(200, [])]
)
def test_an_answer_with_which_one_cannot_go_on_is_none(answer: Reaction) -> None:
    with (
        Stub(in_turn(answer)) as stub,
        _client(stub.url) as client,
        pytest.raises(OutcomeUnknown),
    ):
        client.reconcile([_row(1)])
    assert len(stub.seen) == 2
