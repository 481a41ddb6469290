"""What a partner sees when the server itself is in trouble: a bounded, honest answer."""

import logging
from typing import NoReturn, cast

import pytest
from flask import Flask

from tests.api.conftest import OpenApp
from tests.api.partner import PartnerClient, problem
from tests.database import Database
from ticketboss.api.context import EXTENSION
from ticketboss.repository.interface import OutcomeUnknown
from ticketboss.services import Services

REASON = "the reason that only the log may have"
COMMAND_SECONDS_MAX = 0.2


def _fail(*arguments: object) -> NoReturn:
    raise RuntimeError(REASON)


@pytest.fixture
def hasty_app(open_app: OpenApp, services: Services) -> Flask:
    """A server that gives each command little time."""
    return open_app(command_seconds_max=COMMAND_SECONDS_MAX)


@pytest.mark.parametrize("method", ["event", "reservation"])
def test_bug_in_a_read_is_an_internal_error_without_its_traceback(
    app: Flask, client: PartnerClient, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr(app.extensions[EXTENSION].repository, method, _fail)

    response = client.get("/" if method == "event" else "/reservations/some-id")

    problem(response, 500, "internal_error")
    assert REASON not in response.text
    assert "RuntimeError" not in response.text


def test_bug_in_a_write_is_an_internal_error_and_takes_no_seats(
    app: Flask, client: PartnerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(app.extensions[EXTENSION].repository, "commit", _fail)
        response = client.reserve(key="order-1")

    problem(response, 500, "internal_error")
    assert REASON not in response.text
    assert client.event()["version"] == 0
    assert client.reserve(key="order-1").status_code == 201


def test_bug_is_logged_with_its_traceback_and_the_request_id(
    app: Flask,
    client: PartnerClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(app.extensions[EXTENSION].repository, "event", _fail)

    client.get("/", headers={"X-Request-Id": "trace-me"})

    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.__dict__["requestId"] == "trace-me"
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == REASON


def test_write_lock_that_stays_taken_is_overload_without_effect(
    hasty_app: Flask, database: Database
) -> None:
    client = cast(PartnerClient, hasty_app.test_client())
    with database.writes_locked():
        refused = client.reserve(key="order-1")
        # Readers are not kept out by a writer.
        assert client.event()["version"] == 0

    problem(refused, 503, "overloaded")
    assert refused.headers["Retry-After"] == "1"
    retried = client.reserve(key="order-1")
    assert retried.status_code == 201
    assert retried.get_json()["version"] == 1


def test_commit_that_gives_no_answer_is_outcome_unknown(
    hasty_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = cast(PartnerClient, hasty_app.test_client())
    repository = hasty_app.extensions[EXTENSION].repository

    def commit_and_lose_the_answer(changes: object, deadline: float) -> NoReturn:
        raise OutcomeUnknown(REASON)

    with monkeypatch.context() as patch:
        patch.setattr(repository, "commit", commit_and_lose_the_answer)
        unknown = client.reserve(key="order-1")

    problem(unknown, 503, "outcome_unknown")
    assert unknown.headers["Retry-After"] == "1"
    assert REASON not in unknown.text
    # Asking again with the same key settles it.
    assert client.reserve(key="order-1").status_code == 201
    assert client.event()["version"] == 1


def test_missing_database_is_storage_unavailable_for_reads_and_writes(
    open_app: OpenApp, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    database.remove()
    client = cast(PartnerClient, open_app().test_client())

    for response in (client.get("/"), client.get("/reservations/some-id"), client.reserve()):
        problem(response, 503, "storage_unavailable")
        assert response.headers["Retry-After"] == "5"
        assert database.place not in response.text
    assert {record.name for record in caplog.records} >= {"ticketboss.api.problems"}


def test_unmigrated_database_is_storage_unavailable(open_app: OpenApp, database: Database) -> None:
    database.make_empty()
    client = cast(PartnerClient, open_app().test_client())

    problem(client.reserve(), 503, "storage_unavailable")
    problem(client.cancel("some-id"), 503, "storage_unavailable")


def test_server_recovers_when_the_database_comes_back(
    open_app: OpenApp, services: Services, database: Database
) -> None:
    services.repository.close()
    database.put_away()
    client = cast(PartnerClient, open_app().test_client())
    problem(client.reserve(key="order-1"), 503, "storage_unavailable")

    database.put_back()

    assert client.get("/readyz").status_code == 200
    assert client.reserve(key="order-1").status_code == 201
