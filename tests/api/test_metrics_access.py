"""Who may read /metrics: operators, and without a key whoever is really on this machine."""

import pytest

from tests.api.conftest import CreateEventOf
from tests.api.keyed import Keyed
from tests.api.partner import PartnerClient, problem
from tests.exposition import Exposition
from ticketboss.api.context import BOUND_TO_LOOPBACK

FROM_ELSEWHERE = [
    {"Host": "tickets.example"},
    {"Host": "0.0.0.0"},
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-Host": "localhost"},
    {"Forwarded": "for=127.0.0.1"},
    {"Via": "1.1 proxy"},
    {"X-Real-IP": "127.0.0.1"},
    {"Origin": "https://tickets.example"},
]
from_elsewhere = pytest.mark.parametrize(
    "headers", FROM_ELSEWHERE, ids=lambda headers: "-".join(*headers.items())
)


@pytest.fixture
def at_home(keyed: Keyed) -> Keyed:
    """An application with keys on a server that only this machine can reach."""
    keyed.app.extensions[BOUND_TO_LOOPBACK] = True
    return keyed


def test_metrics_need_an_operators_key(keyed: Keyed) -> None:
    problem(keyed.nobody().get("/metrics"), 401, "key_required")
    problem(keyed.sending("Bearer guess").get("/metrics"), 401, "key_invalid")
    problem(keyed.partner().get("/metrics"), 403, "wrong_scope")
    assert keyed.operator().get("/metrics").status_code == 200


@pytest.mark.parametrize("is_bound_to_loopback", [False, None])
def test_metrics_need_a_key_wherever_others_may_connect(
    keyed: Keyed, is_bound_to_loopback: bool | None
) -> None:
    keyed.app.extensions[BOUND_TO_LOOPBACK] = is_bound_to_loopback

    problem(keyed.nobody().get("/metrics"), 401, "key_required")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:3000", "127.0.0.1:3000", "[::1]:3000"])
def test_metrics_need_no_key_on_this_machine(at_home: Keyed, host: str) -> None:
    for client in (at_home.nobody(), at_home.sending("Bearer guess"), at_home.partner()):
        assert client.get("/metrics", headers={"Host": host}).status_code == 200


@from_elsewhere
def test_metrics_need_a_key_for_whatever_comes_through_a_proxy(
    at_home: Keyed, headers: dict[str, str]
) -> None:
    problem(at_home.nobody().get("/metrics", headers=headers), 401, "key_required")
    problem(at_home.partner().get("/metrics", headers=headers), 403, "wrong_scope")
    assert at_home.operator().get("/metrics", headers=headers).status_code == 200


@from_elsewhere
def test_open_mode_shows_no_metrics_to_others(
    client: PartnerClient, headers: dict[str, str]
) -> None:
    problem(client.get("/metrics", headers=headers), 403, "local_only")
    assert client.get("/metrics").status_code == 200


def test_nothing_but_metrics_is_shown_without_a_key(at_home: Keyed) -> None:
    for url in ("/", "/events", "/events/node-meetup-2025/audit", "/metrics/more"):
        response = at_home.nobody().get(url)
        assert response.status_code in (401, 404), url


def test_operators_test_key_is_told_nothing_of_events_for_real(
    keyed: Keyed, create_event: CreateEventOf
) -> None:
    create_event("rehearsal", seats=5, is_test=True)

    response = keyed.operator(is_test=True).get("/metrics")

    if response.status_code == 200:
        events = Exposition(response.text).values("available_seats", "event")
        assert set(events) <= {("rehearsal",)}
    else:
        problem(response, 403, "test_key")
