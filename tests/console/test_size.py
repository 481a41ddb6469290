"""The pages of a server with 1,000 events, and an event with very many reservations."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from benchmarks.fill import fill
from tests.console.test_cost import CPU_MS_MAX, cpu_ms
from tests.server import Server

EVENTS = 1_000
RESERVATIONS = 200_000
ASKED = 30
PAGES = (
    *("/console/", "/console/live", "/console/events/large", "/console/events/large/live"),
    *("/console/events/large/history?minutes=0", "/console/events/large/history?minutes=10"),
    *("/console/events/large/reservations?find=none", "/console/partners", "/console/keys"),
)

pytestmark = pytest.mark.sqlite_only("it is filled with SQLite's own SQL")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("large")
    server = Server(folder)
    fill(server.environment["DATABASE_URL"], "large", RESERVATIONS)
    with server, requests.Session() as session:
        for number in range(EVENTS):
            event_id = f"event-{number:04}"
            body = {"eventId": event_id, "name": f"Event {number}", "totalSeats": 10}
            session.post(f"{server.url}/events", json=body, timeout=10).raise_for_status()
        yield server


@pytest.mark.parametrize("url", PAGES)
def test_page_of_a_large_server_is_cheap(large: Server, url: str) -> None:
    with requests.Session() as session:
        session.get(f"{large.url}{url}", timeout=10).raise_for_status()
        before = cpu_ms(large)
        for _ in range(ASKED):
            session.get(f"{large.url}{url}", timeout=10).raise_for_status()

    assert (cpu_ms(large) - before) / ASKED < CPU_MS_MAX
