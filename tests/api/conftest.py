"""The application over a scratch database, and one real server for the whole suite."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.api.keyed import Keyed
from tests.api.partner import PartnerClient
from tests.database import Database, database_at, database_url
from tests.server import Server
from ticketboss.api.context import EXTENSION
from ticketboss.app import create_app
from ticketboss.config import Settings, load_settings
from ticketboss.domain.commands import ChangeEvent, CreateEvent
from ticketboss.services import Services, open_services

OpenApp = Callable[..., Flask]
CreateEventOf = Callable[..., str]
ChangeEventOf = Callable[..., None]

CLOCK_START_MS = 1_800_000_000_000
CLOCK_START = "2027-01-15T08:00:00.000Z"


class Clock:
    """The time as the application sees it: it stands still until a test moves it."""

    def __init__(self) -> None:
        self.now_ms = CLOCK_START_MS

    def __call__(self) -> int:
        return self.now_ms

    def move(self, seconds: float) -> None:
        """Go forward, or back with a negative number."""
        self.now_ms += round(seconds * 1_000)


@pytest.fixture(scope="session", autouse=True)
def _urls_compiled_once() -> Iterator[None]:
    """All applications have the same URLs; to compile them took half the time of most tests."""
    compiled: dict[tuple[str, str, bool], Any] = {}
    compile_builder = Rule._compile_builder

    def remembered(rule: Rule, append_unknown: bool = True) -> Any:
        key = rule.rule, str(rule.defaults), append_unknown
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", remembered)
        yield


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """The scratch database, past the application."""
    scratch = database_at(database_url(tmp_path))
    yield scratch
    scratch.give_back()


@pytest.fixture
def settings(database: Database, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The default settings, over no database yet, and with little patience for slow bodies."""
    for name in os.environ:
        if name.startswith("TICKETBOSS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TICKETBOSS_ENV_FILE", "")
    monkeypatch.setenv("TICKETBOSS_BODY_SECONDS_MAX", "0.5")
    monkeypatch.setenv("TICKETBOSS_AUTH", "open")
    monkeypatch.setenv("DATABASE_URL", database.url)
    return load_settings()


@pytest.fixture
def services(settings: Settings, database: Database) -> Iterator[Services]:
    """The engine beside the application under test, on a database that is ready for use."""
    parts = open_services(settings)
    database.migrate(parts.repository)
    _create(parts, settings.default_event, settings.default_event_seats)
    yield parts
    parts.repository.close()


@pytest.fixture
def create_event(services: Services) -> CreateEventOf:
    """Puts an event on sale; gives the beginning of its URLs."""

    def create(event_id: str, seats: int, **event_settings: Any) -> str:
        _create(services, event_id, seats, **event_settings)
        return f"/events/{event_id}"

    return create


@pytest.fixture
def change_event(services: Services) -> ChangeEventOf:
    """Changes settings of an event, of the default event where `at` (as above) is empty."""

    def change(at: str = "", **event_settings: Any) -> None:
        event_id = at.removeprefix("/events/") or services.settings.default_event
        services.committer.submit(ChangeEvent(event_id=event_id, settings=event_settings))

    return change


@pytest.fixture
def open_app(settings: Settings) -> Iterator[OpenApp]:
    """Opens the application with some settings changed, whatever state the database is in."""
    with ExitStack() as opened:

        def open_one(**changes: Any) -> Flask:
            app = create_app(replace(settings, **changes))
            app.test_client_class = PartnerClient
            opened.callback(app.extensions[EXTENSION].repository.close)
            return app

        yield open_one


@pytest.fixture
def app(open_app: OpenApp, services: Services) -> Flask:
    """The application with the default settings, on a database that is ready for use."""
    return open_app()


@pytest.fixture
def clock(app: Flask, services: Services, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the application and of the engine beside it, in the test's hands."""
    return _clock_of(monkeypatch, app, services)


@pytest.fixture
def keyed_app(open_app: OpenApp, services: Services) -> Flask:
    """The application as it asks for keys."""
    return open_app(auth="keys")


@pytest.fixture
def keyed(keyed_app: Flask, services: Services) -> Keyed:
    """Makes keys of the application that asks for them, and clients that send them."""
    return Keyed(keyed_app, services.administration)


@pytest.fixture
def keyed_clock(keyed_app: Flask, services: Services, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the application that asks for keys, as `clock` is of the other."""
    return _clock_of(monkeypatch, keyed_app, services)


@pytest.fixture
def client(app: Flask) -> PartnerClient:
    """A partner of the application."""
    return cast(PartnerClient, app.test_client())


@pytest.fixture
def rival(open_app: OpenApp, services: Services) -> PartnerClient:
    """A partner of another server over the same database: nothing but that is shared."""
    return cast(PartnerClient, open_app().test_client())


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server that these tests share; whatever they sent, its ledger must be clean."""
    with Server(tmp_path_factory.mktemp("live")) as running:
        yield running
        assert running.differences() == []


def _clock_of(monkeypatch: pytest.MonkeyPatch, app: Flask, services: Services) -> Clock:
    hands = Clock()
    for repository in (app.extensions[EXTENSION].repository, services.repository):
        monkeypatch.setattr(repository, "_clock", hands)
    return hands


def _create(parts: Services, event_id: str, seats: int, **event_settings: Any) -> None:
    named = {"name": "Node.js Meet-up", "total_seats": seats, **event_settings}
    parts.committer.submit(CreateEvent(event_id=event_id, **named))
