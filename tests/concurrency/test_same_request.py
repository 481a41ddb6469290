"""The same request from many clients at the same moment has one effect."""

from tests.concurrency.clients import (
    PARTNER_ID,
    Client,
    codes,
    crowd,
    reserve_surely,
    statuses,
    summary_of,
)
from tests.concurrency.watching import ledger_of, wait_until_all_workers_answer
from tests.server import Server

CLIENTS = 20


def test_reservation_cancelled_by_all_at_once_gives_its_seats_back_once(server: Server) -> None:
    wait_until_all_workers_answer(server)
    kept = reserve_surely(server, 7)
    cancelled = reserve_surely(server, 10)

    answers = crowd(server, CLIENTS, lambda client, _: client.cancel(cancelled))

    assert statuses(answers) == {204: 1, 404: CLIENTS - 1}
    assert codes(answers) == {"already_cancelled"}
    summary = summary_of(server)
    assert (summary["availableSeats"], summary["reservationCount"]) == (493, 1)
    assert summary["version"] == 3
    with Client(server.url) as client:
        assert client.get(f"/reservations/{kept}").json()["status"] == "confirmed"
        assert client.get(f"/reservations/{cancelled}").json()["status"] == "cancelled"
    assert server.differences() == []


def test_same_key_from_all_at_once_gives_one_reservation_and_equal_answers(server: Server) -> None:
    wait_until_all_workers_answer(server)

    answers = crowd(
        server, CLIENTS, lambda client, _: client.reserve(3, "drop-1"), partner_id=PARTNER_ID
    )

    assert statuses(answers) == {201: CLIENTS}
    assert len({answer.content for answer in answers}) == 1
    for header in ("Location", "ETag", "TicketBoss-Version"):
        assert len({answer.headers[header] for answer in answers}) == 1
    replayed = [answer for answer in answers if "Idempotent-Replayed" in answer.headers]
    assert len(replayed) == CLIENTS - 1
    assert {answer.headers["Idempotent-Replayed"] for answer in replayed} == {"true"}
    summary = summary_of(server)
    assert (summary["availableSeats"], summary["reservationCount"]) == (497, 1)
    assert len(ledger_of(server)) == 2
    assert server.differences() == []


def test_same_key_cancels_once_and_tells_everybody_it_is_done(server: Server) -> None:
    wait_until_all_workers_answer(server)
    reservation_id = reserve_surely(server, 10)

    answers = crowd(server, CLIENTS, lambda client, _: client.cancel(reservation_id, "cancel-1"))

    assert statuses(answers) == {204: CLIENTS}
    assert {answer.headers["TicketBoss-Version"] for answer in answers} == {"2"}
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == CLIENTS - 1
    summary = summary_of(server)
    assert (summary["availableSeats"], summary["version"]) == (500, 2)
    assert server.differences() == []
