"""The drop: more clients than seats, all at the same moment, and never one seat too many."""

from pathlib import Path

import pytest

from tests.concurrency.clients import codes, crowd, statuses, summary_of
from tests.concurrency.watching import log_lines, wait_until_all_workers_answer
from tests.server import Server


@pytest.mark.parametrize("workers", [2, 4])
@pytest.mark.parametrize("worker_class", ["sync", "gthread", "gevent"])
def test_sixty_clients_of_ten_seats_get_exactly_five_hundred(
    tmp_path: Path, worker_class: str, workers: int
) -> None:
    with Server(tmp_path, TICKETBOSS_WORKER_CLASS=worker_class, WEB_CONCURRENCY=workers) as server:
        wait_until_all_workers_answer(server)
        answers = crowd(server, 60, lambda client, _: client.reserve(10))
        summary = summary_of(server)

        assert f"Using worker: {worker_class}" in server.log()
        assert statuses(answers) == {201: 50, 409: 10}
        assert codes(answers) == {"not_enough_seats"}
        assert (summary["availableSeats"], summary["reservedSeats"]) == (0, 500)
        assert (summary["reservationCount"], summary["version"]) == (50, 50)
        assert summary["saleState"] == "sold_out"
        assert server.differences() == []
        posts = [line for line in log_lines(server) if line.get("method") == "POST"]
        assert len(posts) == 60
        assert len({line["pid"] for line in posts}) > 1, "one worker alone proves no race"


@pytest.mark.parametrize("workers", [2, 4])
def test_five_hundred_single_seats_are_asked_for_and_a_hundred_given(
    tmp_path: Path, workers: int
) -> None:
    with Server(tmp_path, TICKETBOSS_DEFAULT_EVENT_SEATS=100, WEB_CONCURRENCY=workers) as server:
        wait_until_all_workers_answer(server)
        answers = crowd(server, 500, lambda client, _: client.reserve(1))
        summary = summary_of(server)

        assert statuses(answers) == {201: 100, 409: 400}
        assert codes(answers) == {"not_enough_seats"}
        assert (summary["availableSeats"], summary["reservationCount"]) == (0, 100)
        assert server.differences() == []


def test_refused_clients_change_nothing_and_see_no_seats(server: Server) -> None:
    wait_until_all_workers_answer(server)
    crowd(server, 50, lambda client, _: client.reserve(10))
    refused = crowd(server, 20, lambda client, _: client.reserve(1))

    assert statuses(refused) == {409: 20}
    assert {answer.json()["availableSeats"] for answer in refused} == {0}
    assert {answer.headers["TicketBoss-Version"] for answer in refused} == {"50"}
    assert summary_of(server)["version"] == 50
