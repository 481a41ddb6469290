"""The answer to a bulk: made of what was committed, with the way to it, and honest in trouble."""

from typing import NoReturn

import pytest
from flask import Flask

from tests.api.conftest import CreateEventOf
from tests.api.keyed import Keyed
from tests.api.pages import NEXT
from tests.api.partner import PartnerClient, problem
from ticketboss.api.context import EXTENSION
from ticketboss.repository.interface import Repository, StorageUnavailable

ITEMS = ({"seats": 2, "reference": "PO-1"}, {"seats": 11}, {"seats": 1, "holdSeconds": 60})
KEY = "bulk-1"


def _fail(*_: object) -> NoReturn:
    raise StorageUnavailable("disk full")


def test_committed_bulk_is_answered_without_another_look_at_the_storage(
    app: Flask, client: PartnerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository: Repository = app.extensions[EXTENSION].repository
    with monkeypatch.context() as patched:
        patched.setattr(repository, "ledger", _fail)
        first = client.reserve_many(*ITEMS, key=KEY)

    assert first.status_code == 201
    again = client.reserve_many(*ITEMS, key=KEY)
    assert again.data == first.data
    assert again.headers["Idempotent-Replayed"] == "true"


def test_repeated_bulk_that_cannot_be_read_is_not_called_without_effect(
    app: Flask, client: PartnerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client.reserve_many(*ITEMS, key=KEY)
    with monkeypatch.context() as patched:
        patched.setattr(app.extensions[EXTENSION].repository, "ledger", _fail)
        failed = client.reserve_many(*ITEMS, key=KEY)

    problem(failed, 503, "outcome_unknown")
    assert failed.headers["Retry-After"]
    # Asking again settles it.
    assert client.reserve_many(*ITEMS, key=KEY).data == first.data


@pytest.mark.parametrize("at", ["", "/events/node-meetup-2025"])
def test_bulk_has_the_location_of_the_page_that_lists_its_reservations(
    keyed: Keyed, at: str
) -> None:
    partner, rival, operator = keyed.partner(), keyed.partner("rival"), keyed.operator()
    rival.reserve()
    partner.reserve(reference="earlier")

    made = partner.reserve_many(*ITEMS, at=at)
    partner.reserve(reference="later")
    rival.reserve()

    assert made.headers["Location"] == "/events/node-meetup-2025/reservations?cursor=2&limit=2"
    ids = [each["reservationId"] for each in made.get_json()["outcomes"] if "seats" in each]
    for client in (partner, operator):
        page = client.get(made.headers["Location"])
        assert [row["reservationId"] for row in page.get_json()["reservations"]] == ids
        assert NEXT.fullmatch(page.headers["Link"])
    theirs = rival.get(made.headers["Location"]).get_json()["reservations"]
    assert not set(ids) & {row["reservationId"] for row in theirs}


def test_location_of_the_largest_bulk_is_one_page(client: PartnerClient) -> None:
    made = client.reserve_many(*[{"seats": 1}] * 100)

    page = client.get(made.headers["Location"]).get_json()

    assert [row["createdVersion"] for row in page["reservations"]] == [*range(1, 101)]
    assert page["next"] is None


def test_refused_bulk_tells_of_no_hold_that_it_never_made(
    client: PartnerClient, create_event: CreateEventOf
) -> None:
    at = create_event("small", seats=5)

    refused = client.reserve_many({"seats": 3, "holdSeconds": 60}, {"seats": 4}, at=at, atomic=True)

    _, why = problem(refused, 409, "bulk_refused")["outcomes"]
    # Seats are those that the items before it would have left.
    assert (why["availableSeats"], why["heldSeats"], why["nextHoldExpiresAt"]) == (2, 0, None)
    assert "Location" not in refused.headers
