"""When an event is on sale, and what may still be done when it is not."""

from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from tests.api.conftest import CLOCK_START_MS, ChangeEventOf, Clock, CreateEventOf
from tests.api.partner import PartnerClient, problem
from ticketboss.services import Services

MINUTE_MS = 60_000
# Each takes seats that its partner did not have before.
GROWTH: dict[str, Callable[[PartnerClient, str], TestResponse]] = {
    "reserve": lambda client, _: client.reserve(),
    "hold": lambda client, _: client.hold(),
    "grow": lambda client, existing_id: client.change(existing_id, seats=4),
}
CLOSED: dict[str, tuple[dict[str, object], str]] = {
    "scheduled": ({"on_sale_from": CLOCK_START_MS + MINUTE_MS}, "sale_not_open"),
    "ended": ({"on_sale_until": CLOCK_START_MS}, "sale_closed"),
    "paused": ({"paused": True}, "sale_paused"),
    "cancelled": ({"cancelled": True}, "event_cancelled"),
}


@pytest.mark.parametrize("growth", GROWTH)
@pytest.mark.parametrize("state", CLOSED)
def test_nothing_new_is_accepted_while_not_on_sale(
    client: PartnerClient, clock: Clock, change_event: ChangeEventOf, state: str, growth: str
) -> None:
    existing_id = client.reserved_id(3)
    settings, code = CLOSED[state]
    change_event(**settings)

    response = GROWTH[growth](client, existing_id)

    problem(response, 409, code)
    summary = client.get("/")
    assert summary.get_json()["saleState"] == state
    assert summary.headers["ETag"] == f'"2-{state}"'
    assert summary.get_json()["availableSeats"] == 497


@pytest.mark.parametrize("state", ["scheduled", "ended", "paused"])
def test_what_exists_may_shrink_be_confirmed_and_end(
    client: PartnerClient, clock: Clock, change_event: ChangeEventOf, state: str
) -> None:
    hold_id, reservation_id = client.held_id(3), client.reserved_id(3)
    change_event(**CLOSED[state][0])

    assert client.change(reservation_id, seats=2).status_code == 200
    assert client.confirm(hold_id).status_code == 200
    assert client.cancel(hold_id).status_code == 204
    assert client.cancel(reservation_id).status_code == 204
    assert client.event()["availableSeats"] == 500


def test_what_exists_of_a_cancelled_event_may_only_shrink_and_end(
    client: PartnerClient, clock: Clock, change_event: ChangeEventOf
) -> None:
    hold_id, reservation_id = client.held_id(3, seconds=60), client.reserved_id(3)
    change_event(cancelled=True)

    problem(client.confirm(hold_id), 409, "event_cancelled")
    problem(client.change(hold_id, holdSeconds=90), 409, "event_cancelled")
    problem(client.change(hold_id, seats=2, holdSeconds=90), 409, "event_cancelled")
    assert client.confirm(reservation_id).status_code == 200
    assert client.change(hold_id, seats=2).status_code == 200
    assert client.change(reservation_id, seats=2).status_code == 200
    assert client.cancel(hold_id).status_code == 204
    assert client.cancel(reservation_id).status_code == 204
    assert client.event()["availableSeats"] == 500


def test_sale_opens_and_closes_by_itself(
    client: PartnerClient, clock: Clock, create_event: CreateEventOf
) -> None:
    at = create_event(
        "timed",
        seats=10,
        on_sale_from=CLOCK_START_MS + 1_000,
        on_sale_until=CLOCK_START_MS + 2_000,
    )
    states = []
    for _ in range(4):
        states.append((client.event(at)["saleState"], client.reserve(at=at).status_code))
        clock.move(0.999 if len(states) % 2 else 0.001)

    assert states == [("scheduled", 409), ("scheduled", 409), ("on_sale", 201), ("on_sale", 201)]
    assert client.event(at)["saleState"] == "ended"
    problem(client.reserve(at=at), 409, "sale_closed")


def test_sale_that_is_not_open_says_when_it_opens(
    client: PartnerClient, clock: Clock, change_event: ChangeEventOf
) -> None:
    change_event(on_sale_from=CLOCK_START_MS + 90_250)
    clock.move(30)

    refused = problem(client.reserve(), 409, "sale_not_open")

    assert refused["opensAt"] == "2027-01-15T08:01:30.250Z"
    assert refused["opensInMs"] == 60_250
    assert refused["retryable"] is True
    assert "2027-01-15T08:01:30.250Z" in refused["detail"]


def test_tag_of_the_summary_changes_when_the_sale_opens(
    client: PartnerClient, clock: Clock, change_event: ChangeEventOf
) -> None:
    change_event(on_sale_from=CLOCK_START_MS + MINUTE_MS)
    etag = client.get("/").headers["ETag"]
    unchanged = client.get("/", headers={"If-None-Match": etag})

    clock.move(60)
    changed = client.get("/", headers={"If-None-Match": etag})

    assert (unchanged.status_code, changed.status_code) == (304, 200)
    assert changed.headers["ETag"] == '"1-on_sale"'
    # The number counts, not the state.
    assert client.reserve(if_match=etag).status_code == 201


def test_paused_sale_goes_on_when_it_is_resumed(
    client: PartnerClient, change_event: ChangeEventOf
) -> None:
    change_event(paused=True)
    problem(client.reserve(key="order-1"), 409, "sale_paused")

    change_event(paused=False)

    assert client.reserve(key="order-1").status_code == 201
    assert client.event()["saleState"] == "on_sale"


def test_holds_of_a_paused_event_still_expire(
    client: PartnerClient, clock: Clock, change_event: ChangeEventOf, services: Services
) -> None:
    hold_id = client.held_id(3, seconds=60)
    change_event(paused=True)
    clock.move(60)

    services.sweeper.sweep()

    assert client.reservation(hold_id)["status"] == "expired"


def test_sold_out_event_is_on_sale_again_when_it_grows(
    client: PartnerClient, change_event: ChangeEventOf, create_event: CreateEventOf
) -> None:
    at = create_event("small", seats=2)
    client.reserve(2, at=at)
    problem(client.reserve(at=at), 409, "not_enough_seats")

    change_event(at, total_seats=3)

    assert client.event(at)["saleState"] == "on_sale"
    assert client.reserve(at=at).status_code == 201


def test_cancelled_event_ends_all_that_it_had(
    client: PartnerClient, change_event: ChangeEventOf, services: Services
) -> None:
    # More than one batch of what is due.
    ids = [client.reserved_id() for _ in range(200)] + [client.held_id() for _ in range(100)]
    change_event(cancelled=True)

    # Each sweep ends one batch of an event, so that no event waits for another.
    sweeps = 0
    while services.sweeper.sweep():
        sweeps += 1

    assert sweeps == 2
    assert {client.reservation(id_)["status"] for id_ in ids} == {"cancelled"}
    summary = client.event()
    counters = [summary[n] for n in ("availableSeats", "heldSeats", "reservationCount")]
    assert counters == [500, 0, 0]
    assert summary["saleState"] == "cancelled"
    problem(client.confirm(ids[-1]), 409, "reservation_ended")
    problem(client.cancel(ids[0]), 404, "already_cancelled")
    assert services.sweeper.sweep() == 0
