"""The cluster of the failover tests, and what they measured."""

from collections.abc import Callable, Iterator

import pytest

from tests.failover.cluster import Cluster
from tests.server import Server

COMMAND_SECONDS = 1
MEASURED = pytest.StashKey[list[str]]()

Measure = Callable[[str], None]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One for all tests; each leaves it whole."""
    with Cluster() as running:
        yield running


@pytest.fixture(scope="session")
def server(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on the cluster that soon gives up; each test has events of its own."""
    with Server(
        tmp_path_factory.mktemp("failover"),
        DATABASE_URL=cluster.new_database("soon"),
        TICKETBOSS_COMMAND_SECONDS_MAX=COMMAND_SECONDS,
    ) as running:
        yield running


@pytest.fixture
def measure(request: pytest.FixtureRequest) -> Measure:
    """Takes a line that is printed at the end of the run."""
    lines = request.config.stash.setdefault(MEASURED, [])
    return lambda line: lines.append(f"{request.node.name}: {line}")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for line in config.stash.get(MEASURED, []):
        terminalreporter.write_line(line)
