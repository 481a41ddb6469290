"""Another partner's reservation is answered byte for byte as one that does not exist."""

from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api.conftest import Clock, CreateEventOf, OpenApp
from tests.api.keyed import Keyed
from tests.api.partner import PARTNER_ID, PartnerClient, problem
from ticketboss.services import Services

UNKNOWN_ID = "01980000-0000-7000-8000-000000000000"
RIVAL = "rival"
REQUEST_ID = "the-same-for-both"
HOLD_SECONDS = 60
OWNERS_KEY, OWN_KEY, OWN_CANCEL_KEY = "owners-order", "own-order", "own-cancel"


@dataclass(frozen=True, slots=True)
class Twin:
    """One of two events in which the same has happened; `owner` has the reservation."""

    at: str
    owner: PartnerClient
    asker: PartnerClient
    reservation_id: str
    # The same asker, where this event is the default one.
    short_asker: PartnerClient

    def ask(self, reservation_id: str, way: str, asking: "Asking") -> TestResponse:
        """Ask for a reservation of this event, by the long way or the short one."""
        client, at = (self.asker, self.at) if way == "long" else (self.short_asker, "")
        url = f"{at}/reservations/{reservation_id}{asking.suffix}"
        headers = {"X-Request-Id": REQUEST_ID, **asking.headers}
        return client.open(url, method=asking.method, json=asking.body, headers=headers)


@dataclass(frozen=True, slots=True)
class Asking:
    """A request on a reservation, but for its URL."""

    method: str
    suffix: str
    body: Any
    headers: dict[str, str]


ACTIONS: dict[str, tuple[str, str, Any]] = {
    "read": ("GET", "", None),
    "head": ("HEAD", "", None),
    "confirm": ("POST", "/confirm", None),
    "change seats": ("PATCH", "", {"seats": 1}),
    "grow beyond all limits": ("PATCH", "", {"seats": 100_000}),
    "extend": ("PATCH", "", {"holdSeconds": 3_600}),
    "change wrongly": ("PATCH", "", {"seats": 0}),
    "cancel": ("DELETE", "", None),
}
HEADERS: list[dict[str, str]] = [
    {},
    {"If-Match": "*"},
    {"If-Match": '"1"'},
    {"If-Match": '"2", "3", "4"'},
    {"If-Match": '"99"'},
    {"If-Match": "rubbish"},
    {"If-None-Match": "*"},
    {"If-None-Match": '"1", "2", "3", "4"'},
    {"If-None-Match": "rubbish"},
    {"Idempotency-Key": "fresh"},
    {"Idempotency-Key": "not valid"},
    {"Idempotency-Key": ""},
    {"Idempotency-Key": OWNERS_KEY},
    {"Idempotency-Key": OWN_KEY},
    {"Idempotency-Key": OWN_CANCEL_KEY},
    {"Idempotency-Key": OWNERS_KEY, "If-Match": '"1"'},
    {"Idempotency-Key": OWN_KEY, "If-Match": '"99"'},
]


STATES = ("held", "confirmed", "cancelled", "overdue", "expired")


def bring_to(state: str, twins: tuple[Twin, Twin], clock: Clock, services: Services) -> None:
    """Bring the reservations, which are held, to one of STATES."""
    for twin in twins:
        if state == "confirmed":
            key = f"{OWNERS_KEY}-2"
            _done(twin.owner.confirm(twin.reservation_id, twin.at, key=key))
        elif state == "cancelled":
            _done(twin.owner.cancel(twin.reservation_id, twin.at))
    if state in ("overdue", "expired"):
        clock.move(HOLD_SECONDS)
    if state == "expired":
        services.sweeper.sweep()


