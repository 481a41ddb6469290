"""Bugs that other implementations of this API had, each forced to happen in a fixed order."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.api.conftest import CreateEventOf
from tests.api.partner import PartnerClient, problem
from ticketboss.api.context import EXTENSION
from ticketboss.repository.interface import Changes
from ticketboss.repository.sql import statements

RivalIsFaster = Callable[..., list[int]]


@pytest.fixture
def rival_is_faster(app: Flask, monkeypatch: pytest.MonkeyPatch) -> RivalIsFaster:
    """Has something happen between the snapshot and the commit of our next write.

    Then it is planned again under a lock; from the second time on, something happens just before
    that one. Gives a list that grows by the version that each commit without a lock is planned on.
    """
    repository = app.extensions[EXTENSION].repository
    commit, exclusive = repository.commit, repository.exclusive

    def arrange(act: Callable[[], Any], times: int = 1) -> list[int]:
        planned_on: list[int] = []

        def commit_late(changes: Changes, deadline: float) -> None:
            planned_on.append(changes.version_read or 0)
            if len(planned_on) <= times:
                act()
            commit(changes, deadline)

        def lock_late(*arguments: Any) -> Any:
            if 0 < len(planned_on) < times:
                act()
            return exclusive(*arguments)

        monkeypatch.setattr(repository, "commit", commit_late)
        monkeypatch.setattr(repository, "exclusive", lock_late)
        return planned_on

    return arrange


def test_lost_race_is_planned_again_instead_of_refused(
    client: PartnerClient, rival: PartnerClient, rival_is_faster: RivalIsFaster
) -> None:
    planned_on = rival_is_faster(lambda: rival.reserve(seats=3))

    response = client.reserve(seats=2)

    assert response.status_code == 201
    assert response.get_json()["version"] == 2
    assert response.get_json()["availableSeats"] == 495
    assert planned_on == [0]


def test_what_happened_just_before_the_lock_is_seen(
    client: PartnerClient, rival: PartnerClient, rival_is_faster: RivalIsFaster
) -> None:
    planned_on = rival_is_faster(lambda: rival.reserve(seats=1), times=2)

    response = client.reserve(seats=2)

    assert response.status_code == 201
    assert planned_on == [0]
    assert response.get_json()["version"] == client.event()["version"] == 3
    assert response.get_json()["availableSeats"] == client.event()["availableSeats"] == 496


def test_seats_that_a_rival_took_are_refused_by_the_new_count(
    client: PartnerClient,
    rival: PartnerClient,
    rival_is_faster: RivalIsFaster,
    create_event: CreateEventOf,
) -> None:
    at = create_event("small", seats=5)
    rival_is_faster(lambda: rival.reserve(seats=3, at=at))

    response = client.reserve(seats=3, at=at)

    assert problem(response, 409, "not_enough_seats")["availableSeats"] == 2
    assert response.headers["TicketBoss-Version"] == "1"
    assert client.event(at)["availableSeats"] == 2


def test_cancel_that_loses_to_the_same_cancel_returns_nothing(
    client: PartnerClient, rival: PartnerClient, rival_is_faster: RivalIsFaster
) -> None:
    client.reserve(seats=5)
    reservation_id = client.reserved_id(seats=3)
    rival_is_faster(lambda: rival.cancel(reservation_id))

    response = client.cancel(reservation_id)

    problem(response, 404, "already_cancelled")
    assert client.event()["availableSeats"] == 495
    assert client.event()["version"] == 3


def test_cancel_that_loses_to_another_change_still_returns_its_seats(
    client: PartnerClient, rival: PartnerClient, rival_is_faster: RivalIsFaster
) -> None:
    reservation_id = client.reserved_id(seats=3)
    rival_is_faster(lambda: rival.reserve(seats=7))

    response = client.cancel(reservation_id)

    assert response.status_code == 204
    assert response.headers["TicketBoss-Version"] == "3"
    assert client.event()["availableSeats"] == 493


def test_same_key_at_a_rival_gives_one_reservation(
    client: PartnerClient, rival: PartnerClient, rival_is_faster: RivalIsFaster
) -> None:
    answers: list[bytes] = []
    rival_is_faster(lambda: answers.append(rival.reserve(seats=3, key="order-1").data))

    response = client.reserve(seats=3, key="order-1")

    assert response.headers["Idempotent-Replayed"] == "true"
    assert [response.data] == answers
    assert client.event()["availableSeats"] == 497


def test_precondition_is_compared_again_after_a_lost_race(
    client: PartnerClient, rival: PartnerClient, rival_is_faster: RivalIsFaster
) -> None:
    rival_is_faster(lambda: rival.reserve())

    response = client.reserve(if_match='"0"')

    assert problem(response, 412, "precondition_failed")["currentVersion"] == 1
    assert client.event()["version"] == 1


@pytest.mark.parametrize(
    "statement", ["INSERT_RESERVATION", "INSERT_ENTRY", "UPSERT_PARTNER_TOTALS"]
)
def test_seats_are_not_taken_without_the_reservation(
    client: PartnerClient, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(statements, statement, "INSERT INTO nowhere VALUES (:event_id)")
        response = client.reserve(seats=3)

    assert response.status_code >= 500
    assert client.event()["availableSeats"] == 500
    assert client.event()["version"] == 0


def test_seats_that_came_back_at_a_rival_are_for_sale_at_once(
    client: PartnerClient, rival: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("small", seats=3)
    reservation_id = client.reserved_id(seats=3, at=at)
    problem(client.reserve(seats=3, at=at), 409, "not_enough_seats")

    rival.cancel(reservation_id, at=at)

    assert client.reserve(seats=3, at=at).status_code == 201
