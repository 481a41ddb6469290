"""The peers keep the contract and do not over-sell: only so may they stand beside TicketBoss."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import requests

from benchmarks.database import connected
from benchmarks.peers import statements
from benchmarks.servers import CONTENDERS, EXPRESS, Contender
from tests.peers.sellers import SELLERS

TIMEOUT_SECONDS = 30
SEATS = 50
BREAKING = (
    "UPDATE events SET total_seats = 0",
    "UPDATE events SET available_seats = -1",
    "UPDATE events SET available_seats = total_seats + 1",
    "UPDATE events SET reservation_count = -1",
    "UPDATE events SET version = -1",
    "UPDATE reservations SET seats = 0",
    "UPDATE reservations SET status = 'sold'",
)


@pytest.fixture(scope="module", params=SELLERS)
def seller(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Contender]:
    contender = CONTENDERS[request.param]
    missing = contender.missing()
    if missing and not os.environ.get("CI"):
        pytest.skip(missing)
    with contender(tmp_path_factory.mktemp("seller") / "files") as running:
        yield running


def reserve(server: Contender, event_id: str, body: object) -> requests.Response:
    return requests.post(
        f"{server.url}/events/{event_id}/reservations",
        json=body,
        headers=server.headers,
        timeout=TIMEOUT_SECONDS,
    )


def test_a_seller_keeps_the_contract(seller: Contender) -> None:
    seller.create_event("contract", 4)

    accepted = reserve(seller, "contract", {"partnerId": "abc-corp", "seats": 3})
    refused = reserve(seller, "contract", {"partnerId": "abc-corp", "seats": 2})
    unknown = reserve(seller, "nowhere", {"partnerId": "abc-corp", "seats": 1})

    assert (accepted.status_code, refused.status_code, unknown.status_code) == (201, 409, 404)
    document = accepted.json()
    assert len(document["reservationId"]) == 36
    assert (document["seats"], document["status"]) == (3, "confirmed")
    event = seller.event("contract")
    assert (event["totalSeats"], event["availableSeats"]) == (4, 1)
    assert (event["reservationCount"], event["version"]) == (1, 1)


@pytest.mark.parametrize(
    "body",
    [
        {"seats": 1},
        {"partnerId": "abc-corp"},
        {"partnerId": "abc-corp", "seats": 0},
        {"partnerId": "abc-corp", "seats": "1"},
        {"partnerId": "not a name!", "seats": 1},
        [],
    ],
)
def test_a_seller_refuses_what_is_not_a_reservation(seller: Contender, body: object) -> None:
    answer = reserve(seller, "of-nothing", body)

    # A partner's own key says for whom it is.
    allowed = (400, 404, 422) if body == {"seats": 1} else (400, 422)
    assert answer.status_code in allowed


def test_a_seller_sells_each_seat_once_however_many_ask_at_once(seller: Contender) -> None:
    seller.create_event("rush", SEATS)

    def ask(_: int) -> int:
        return reserve(seller, "rush", {"partnerId": "abc-corp", "seats": 1}).status_code

    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(ask, range(SEATS + 30)))

    assert statuses.count(201) == SEATS
    assert statuses.count(409) == 30
    event = seller.event("rush")
    assert (event["availableSeats"], event["reservationCount"]) == (0, SEATS)


def test_all_databases_have_the_constraints_that_the_tables_have_in_common(
    seller: Contender,
) -> None:
    seller.create_event("constraints", 4)
    reserve(seller, "constraints", {"partnerId": "abc-corp", "seats": 3})

    with connected(f"sqlite:///{seller.database_path}", synchronous="FULL") as database:
        for change in BREAKING:
            with pytest.raises(Exception, match="CHECK constraint failed"):
                database.execute(f"{change} WHERE event_id = 'constraints'")
        keys = database.execute("PRAGMA foreign_key_list(reservations)").fetchall()
    assert [(key[2], key[3], key[4]) for key in keys] == [("events", "event_id", "event_id")]


def test_python_and_node_check_foreign_keys(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE", str(tmp_path / "a.db"))

    with closing(statements.connect()) as connection:
        assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1
    assert 'db.pragma("foreign_keys = ON")' in (EXPRESS / "server.js").read_text()


def test_express_runs_as_in_production() -> None:
    for name, contender in CONTENDERS.items():
        if name.startswith("Express"):
            assert contender.settings["NODE_ENV"] == "production"