@pytest.fixture
def twins(
    keyed: Keyed, open_app: OpenApp, create_event: CreateEventOf, keyed_clock: Clock
) -> tuple[Twin, Twin]:
    """Two events with the same history, of which one is asked for what is not there."""
    owner, issued = keyed.partner(RIVAL), keyed.issue(PARTNER_ID)
    asker = keyed.holder(issued)
    found = []
    for event_id in ("twin-1", "twin-2"):
        at = create_event(event_id, seats=100)
        reservation_id = owner.held_id(3, HOLD_SECONDS, at=at, key=OWNERS_KEY)
        assert asker.reserve(at=at, key=OWN_KEY).status_code == 201
        _done(asker.cancel(asker.reserved_id(at=at), at, key=OWN_CANCEL_KEY))
        short_app = open_app(auth="keys", default_event=event_id)
        short_asker = Keyed(short_app, keyed.desk).holder(issued)
        found.append(Twin(at, owner, asker, reservation_id, short_asker))
    return found[0], found[1]


@pytest.mark.parametrize("frozen", [False, True], ids=["free", "frozen"])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", ACTIONS)
def test_answer_does_not_tell_whether_the_reservation_exists(
    twins: tuple[Twin, Twin],
    keyed_clock: Clock,
    services: Services,
    action: str,
    state: str,
    frozen: bool,
) -> None:
    bring_to(state, twins, keyed_clock, services)
    if frozen:
        for partner_id in (PARTNER_ID, RIVAL):
            services.administration.freeze("operator:cli", partner_id, "keep")
    there, not_there = twins

    for way in ("long", "short"):
        for headers in HEADERS:
            asking = Asking(*ACTIONS[action], headers)
            existing = there.ask(there.reservation_id, way, asking)
            missing = not_there.ask(UNKNOWN_ID, way, asking)

            assert existing.status_code in (400, 404), (way, headers, existing.text)
            assert whole(existing) == whole(missing), (way, headers)
    assert tally(there, services) == tally(not_there, services)


@pytest.mark.parametrize("state", STATES)
def test_owner_is_answered_otherwise(
    twins: tuple[Twin, Twin], keyed_clock: Clock, services: Services, state: str
) -> None:
    twin = twins[0]
    bring_to(state, twins, keyed_clock, services)

    assert twin.owner.get(f"{twin.at}/reservations/{twin.reservation_id}").status_code == 200


def test_stranger_changes_nothing(twins: tuple[Twin, Twin], services: Services) -> None:
    twin = twins[0]
    before = twin.owner.reservation(twin.reservation_id, twin.at)
    version = twin.owner.event(twin.at)["version"]

    for response in (
        twin.asker.confirm(twin.reservation_id, twin.at),
        twin.asker.change(twin.reservation_id, twin.at, seats=1),
        twin.asker.cancel(twin.reservation_id, twin.at),
        twin.asker.get(f"{twin.at}/reservations/{twin.reservation_id}"),
    ):
        problem(response, 404, "reservation_not_found")
    assert twin.owner.reservation(twin.reservation_id, twin.at) == before
    assert twin.owner.event(twin.at)["version"] == version


def test_strangers_idempotency_key_tells_nothing(twins: tuple[Twin, Twin]) -> None:
    twin = twins[0]

    # The very request that the owner has sent under this key, and another one.
    same = twin.asker.hold(3, HOLD_SECONDS, at=twin.at, key=OWNERS_KEY)
    other = twin.asker.reserve(2, at=twin.at, key=f"{OWNERS_KEY}-2")

    assert (same.status_code, other.status_code) == (201, 201)
    assert "Idempotent-Replayed" not in same.headers
    assert same.get_json()["reservationId"] != twin.reservation_id


def whole(response: TestResponse) -> tuple[int, list[tuple[str, str]], bytes]:
    """All that a client can see of an answer."""
    return response.status_code, list(response.headers), response.data


def tally(twin: Twin, services: Services) -> tuple[int, int, int]:
    """What has become of the event."""
    event = services.repository.event(twin.at.removeprefix("/events/"))
    assert event is not None
    return event.version, event.available_seats, event.held_seats


def _done(response: TestResponse) -> None:
    assert response.status_code in (200, 204), response.text
