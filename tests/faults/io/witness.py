"""An application over damaged files, and whether what it says can be believed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from tests.faults.power.checks import EVENT_ID
from tests.faults.power.trace import DATABASE
from ticketboss.api.context import EXTENSION
from ticketboss.app import create_app
from ticketboss.config import load_settings
from ticketboss.engine.verifier import Verifier
from ticketboss.repository.interface import Repository, StorageUnavailable

PAGES = (
    "/reservations",
    f"/events/{EVENT_ID}/reservations?limit=100",
    f"/events/{EVENT_ID}/reservations?partnerId=partner-1&limit=100",
    f"/events/{EVENT_ID}/reservations?reference=PO-3",
    f"/events/{EVENT_ID}/ledger?limit=100",
    f"/events/{EVENT_ID}?at=20",
)
MANY = "1000000/second"
Answers = dict[str, tuple[int, Any]]


class Witness:
    """One application, in open mode, over the files of one folder, which may be replaced."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder / DATABASE}"
        settings = replace(
            load_settings(),
            database_url=url,
            auth="open",
            command_seconds_max=0.1,
            rate_limit_reads=MANY,
            rate_limit_writes=MANY,
        )
        self.app: Flask = create_app(settings)
        self._client: FlaskClient = self.app.test_client()

    @property
    def repository(self) -> Repository:
        """What the application reads from."""
        repository: Repository = self.app.extensions[EXTENSION].repository
        return repository

    def close(self) -> None:
        """Let go of the files."""
        self.repository.close()

    def reads(self, reservation_ids: list[str]) -> Answers:
        """What it says about everything that can be read."""
        paths = [*PAGES, *(f"/reservations/{each}" for each in reservation_ids)]
        return {path: self._ask("GET", path) for path in paths}

    def writes(self, reservation_id: str) -> Answers:
        """What it says to changes."""
        body = {"partnerId": "partner-1", "seats": 2}
        return {
            "reserve": self._ask("POST", "/reservations", body),
            "hold": self._ask("POST", "/reservations", body | {"holdSeconds": 60}),
            "change": self._ask("PATCH", f"/reservations/{reservation_id}", {"seats": 1}),
            "cancel": self._ask("DELETE", f"/reservations/{reservation_id}"),
        }

    def complaints(self) -> list[str]:
        """What `verify` finds, or what keeps it from finding it."""
        try:
            verified = Verifier(self.repository, EVENT_ID).verify()
            gone = [] if verified else ["the event is gone"]
            return self.repository.damage() + (verified.differences if verified else gone)
        except StorageUnavailable as error:
            return [str(error)]

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        answer = self._client.open(path, method=method, json=body)
        return answer.status_code, answer.get_json(silent=True)
