"""Events filled past the server are as if they had been sold by it."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests

import benchmarks.fill
from benchmarks.database import connected
from benchmarks.engine import measure_engine, measure_sqlite
from benchmarks.fill import fill
from benchmarks.rig import post
from benchmarks.servers import TicketBoss

RESERVATIONS = 1_234


def test_a_filled_event_is_sound_and_sells_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benchmarks.fill, "TRANSACTION_RESERVATIONS", 500)
    server = TicketBoss(tmp_path / "server")
    fill(server.environment["DATABASE_URL"], "filled", RESERVATIONS)
    with server:
        answer = requests.post(
            server.url + post("filled").path, json=json.loads(post("filled").body), timeout=30
        )
        event = server.event("filled")
        differences = server.differences()

    assert answer.json()["version"] == RESERVATIONS + 1
    assert event["reservationCount"] == RESERVATIONS + 1
    assert event["availableSeats"] == event["totalSeats"] - RESERVATIONS - 1
    assert differences == []


@pytest.mark.parametrize("greenlets", [True, False])
def test_sqlite_alone_is_given_the_rows_that_the_engine_has_sold(
    tmp_path: Path, greenlets: bool
) -> None:
    sold, again = (f"sqlite:///{tmp_path}/{name}.db" for name in ("sold", "again"))

    engine = measure_engine(sold, 0.5, greenlets)
    sqlite = measure_sqlite(sold, again)

    assert engine["rate"] > 0
    assert sqlite["rate"] > 0
    assert newest_entry(sold) == newest_entry(again)


def newest_entry(url: str) -> tuple[Any, ...]:
    """The last row of the ledger, and the event's counters beside it."""
    with connected(url, synchronous="FULL") as connection:
        return (
            connection.execute("SELECT * FROM ledger ORDER BY version DESC LIMIT 1").fetchone(),
            connection.execute("SELECT reservation_count, version FROM events").fetchone(),
            connection.execute("SELECT count(*) FROM reservations").fetchone(),
        )
