"""Fixtures that several suites share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.database import BACKEND_NAME, BACKENDS
from tests.server import Server


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--backend", choices=BACKENDS, help="the database of the servers under test")


def pytest_configure(config: pytest.Config) -> None:
    chosen: str | None = config.getoption("--backend")
    if chosen:
        os.environ[BACKEND_NAME] = chosen


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A real server of the default kind: gevent, two workers, the default event of 500 seats."""
    with Server(tmp_path) as running:
        yield running
