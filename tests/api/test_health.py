"""/healthz and /readyz, in all the states that a server can be in."""

from typing import cast

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.api.conftest import OpenApp
from tests.api.partner import PartnerClient, problem
from tests.database import Database
from tests.sqlite_file import SqliteFile
from ticketboss.api.context import DRAINING
from ticketboss.services import Services

NEWER_SCHEMA = "INSERT INTO schema_migrations VALUES (9999, '9999_later.sql', 0)"


def assert_not_ready(response: TestResponse) -> str:
    """Assert that a server wants no requests; gives its reason."""
    detail: str = problem(response, 503, "not_ready")["detail"]
    assert int(response.headers["Retry-After"]) >= 1
    return detail


def test_server_on_a_migrated_database_is_ready(client: PartnerClient) -> None:
    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.get_json() == {"status": "ready"}
    assert response.headers["Cache-Control"] == "no-store"


def test_server_is_alive(client: PartnerClient) -> None:
    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.get_json() == {"status": "alive"}
    assert response.headers["Cache-Control"] == "no-store"


def test_server_without_a_database_is_alive_but_not_ready(
    open_app: OpenApp, database: Database
) -> None:
    database.remove()
    client = cast(PartnerClient, open_app().test_client())

    detail = assert_not_ready(client.get("/readyz"))

    assert client.get("/healthz").status_code == 200
    assert database.place not in detail
    # Asking must not make an empty database that looks like ours.
    assert not database.is_made()


def test_server_on_an_empty_database_says_how_to_migrate_it(
    open_app: OpenApp, database: Database
) -> None:
    database.make_empty()
    client = cast(PartnerClient, open_app().test_client())

    assert "python -m ticketboss migrate" in assert_not_ready(client.get("/readyz"))


def test_server_on_a_newer_schema_is_not_ready(client: PartnerClient, database: Database) -> None:
    database.execute(NEWER_SCHEMA)

    assert "9999" in assert_not_ready(client.get("/readyz"))


@pytest.mark.sqlite_only("PostgreSQL's files are its own")
def test_server_on_a_file_that_is_no_database_is_not_ready(
    open_app: OpenApp, database: SqliteFile
) -> None:
    database.path.write_bytes(b"This is no database." * 100)

    assert_not_ready(cast(PartnerClient, open_app().test_client()).get("/readyz"))


@pytest.mark.parametrize("asked_before", [False, True], ids=["fresh", "after requests"])
def test_server_whose_database_was_removed_is_not_ready(
    client: PartnerClient, services: Services, database: Database, asked_before: bool
) -> None:
    if asked_before:
        client.reserve()
    database.remove()

    assert_not_ready(client.get("/readyz"))


def test_stopping_server_is_alive_but_not_ready(app: Flask, client: PartnerClient) -> None:
    app.extensions[DRAINING] = lambda: True

    assert_not_ready(client.get("/readyz"))
    assert client.get("/healthz").status_code == 200


def test_stopping_server_still_answers_what_it_gets(app: Flask, client: PartnerClient) -> None:
    app.extensions[DRAINING] = lambda: True

    assert client.reserve().status_code == 201


def test_server_told_that_it_is_not_stopping_is_ready(app: Flask, client: PartnerClient) -> None:
    app.extensions[DRAINING] = lambda: False

    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("url", ["/healthz", "/readyz"])
def test_health_can_be_asked_by_head(client: PartnerClient, url: str) -> None:
    assert client.head(url).status_code == 200
