"""One server of a drop for all tests of the console, and pages that look at it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.console.drop import Drop
from tests.console.operator import SHOW, DropServer, sign_in
from tests.watched import Watched, watched_page


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DropServer]:
    """A real server with two workers; whatever was done to it, its ledgers must be clean."""
    with DropServer(tmp_path_factory.mktemp("console")) as running:
        running.prepare()
        yield running
        assert running.differences() == []


@pytest.fixture
def drop(server: DropServer) -> Iterator[Drop]:
    """Partners that buy while the test runs."""
    with Drop(server.url, SHOW, server.partner_keys) as running:
        yield running


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    """A page that is not signed in."""
    with watched_page(browser) as noting:
        yield noting


@pytest.fixture
def operator(watched: Watched, server: DropServer) -> Watched:
    """A page that is signed in, at the list of events."""
    sign_in(watched.page, server)
    return watched
