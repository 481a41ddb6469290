"""Fixtures that several suites share."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests import postgres
from tests.database import BACKEND_NAME, BACKENDS, backend
from tests.server import Server
from tests.watched import chromium


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--backend", choices=BACKENDS, help="the database of the servers under test")


def pytest_configure(config: pytest.Config) -> None:
    # As Ctrl-C does it: so that what tests have started ends with them, also behind a `timeout`.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    chosen: str | None = config.getoption("--backend")
    if chosen:
        os.environ[BACKEND_NAME] = chosen


def pytest_sessionstart() -> None:
    if backend() == "postgres":
        # Here, so that all processes of the run find the one server.
        postgres.shared_url(postgres.versions()[0])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if backend() != "sqlite":
        others = [item for item in items if item.get_closest_marker("sqlite_only")]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium; not for longer than a module, for its loop runs in this thread."""
    with chromium() as running:
        yield running


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A real server of the default kind: gevent, two workers, the default event of 500 seats."""
    with Server(tmp_path) as running:
        yield running
