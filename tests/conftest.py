"""Fixtures that several suites share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A real server of the default kind: gevent, two workers, the default event of 500 seats."""
    with Server(tmp_path) as running:
        yield running
