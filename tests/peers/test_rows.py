"""Each seller's rows are counted in its own table, and are as many as it has acknowledged."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from benchmarks import rig
from benchmarks.rig import HOT, SIXTEEN, Rig, post, running
from benchmarks.servers import available
from benchmarks.workloads import Drop, Steady
from tests.peers.sellers import SELLERS

SECONDS = 1
CANCEL_ALL = "UPDATE reservations SET status = 'cancelled' WHERE event_id = :event_id"
CANCEL_ONE = """
UPDATE reservations SET status = 'cancelled' WHERE event_id = :event_id
   AND reservation_id = (SELECT min(reservation_id) FROM reservations WHERE event_id = :event_id)
"""
COUNT_NONE = "UPDATE events SET reservation_count = 0 WHERE event_id = :event_id"


@pytest.fixture(scope="module")
def up() -> Iterator[Rig]:
    names, left_out = available(SELLERS)
    if left_out and os.environ.get("CI"):
        raise AssertionError(f"Nobody may be left out here: {left_out}")
    with pytest.MonkeyPatch.context() as patch, running(names, [0]) as found:
        patch.setattr(rig, "WARM_UP_ANSWERS", 50)
        found.warm_up()
        yield found


@pytest.fixture(params=SELLERS)
def seller(request: pytest.FixtureRequest, up: Rig) -> str:
    name: str = request.param
    if name not in up.servers:
        pytest.skip("its packages are not installed")
    return name


def change(up: Rig, name: str, statement: str) -> None:
    """Change the hot event past its server."""
    with closing(sqlite3.connect(up.servers[name].database_path, timeout=30)) as connection:
        connection.execute(statement, {"event_id": HOT})
        connection.commit()


def miscounts_of(up: Rig, name: str) -> list[str]:
    return [each for each in up.miscounts() if each.startswith(f"{name}: ")]


def test_rows_are_as_many_as_were_acknowledged_after_each_kind_of_load(
    up: Rig, seller: str
) -> None:
    many = [post(event_id) for event_id in SIXTEEN]
    mixed = [post(HOT), *[rig.get(HOT)] * 4]
    for load in (
        Steady("hot", "", [seller], [post(HOT)], [HOT], reservations=1, connections=8),
        Steady("mixed", "", [seller], mixed, [HOT], reservations=0.2, connections=8),
        Steady("sixteen", "", [seller], many, SIXTEEN, reservations=1),
        Drop(f"drop-{seller}", "", [seller], requests=600),
    ):
        sample = load.sample(up, seller, SECONDS)
        assert sample["failures"] == 0, load

    assert miscounts_of(up, seller) == []


def test_rows_that_are_lost_are_found_in_the_table_of_each_seller(up: Rig, seller: str) -> None:
    assert miscounts_of(up, seller) == []

    change(up, seller, CANCEL_ONE)
    [found] = miscounts_of(up, seller)
    change(up, seller, CANCEL_ALL)
    change(up, seller, COUNT_NONE)
    [found_without_the_counter] = miscounts_of(up, seller)

    assert found.startswith(f"{seller}: {HOT} counts ")
    assert found_without_the_counter.endswith("reservations were acknowledged, 0 rows are there")
