"""Several live keys at a time, and the end of one of them."""

import time

import pytest

from tests.api.conftest import OpenApp
from tests.api.keyed import Keyed
from tests.api.partner import PartnerClient, problem
from tests.api.test_idempotency import assert_replayed

REVOCATION_SECONDS_MAX = 1.0
REFUSAL_SECONDS_MAX = 10.0


def seconds_it_worked(client: PartnerClient, since: float) -> float:
    """How long after `since` (monotonic) the last request began that was not refused."""
    accepted_at = since
    while time.monotonic() < since + REFUSAL_SECONDS_MAX:
        asked_at = time.monotonic()
        response = client.get("/")
        if response.status_code == 401:
            problem(response, 401, "key_invalid")
            return accepted_at - since
        accepted_at = asked_at
    raise AssertionError("The key was not refused.")


def test_all_keys_of_a_partner_are_the_same_partner(keyed: Keyed) -> None:
    old, new = keyed.partner("abc-corp"), keyed.partner("abc-corp")
    first = old.reserve(seats=2, key="order-1")
    location = first.headers["Location"]

    assert_replayed(new.reserve(seats=2, key="order-1"), first)
    problem(new.reserve(seats=3, key="order-1"), 422, "idempotency_key_reused")
    assert new.get(location).get_json()["seats"] == 2
    assert new.delete(location).status_code == 204
    problem(old.delete(location), 404, "already_cancelled")


def test_keys_of_two_partners_have_scopes_of_their_own(keyed: Keyed) -> None:
    first = keyed.partner("abc-corp").reserve(key="order-1")
    second = keyed.partner("rival").reserve(key="order-1")

    assert (first.status_code, second.status_code) == (201, 201)
    assert "Idempotent-Replayed" not in second.headers


def test_keys_of_two_operators_have_scopes_of_their_own(keyed: Keyed) -> None:
    answers = [
        client.reserve(partner_id="abc-corp", key="order-1")
        for client in (keyed.operator(), keyed.operator(), keyed.partner("abc-corp"))
    ]

    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.get_json()["reservationId"] for answer in answers}) == 3


def test_revoked_key_leaves_the_partners_others_alone(keyed: Keyed) -> None:
    old, new = keyed.partner("abc-corp"), keyed.partner("abc-corp")
    reservation_id = old.reserved_id()

    keyed.revoke(old)
    seconds_it_worked(old, time.monotonic())

    problem(old.reserve(), 401, "key_invalid")
    assert new.get(f"/reservations/{reservation_id}").status_code == 200
    assert new.reserve().status_code == 201


def test_key_that_is_in_use_is_refused_within_a_second_of_its_revocation(
    keyed: Keyed, open_app: OpenApp
) -> None:
    here = keyed.partner()
    elsewhere = Keyed(open_app(auth="keys"), keyed.desk).nobody()
    elsewhere.environ_base["HTTP_AUTHORIZATION"] = here.environ_base["HTTP_AUTHORIZATION"]
    assert (here.get("/").status_code, elsewhere.get("/").status_code) == (200, 200)

    keyed.revoke(here)
    revoked_at = time.monotonic()

    assert seconds_it_worked(here, revoked_at) < REVOCATION_SECONDS_MAX
    assert seconds_it_worked(elsewhere, revoked_at) < REVOCATION_SECONDS_MAX


def test_revoked_operator_decides_nothing_more(keyed: Keyed) -> None:
    operator = keyed.operator()
    assert operator.delete(f"/keys/{operator.key_id}").status_code == 204

    seconds_it_worked(operator, time.monotonic())

    problem(operator.post("/keys", json={"scope": "operator"}), 401, "key_invalid")
    problem(operator.post("/events/pause"), 401, "key_invalid")
    assert keyed.partner().event()["saleState"] == "on_sale"


@pytest.mark.parametrize("is_test", [False, True])
def test_revoked_key_is_no_key_where_it_was_never_seen(keyed: Keyed, is_test: bool) -> None:
    partner = keyed.partner(is_test=is_test)
    keyed.revoke(partner)

    problem(partner.get("/"), 401, "key_invalid")
