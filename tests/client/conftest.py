"""A real server that wants API keys, one for all tests that leave it as it is."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.client.operator import Operator
from tests.server import Server
from ticketboss.client import Client


@pytest.fixture(scope="package")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """The operator of a server in keys mode."""
    with Server(tmp_path_factory.mktemp("client"), TICKETBOSS_AUTH="keys") as server:
        yield Operator(server)


@pytest.fixture
def event_id(operator: Operator) -> str:
    """An event of the test's own, of 100 seats, 10 at most for one reservation."""
    return operator.new_event(100, seatsPerReservationMax=10)


@pytest.fixture
def client(operator: Operator, event_id: str) -> Iterator[Client]:
    """The partner's client for that event."""
    with closing(operator.client(event_id)) as client:
        yield client
